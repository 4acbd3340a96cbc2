/** The page's end of the bench's worker. */
import type { BenchRequest, FromBench } from './bench-protocol';
import { connect, type WorkerClient, type WorkerListener } from './connect';

/** Starts a worker that measures what it is sent. */
export const startBenchWorker = (listener: WorkerListener<FromBench>): WorkerClient<BenchRequest> =>
  connect<BenchRequest, FromBench>(new Worker(new URL('./bench-entry.ts', import.meta.url), { type: 'module' }), listener);
