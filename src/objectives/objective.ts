/**
 * The contract of an objective. It never sees the model: only per-token log-probabilities of rows under the policy and
 * the reference, and what is known about the rows.
 */
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { DataKind, Family } from '../core/catalogue';
import type { MetricSpec } from '../core/charts';
import type { RatioLevel } from '../core/diagnosis';
import type { ParamSpecs, ValuesOf } from '../core/params';
import type { Training } from '../core/spec';

/** What is known about the rows besides their log-probabilities. R rows of T tokens. */
export interface BatchByKind {
  /** One row each. */
  demonstrations: Record<never, never>;
  /** R = 2 P rows: all chosen, then all rejected, in the same order; `margins` [P] by how much the labeller preferred, 0 if unknown. */
  preferences: { readonly margins: Tensor1D };
  /**
   * R = 2 N rows: N judged completions, `labels` [N] 1 where desirable and 0 where not, then the same prompts each with the
   * completion of another: samples for an estimate of the KL.
   */
  unpaired: { readonly labels: Tensor1D };
  /** Rows of one prompt lie together, `group` at a time. */
  rollouts: {
    readonly oldLogp: Tensor2D;
    readonly advantages: Tensor2D;
    readonly rewards: Tensor1D;
    readonly group: number;
    /** [R, T] What the value head should say, and what it said when the sample was drawn; only with a head. */
    readonly returns?: Tensor2D;
    readonly oldValues?: Tensor2D;
    /** [R, T] A random number in [0, 1) for each token, new at every step; only where the objective asks for draws. */
    readonly draws?: Tensor2D;
  };
  /** R = 2 P rows: P samples of the policy, then P of its opponent; `wins` [P] is 1 where the policy's is better, .5 for a tie. */
  duels: { readonly wins: Tensor1D };
  /** R = N n n rows, n = `group` principles: row (q n + i) n + j is the j-th response of question q under principle i. */
  contrasts: { readonly group: number };
  /** R = 3 N rows: all texts, then all chosen options, then all rejected; `same` [N] is 1 where both options are one. */
  augmented: { readonly same: Tensor1D };
}

/**
 * Counts over the whole batch, of which the rows at hand may be one micro-batch. A loss divides by these, so that the
 * losses of all micro-batches add up to the batch's loss. What changes from batch to batch may be on the device, so that
 * the loss stays the same computation.
 */
export interface Totals<N extends number | Scalar = number | Scalar> {
  readonly rows: number;
  /** Unmasked tokens; at least 1 where it is a tensor. */
  readonly tokens: N;
  /** Unmasked tokens of chosen rows; equal to `tokens` where nothing is chosen or rejected. */
  readonly chosenTokens: N;
}

export interface LossInput<K extends DataKind, P> {
  /** [R, T] log-probability of each token under the policy; differentiable. 0 where masked. */
  readonly logp: Tensor2D;
  /** [R, T] the same under the reference; null where the objective does not need it. */
  readonly refLogp: Tensor2D | null;
  /** [R, T] entropy of the policy's next-token distribution, in nats; differentiable. */
  readonly entropy: Tensor2D;
  /** [R, T] 1 on completion tokens, else 0. */
  readonly mask: Tensor2D;
  /** What the head says, for an objective that asks for one; else null. */
  readonly head: HeadOutput | null;
  /** [S] sums that the objective carries from step to step, as they stood before this one; null where it carries none. */
  readonly carried: Tensor1D | null;
  readonly batch: BatchByKind[K];
  readonly totals: Totals;
  readonly params: P;
}

/** The scalar head of a policy on the rows; differentiable. */
export interface HeadOutput {
  /** [R, T] value of the state in which each token is chosen, 0 where masked. */
  readonly values: Tensor2D;
  /** [R] the head after the last token of the completion: the score of a reward model. */
  readonly scores: Tensor1D;
}

/** The scalar to minimise and named scalars to chart, each a sum over the rows at hand divided by a total. */
export interface LossOutput<D extends string> {
  readonly loss: Scalar;
  readonly diagnostics: Record<D, Scalar>;
  /** The parts of the loss by name, where it has several; they add up to it. */
  readonly terms?: Readonly<Record<string, Scalar>>;
  /** What this batch adds to each of the sums that are carried, [S]. */
  readonly carry?: readonly Scalar[];
}

/** Scored samples, before any gradient step on them. */
export interface AdvantageInput<P> {
  /** [R] */
  readonly rewards: Tensor1D;
  readonly group: number;
  /** [R, T] */
  readonly mask: Tensor2D;
  readonly oldLogp: Tensor2D;
  readonly refLogp: Tensor2D | null;
  /** [R, T] what the value head said; null where the objective asks for no head. */
  readonly values: Tensor2D | null;
  /** [R, T] the teachers' mean log-probability of each token, weighted as the objective says; null without teachers. */
  readonly teacherLogp: Tensor2D | null;
  /** [R] what the policy's most probable completion of each row's prompt earned; null unless the baseline is greedy. */
  readonly rewardBaselines: Tensor1D | null;
  /** Rewards of this stage before these samples. */
  readonly seen: { readonly count: number; readonly mean: number };
  readonly params: P;
}

/** The exact problem, for the closed form. */
export interface ExactProblem<P> {
  /** Probabilities of all completions under the reference. */
  readonly reference: readonly number[];
  readonly reward: readonly number[];
  readonly params: P;
  /** Samples per prompt. */
  readonly group: number;
  /** Probabilities of all completions under each teacher; empty without teachers. */
  readonly teachers: readonly (readonly number[])[];
}

/** A registry entry of `src/objectives/`. */
export interface Objective<K extends DataKind = DataKind, S extends ParamSpecs = ParamSpecs, D extends string = string> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly paper?: { readonly title: string; readonly url: string };
  /** TeX. */
  readonly formula: string;
  readonly data: K;
  readonly family: Family;
  /** Where frameworks differ from each other and from this, in sentences for the reader. */
  readonly differs?: string;
  /** It learns from scored samples even where the world has examples of its own. */
  readonly samplesOnly?: boolean;
  /** Settings of a stage that are part of it: what they are unless told otherwise. */
  readonly training?: Readonly<Partial<Training>>;
  readonly params: S;
  readonly diagnostics: Readonly<Record<D, MetricSpec>>;
  needsReference(params: ValuesOf<S>): boolean;
  /** Whether the policy has to have a scalar head; absent: no. */
  needsHead?(params: ValuesOf<S>): boolean;
  /** Weights of the teachers, which are the policies at the end of as many stages just before this one; absent: none. */
  teachers?(params: ValuesOf<S>): readonly number[];
  /** Only for `duels`: the opponent is drawn from policy^(1 - w) reference^w; returns w, 1 for the reference itself. */
  opponent?(params: ValuesOf<S>): number;
  /** Only for `rollouts`: each prompt's most probable completion is drawn and scored beside the samples, for advantages to compare with. */
  readonly baseline?: 'greedy';
  /** Only for `rollouts`: its loss chooses among tokens at random, by a number that each is given at every step. */
  readonly draws?: true;
  /** Its loss is no sum over rows, as where it compares with a mean over the batch: the batch is then never cut. */
  readonly wholeBatch?: boolean;
  /** What each of the sums that it carries begins with, [S]; absent: none. */
  readonly carries?: readonly number[];
  /** Only for `augmented`: whether the chosen option is scored after the prompt that holds the text. */
  chosenSeesText?(params: ValuesOf<S>): boolean;
  loss(input: LossInput<K, ValuesOf<S>>): LossOutput<D>;
  /** [R, T] advantages of scored samples; only for `rollouts`. */
  advantages?(input: AdvantageInput<ValuesOf<S>>): Tensor2D;
  /** Only for `rollouts`: what has a ratio to the policy that drew the samples. Absent: each token. */
  ratioLevel?(params: ValuesOf<S>): RatioLevel;
  /** Only for `rollouts`: where the ratio is clipped. Absent: `epsilon` below and `epsilon_high` above 1, where it has them. */
  ratioBounds?(params: ValuesOf<S>): { readonly low: number; readonly high: number };
  /** [R, T] what the value head should say of scored samples; only with a head. */
  returns?(input: AdvantageInput<ValuesOf<S>>): Tensor2D;
  /** The distribution that the objective converges to with exact expectations, where there is a closed form. */
  optimum?(problem: ExactProblem<ValuesOf<S>>): number[] | null;
}

/** Gives an objective its literal types where it is written. */
export const defineObjective = <const K extends DataKind, const S extends ParamSpecs, const D extends string>(
  objective: Objective<K, S, D>,
): Objective<K, S, D> => objective;
