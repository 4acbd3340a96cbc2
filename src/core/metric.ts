/** Metrics that are computed from what a run shows: samples, an exact distribution, or θ itself. */
import type { MetricSpec } from './charts';
import type { Layout } from './layout';
import type { Completion, Example, WorldInstance } from './world';

/** Completions of held-out prompts; those of one prompt lie together. */
export interface SampleSet {
  readonly world: WorldInstance;
  readonly examples: readonly Example[];
  /** [prompts][samples of the prompt] */
  readonly completions: readonly (readonly Completion[])[];
  readonly correct: readonly (readonly boolean[])[];
}

/** Probabilities over the same enumerated completions. */
export interface DistributionPair {
  readonly policy: readonly number[];
  readonly reference: readonly number[];
}

/** θ at the start of the run and now. */
export interface ThetaPair {
  readonly layout: Layout;
  readonly start: Float32Array;
  readonly now: Float32Array;
}

interface MetricOf<Kind extends string, Input> extends MetricSpec {
  readonly id: string;
  readonly of: Kind;
  /** NaN where the metric has no meaning for this input. */
  compute(input: Input): number;
}

export type SampleMetric = MetricOf<'samples', SampleSet>;
export type DistributionMetric = MetricOf<'distribution', DistributionPair>;
export type ThetaMetric = MetricOf<'theta', ThetaPair>;

/** A registry entry of `src/metrics/`. */
export type Metric = SampleMetric | DistributionMetric | ThetaMetric;
