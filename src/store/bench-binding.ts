/** The one bench of the page, and the thin binding to React. */
import { useStore } from 'zustand';
import { startBenchWorker } from '../worker/bench-client';
import { type BenchState, createBench } from './bench';

export const bench = createBench({ connect: startBenchWorker, now: () => performance.now() });

/** A part of the bench's state; the component is drawn again when it changes. */
export const useBench = <T>(selector: (state: BenchState) => T): T => useStore(bench.store, selector);
