/** The messages between the page and the bench's worker: one request, and what is known so far. */
import type { BenchResult, EngineId, WorkloadId } from '../core/bench';

/** Sent once, as the first message. The bench is stopped by ending the worker. */
export interface BenchRequest {
  readonly workloads: readonly WorkloadId[];
  /** Engines beside the lab's own. */
  readonly others: readonly Exclude<EngineId, 'lab'>[];
  /** Timed rounds of each workload. */
  readonly rounds: number;
  /** Whether to measure how a training step grows. */
  readonly growth: boolean;
  /** The browser in words, and the page's address: they go into the result. */
  readonly runtime: string;
  readonly address: string;
}

export type FromBench =
  /** A fraction in [0, 1] of the whole, and what is being done. */
  | { readonly type: 'progress'; readonly done: number; readonly text: string }
  /** Everything measured so far, also as a table in plain text. */
  | { readonly type: 'result'; readonly result: BenchResult; readonly table: string }
  /** A workload that could not be measured; the next one is tried. */
  | { readonly type: 'problem'; readonly message: string }
  | { readonly type: 'done' }
  /** Nothing more can be measured. */
  | { readonly type: 'failed'; readonly message: string };
