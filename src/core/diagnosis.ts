/** A closer look at what a run has just learnt from: its last batch and samples, as plain small arrays for the page. */
import type { DataKind } from './catalogue';

/** Counts of values between edges. What lies beyond the first or the last edge is counted in the bin next to it. */
export interface Histogram {
  /** Ascending, one more than there are bins. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Values in all; 0 leaves the mean at 0. */
  readonly count: number;
  readonly mean: number;
}

/** Pairs of the batch: a completion that is to become more likely, and one that is to become less so. */
export interface PairsSeen {
  /** What the numbers are: log-ratios to the reference, or log-probabilities of an objective that has none; in nats, summed over tokens. */
  readonly measure: 'log-ratio' | 'log-probability';
  /** The same edges for both. Of single judgements, the desirable and the undesirable completions. */
  readonly chosen: Histogram;
  readonly rejected: Histogram;
  /** Chosen minus rejected, pair by pair, one edge at 0; null where completions are judged one by one. */
  readonly margins: Histogram | null;
  /** Share of pairs with a margin above 0; null with the margins. */
  readonly ahead: number | null;
  /** Pairs that are left out: duels without a winner, questions whose two options are one. */
  readonly ties: number;
}

/** Whose ratio is clipped: of a token, of a whole completion, or of a completion as the geometric mean of its tokens. */
export type RatioLevel = 'token' | 'completion' | 'mean';

/** Ratios of the policy to the one that drew the samples. */
export interface RatiosSeen {
  readonly level: RatioLevel;
  readonly histogram: Histogram;
  /** Where the objective clips, and the shares that carry no gradient there; null where it does not clip. */
  readonly clip: {
    readonly low: number;
    readonly high: number;
    /** Ratios below `low` with a negative advantage, and above `high` with a positive one. */
    readonly lowShare: number;
    readonly highShare: number;
  } | null;
}

/** One completion: what it earned, and how much more likely it is than under the reference. */
export interface RewardPoint {
  readonly reward: number;
  /** Log-ratio to the reference summed over the completion: k1, in nats. */
  readonly kl: number;
}

/** Scored samples of the batch. */
export interface RolloutsSeen {
  readonly ratios: RatiosSeen;
  /** Of each completion, the mean over its tokens. */
  readonly advantages: Histogram;
  /** Completions whose advantage is 0: they carry no gradient. */
  readonly withoutAdvantage: number;
  /** A few dozen at most. */
  readonly points: readonly RewardPoint[];
}

/** How the samples of one prompt turned out. */
export interface GroupsSeen {
  readonly size: number;
  /** Standard deviation of the reward within each group, with n - 1. */
  readonly std: Histogram;
  /** Groups whose rewards are all equal: they carry no gradient where the group's mean is the baseline. */
  readonly withoutSpread: number;
  /** By the world's own verdict. */
  readonly right: number;
  readonly wrong: number;
  readonly mixed: number;
}

/** Lengths of completions in tokens, with the end token, on the same edges. */
export interface LengthsSeen {
  /** Of those that ended by themselves. */
  readonly right: Histogram;
  readonly wrong: Histogram;
  /** Of those that the length limit cut off, right or wrong. */
  readonly truncated: Histogram;
}

/** One completion that was trained on. */
export interface TrainedSample {
  readonly prompt: string;
  readonly completion: string;
  readonly reward: number;
  /** By the world's own rule. */
  readonly trueReward: number;
  readonly correct: boolean;
  /** Mean over the tokens; null for an objective without advantages. */
  readonly advantage: number | null;
  readonly length: number;
  readonly truncated: boolean;
}

/** The samples that the stage learns from, as they were last drawn. */
export interface PoolSeen {
  /** Step of the stage before which they were drawn. */
  readonly drawnAt: number;
  readonly groups: GroupsSeen;
  readonly lengths: LengthsSeen;
  /** The first few. */
  readonly samples: readonly TrainedSample[];
}

/** The batch is that of the last step, looked at with the policy after it. */
export interface Diagnosis {
  readonly stage: number;
  readonly data: DataKind;
  /** Objectives that compare completions. */
  readonly pairs: PairsSeen | null;
  readonly rollouts: RolloutsSeen | null;
  /** Of demonstrations: probability of each demonstrated token. */
  readonly likelihood: Histogram | null;
  /** Of scored samples; null also where a run was taken up and has not drawn again. */
  readonly pool: PoolSeen | null;
  /** Gradient norm of each part of the loss, where it has several. */
  readonly terms: Readonly<Record<string, number>> | null;
}
