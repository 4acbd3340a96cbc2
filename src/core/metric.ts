/** Metrics that are computed from what a run shows: samples, an exact distribution, or θ itself. */
import type { MetricSpec } from './charts';
import type { Completion, Example, WorldInstance } from './world';

/** Log-probability of one sampled completion under the policy that wrote it and under the reference: sums over its tokens, in nats. */
export interface Likelihood {
  readonly policy: number;
  readonly reference: number;
}

/** Completions of held-out prompts; those of one prompt lie together. */
export interface SampleSet {
  readonly world: WorldInstance;
  readonly examples: readonly Example[];
  /** [prompts][samples of the prompt] */
  readonly completions: readonly (readonly Completion[])[];
  readonly correct: readonly (readonly boolean[])[];
  /** Absent where the completions were not scored. */
  readonly likelihood?: readonly (readonly Likelihood[])[];
}

/** Probabilities over the same enumerated completions. */
export interface DistributionPair {
  readonly policy: readonly number[];
  readonly reference: readonly number[];
}

/** How far one slice of θ has moved since the start of the run. */
export interface SliceMovement {
  readonly name: string;
  /** Number of weights. */
  readonly size: number;
  /** Weights that differ by more than each tolerance of `metrics/movement`; the first, 0, counts any difference. */
  readonly f32: readonly number[];
  /** The same once the weights before and after are rounded to bf16. */
  readonly bf16: readonly number[];
  /** Euclidean length of the difference. Infinite, as the largest differences are, once a weight is no longer a finite number. */
  readonly l2: number;
  /** Largest difference of a weight. */
  readonly max: number;
  /** Largest difference of a weight rounded to bf16. */
  readonly maxBf16: number;
}

/** Rank of the update of one weight matrix. */
export interface UpdateRank {
  readonly name: string;
  /** Rank over the smaller side, of the difference of the f32 weights. NaN once a weight is no longer a finite number. */
  readonly f32: number;
  /** The same of the weights rounded to bf16. */
  readonly bf16: number;
  /** Squared Frobenius norm over the largest squared singular value, f32. NaN where nothing has changed. */
  readonly stable: number;
}

/** What has become of θ since the start of the run. */
export interface Movement {
  /** In the layout's order. */
  readonly slices: readonly SliceMovement[];
  /** Of the weight matrices; null where it was not measured. */
  readonly ranks: readonly UpdateRank[] | null;
}

interface MetricOf<Kind extends string, Input> extends MetricSpec {
  readonly id: string;
  readonly of: Kind;
  /** NaN where the metric has no meaning for this input. */
  compute(input: Input): number;
}

export type SampleMetric = MetricOf<'samples', SampleSet>;
export type DistributionMetric = MetricOf<'distribution', DistributionPair>;
export type ThetaMetric = MetricOf<'theta', Movement>;

/** A registry entry of `src/metrics/`. */
export type Metric = SampleMetric | DistributionMetric | ThetaMetric;
