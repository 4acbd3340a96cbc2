/** What the bench reports, as plain JSON: the same from the command line and from the page. */

/** The engines that are timed beside each other. */
export type EngineId = 'lab' | 'tfjs' | 'jax';

/** The workloads, in the order in which they are shown. */
export const WORKLOADS = ['train-2x64', 'train-4x128', 'rollout-2x64', 'rollout-4x128', 'mlp-bandit', 'grpo-step'] as const;

export type WorkloadId = (typeof WORKLOADS)[number];

/** One engine at one workload. Counts are those of a step after warm-up, without the reading of its loss; times are medians over interleaved rounds. */
export interface EngineFigures {
  readonly dispatches: number;
  readonly submits: number;
  readonly bytesUploaded: number;
  readonly bytesReadBack: number;
  /** Times that the host waited for memory of the device. */
  readonly readBacks: number;
  /** Milliseconds of JavaScript until the step's last command was handed in, without the waiting for read-backs. */
  readonly encodeMs: number;
  /** Milliseconds per step until the device was done, of the steps of a round, which follow one another without waiting. */
  readonly stepMs: number;
  /** Fastest and slowest round. */
  readonly stepMsRange: readonly [number, number];
  /** The first step, with whatever it compiled. */
  readonly firstStepMs: number;
  readonly tokensPerSecond: number;
}

export interface WorkloadResult {
  readonly name: WorkloadId;
  readonly engines: { readonly lab: EngineFigures } & Readonly<Partial<Record<EngineId, EngineFigures>>>;
  /** Median over rounds of the other engine's time divided by the lab's, both taken in the same round. */
  readonly ratio: Readonly<Partial<Record<Exclude<EngineId, 'lab'>, number>>>;
}

/** One point of the growth curves. */
export interface GrowthPoint {
  readonly value: number;
  readonly stepMs: number;
  /** Floating-point operations of a step, counted from the sizes. */
  readonly flops: number;
}

/** How a training step grows with one size while the others keep theirs. */
export interface GrowthCurve {
  readonly axis: 'width' | 'layers' | 'length' | 'batch';
  readonly points: readonly GrowthPoint[];
}

export interface BenchResult {
  readonly version: 1;
  /** ISO date */
  readonly date: string;
  /** The adapter as it calls itself, with its driver where it says. */
  readonly adapter: string;
  /** `Node 20.19, Dawn` or the browser. */
  readonly runtime: string;
  /** What was typed, or the page's address. */
  readonly command: string;
  readonly rounds: number;
  readonly workloads: readonly WorkloadResult[];
  readonly growth?: readonly GrowthCurve[];
}
