/** What a run reports, as plain serialisable data. */
import type { Diagnosis } from './diagnosis';
import type { Layout } from './layout';
import type { RunSpec } from './spec';

/** Why a run ended badly. */
export type FailureKind = 'bad-spec' | 'diverged' | 'device-lost' | 'out-of-memory' | 'gpu-error' | 'own-code' | 'internal';

/** One sampled completion, as the sample table shows it. */
export interface Sample {
  readonly prompt: string;
  readonly completion: string;
  readonly answer: string | null;
  /** The reward that is trained on (the true reward where nothing is scored). */
  readonly reward: number;
  readonly correct: boolean;
  readonly ended: boolean;
}

/** Everything needed to go on bit for bit. Typed arrays travel by structured clone. */
export interface Checkpoint {
  readonly spec: RunSpec;
  /** How the vectors below lie; absent where the checkpoint was kept before this was noted. */
  readonly layout?: Layout;
  /** Steps taken, over all stages. */
  readonly step: number;
  readonly stage: number;
  /** Steps taken in this stage. */
  readonly stageStep: number;
  /** θ, both Adam moments, θ at the start of the stage (the reference) and of the run; each [layout.size]. */
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly reference: Float32Array;
  readonly start: Float32Array;
  /** Samples that the stage is still learning from; null where there are none. */
  readonly pool: SamplePool | null;
  /** θ that samples are drawn from, where it is not that of the moment; null where it is. */
  readonly sampler: { readonly theta: Float32Array /** Step of the stage that it is of. */; readonly since: number } | null;
  /** θ at the end of those stages that a later one learns from, by stage. */
  readonly ends: Readonly<Record<number, Float32Array>>;
  /** What the stage's objective carries from step to step; null where nothing. */
  readonly carried: Float32Array | null;
  /** Rewards of this stage: how many, and their mean. */
  readonly seen: { readonly count: number; readonly mean: number };
  /** Completions scored so far. */
  readonly rewardQueries: number;
  /** Completion tokens trained on so far. */
  readonly tokens: number;
}

/** Scored samples: rows of one prompt lie together. */
export interface SamplePool {
  /** Rows, and tokens in a row. */
  readonly rows: number;
  readonly length: number;
  readonly group: number;
  /** [rows, length] */
  readonly tokens: Int32Array;
  /** [rows, length], 1 on completion tokens. */
  readonly mask: Float32Array;
  /** [rows, length] log-probability when sampled. */
  readonly logp: Float32Array;
  /** [rows] */
  readonly rewards: Float32Array;
  /** [rows, length]; empty until an objective that wants advantages has computed them. */
  readonly advantages: Float32Array;
  /** [rows, length] what the value head said and what it should say; only with a head. */
  readonly values?: Float32Array;
  readonly returns?: Float32Array;
  /** Step at which the pool was drawn: keys the order in which it is used. */
  readonly drawnAt: number;
}

/** How each slice of θ has changed since the start of the run. */
export interface SlicesShown {
  readonly names: readonly string[];
  /** Fraction of its weights that differ at all. */
  readonly f32: readonly number[];
  /** Fraction of its weights that differ by more than 1e-5 once rounded to bf16. */
  readonly bf16: readonly number[];
  /** Euclidean distance from the start. */
  readonly l2: readonly number[];
  /** Largest difference of a weight. */
  readonly max: readonly number[];
  readonly curve: ToleranceCurve;
}

/** Fractions of all weights that differ by more than each tolerance; the first tolerance is 0. */
export interface ToleranceCurve {
  readonly tolerances: readonly number[];
  readonly f32: readonly number[];
  readonly bf16: readonly number[];
}

export type RunEvent =
  | { readonly type: 'started'; readonly totalSteps: number; readonly parameters: number }
  /** So many of the policy's shaders are compiled. */
  | { readonly type: 'preparing'; readonly done: number; readonly total: number }
  /** The start has been looked at, or a checkpoint taken up; the next thing is a step. */
  | { readonly type: 'opened'; readonly step: number }
  /** One optimisation step has been handed to the device, and what it had to show has been said. */
  | { readonly type: 'step'; readonly step: number; readonly stage: number }
  /** Columns of one length; NaN where a metric was not measured at that step. */
  | { readonly type: 'metrics'; readonly steps: readonly number[]; readonly columns: Readonly<Record<string, readonly number[]>> }
  | { readonly type: 'samples'; readonly step: number; readonly samples: readonly Sample[] }
  | {
      readonly type: 'distribution';
      readonly step: number;
      readonly labels: readonly string[];
      readonly policy: readonly number[];
      readonly reference: readonly number[];
      readonly reward: readonly number[];
      /** The objective's closed-form optimum, where it has one. */
      readonly optimum: readonly number[] | null;
    }
  | ({ readonly type: 'slices'; readonly step: number } & SlicesShown)
  /** At every look but the first, which no step comes before. */
  | { readonly type: 'diagnosis'; readonly step: number; readonly diagnosis: Diagnosis }
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly type: 'finished'; readonly step: number };

/** A run that cannot go on, with the sentence for the reader. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
  }
}

/** Numbers to log at a step, and events to show. */
export interface EvaluationResult {
  readonly metrics: Readonly<Record<string, number>>;
  readonly events: readonly RunEvent[];
}
