/**
 * The algebra of single judgements: R = 2 N rows, N judged completions, then the same prompts each with the completion of another.
 * Labels are 1 for desirable and 0 for undesirable.
 */
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY, IMPLICIT_REWARDS, LOGPS, LOGRATIOS } from './diagnostics';
import type { LossInput } from './objective';
import { halves, meanOver, required, sequenceSum } from './terms';

export interface Judged {
  /** N, of the whole batch. */
  readonly count: number;
  /** 1 where desirable, and 1 where undesirable. */
  readonly desirable: Tensor1D; // [N]
  readonly undesirable: Tensor1D; // [N]
  /** Log-probabilities, and log-ratios to the reference, summed over tokens. */
  readonly logps: Tensor1D; // [N]
  readonly s: Tensor1D; // [N]
  /** The log-ratios of the mismatched completions. */
  readonly mismatched: Tensor1D; // [N]
}

type JudgedInput = LossInput<'unpaired', { readonly beta: number }>;

/** @throws Error that names the objective where the reference is missing */
export function judged({ logp, refLogp, mask, totals, batch: { labels } }: JudgedInput, objective: string): Judged {
  const sums = sequenceSum(logp, mask); // [2N]
  const ratios = tf.sub<Tensor1D>(sums, sequenceSum(required(refLogp, objective), mask)); // [2N]
  const [logps] = halves(sums); // [N]
  const [s, mismatched] = halves(ratios); // [N], [N]
  return { count: totals.rows / 2, desirable: labels, undesirable: tf.sub(1, labels), logps, s, mismatched };
}

/**
 * What an objective of single judgements has in common with its kind. The loss of one row depends on the others of the batch.
 */
export const JUDGED = {
  data: 'unpaired',
  family: 'unpaired',
  diagnostics: { ...IMPLICIT_REWARDS, ...LOGPS, ...LOGRATIOS, entropy: ENTROPY },
  needsReference: () => true,
  wholeBatch: true,
} as const;

/** How much either side counts, under TRL's names. */
export const JUDGED_WEIGHTS = {
  desirable_weight: number({
    title: 'Weight, desirable',
    help: 'Weight of desirable completions.',
    default: 1,
    min: 0,
    max: 10,
    step: 0.1,
  }),
  undesirable_weight: number({
    title: 'Weight, undesirable',
    help: 'Weight of undesirable completions. Weight times count should be about the same on both sides.',
    default: 1,
    min: 0,
    max: 10,
    step: 0.1,
  }),
} as const;

/** What TRL logs: means over the desirable and over the undesirable completions; no number where the batch has none of them. */
export function judgedDiagnostics(
  { desirable, undesirable, logps, s }: Judged,
  { entropy, mask, totals, params: { beta } }: JudgedInput,
): Record<keyof (typeof JUDGED)['diagnostics'], Scalar> {
  const meanOf = (x: Tensor1D, which: Tensor1D): Scalar => tf.div(tf.sum(tf.mul(x, which)), tf.sum(which)); // []
  const chosen = meanOf(s, desirable); // []
  const rejected = meanOf(s, undesirable); // []
  const [judgedEntropy] = halves(sequenceSum(entropy, mask)); // [N]
  return {
    'rewards/chosen': tf.mul(beta, chosen), // []
    'rewards/rejected': tf.mul(beta, rejected), // []
    'rewards/margins': tf.mul(beta, tf.sub(chosen, rejected)), // []
    'logps/chosen': meanOf(logps, desirable), // []
    'logps/rejected': meanOf(logps, undesirable), // []
    'logratios/chosen': chosen,
    'logratios/rejected': rejected,
    entropy: meanOver(judgedEntropy, totals.chosenTokens), // []
  };
}
