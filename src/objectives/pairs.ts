/**
 * The algebra of pairs: R = 2 P rows, all chosen, then all rejected. With s = log pi(y) - log pi_ref(y) summed over the
 * completion's tokens, s_w that of the chosen and s_l that of the rejected completion, D = s_w - s_l.
 */
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type NumberParam, number } from '../core/params';
import { ENTROPY, IMPLICIT_REWARDS, LOGPS, LOGRATIOS, NLL_LOSS, PAIR_ACCURACY } from './diagnostics';
import type { LossInput, LossOutput } from './objective';
import { fractionPositive, halves, meanOver, required, sequenceSum, tokenMean } from './terms';

/** The strength of all objectives that compare with the reference. TRL's default. */
export const BETA = number({
  title: 'Beta',
  help: 'How strongly the policy is held to the reference: the implicit reward is beta times the log-ratio.',
  default: 0.1,
  min: 0.001,
  max: 10,
  scale: 'log',
});

/** The probability that a label is wrong, under TRL's name for it. */
export const smoothing = (range: { readonly default: number; readonly min: number; readonly max: number }): NumberParam =>
  number({ title: 'Label smoothing', help: 'The probability that a label is the wrong way round.', ...range });

/** How far the policy's pairs are from the reference. */
export interface LogRatios {
  /** P, of the whole batch. */
  readonly count: number;
  /** Log-probabilities, summed over tokens. */
  readonly chosen: Tensor1D; // [P]
  readonly rejected: Tensor1D; // [P]
  /** s_w, s_l and D. */
  readonly sChosen: Tensor1D; // [P]
  readonly sRejected: Tensor1D; // [P]
  readonly difference: Tensor1D; // [P]
}

type PairInput = LossInput<'preferences', { readonly beta: number }>;

/** @throws Error that names the objective where the reference is missing */
export function logRatios({ logp, refLogp, mask, totals }: PairInput, objective: string): LogRatios {
  const [chosen, rejected] = halves(sequenceSum(logp, mask)); // [P], [P]
  const [refChosen, refRejected] = halves(sequenceSum(required(refLogp, objective), mask)); // [P], [P]
  const sChosen = tf.sub<Tensor1D>(chosen, refChosen); // [P]
  const sRejected = tf.sub<Tensor1D>(rejected, refRejected); // [P]
  return { count: totals.rows / 2, chosen, rejected, sChosen, sRejected, difference: tf.sub(sChosen, sRejected) };
}

/** s_w / len_w - s_l / len_l: log-ratios per token. */
export function differencePerToken(pairs: LogRatios, { mask }: PairInput): Tensor1D {
  const [chosenLength, rejectedLength] = halves(tf.maximum<Tensor1D>(tf.sum(mask, 1), 1)); // [P], [P]
  return tf.sub(tf.div(pairs.sChosen, chosenLength), tf.div(pairs.sRejected, rejectedLength)); // [P]
}

/** Mean negative log-likelihood of the chosen completions' tokens. */
export function chosenLikelihood({ logp, mask, totals }: LossInput<'preferences', unknown>): Scalar {
  const [chosen] = halves(sequenceSum(logp, mask)); // [P]
  return tf.neg(meanOver(chosen, totals.chosenTokens)); // []
}

/** What an objective that compares pairs with the reference has in common with its kind. */
export const AGAINST_REFERENCE = {
  data: 'preferences',
  family: 'preference',
  diagnostics: { ...IMPLICIT_REWARDS, 'rewards/accuracies': PAIR_ACCURACY, ...LOGPS, ...LOGRATIOS, entropy: ENTROPY },
  needsReference: () => true,
} as const;

/**
 * What TRL's `DPOTrainer` logs whatever its loss: `rewards/*` are beta s, `logps/*` means of sums. `logratios/*` are s
 * itself, which TRL leaves out.
 */
export function ratioDiagnostics(
  { chosen, rejected, sChosen, sRejected, difference, count }: LogRatios,
  { entropy, mask, totals, params: { beta } }: PairInput,
): Record<keyof (typeof AGAINST_REFERENCE)['diagnostics'], Scalar> {
  return {
    'rewards/chosen': meanOver(tf.mul(beta, sChosen), count), // []
    'rewards/rejected': meanOver(tf.mul(beta, sRejected), count), // []
    'rewards/margins': meanOver(tf.mul(beta, difference), count), // []
    'rewards/accuracies': fractionPositive(difference, count), // []
    'logps/chosen': meanOver(chosen, count), // []
    'logps/rejected': meanOver(rejected, count), // []
    'logratios/chosen': meanOver(sChosen, count), // []
    'logratios/rejected': meanOver(sRejected, count), // []
    entropy: tokenMean(entropy, mask, totals), // []
  };
}

/** The mean of one loss per pair [P], and the diagnostics of the pairs. */
export function meanOfPairs(
  losses: tf.Tensor,
  pairs: LogRatios,
  input: PairInput,
): LossOutput<keyof (typeof AGAINST_REFERENCE)['diagnostics']> {
  return { loss: meanOver(losses, pairs.count), diagnostics: ratioDiagnostics(pairs, input) };
}

/** What an objective of pairs without a reference has in common with its kind. */
export const WITHOUT_REFERENCE = {
  data: 'preferences',
  family: 'preference',
  diagnostics: { ...IMPLICIT_REWARDS, 'rewards/accuracies': PAIR_ACCURACY, ...LOGPS, nll_loss: NLL_LOSS, entropy: ENTROPY },
  needsReference: () => false,
} as const;

/**
 * A loss of pairs and alpha times the mean negative log-likelihood of the chosen completions, as `CPOTrainer` adds them up.
 * @param chosen [P] as `likelihoodDiagnostics` takes it
 * @param rejected [P]
 */
export function plusLikelihood(
  losses: tf.Tensor,
  alpha: number,
  [chosen, rejected]: readonly [Tensor1D, Tensor1D],
  input: PairInput,
): LossOutput<keyof (typeof WITHOUT_REFERENCE)['diagnostics']> {
  const pairs = meanOver(losses, input.totals.rows / 2); // []
  const likelihood = chosenLikelihood(input); // []
  const sft = tf.mul<Scalar>(alpha, likelihood); // []
  return { loss: tf.add(pairs, sft), terms: { pairs, sft }, diagnostics: likelihoodDiagnostics(chosen, rejected, likelihood, input) };
}

/**
 * What TRL's trainers without a reference log: `rewards/*` are beta times the log-probabilities that the loss compares.
 * @param chosen [P] log-probability of chosen completions, summed or mean over tokens as the objective has it
 * @param rejected [P]
 */
export function likelihoodDiagnostics(
  chosen: Tensor1D,
  rejected: Tensor1D,
  nll: Scalar,
  { entropy, mask, totals, params: { beta } }: PairInput,
): Record<keyof (typeof WITHOUT_REFERENCE)['diagnostics'], Scalar> {
  const count = totals.rows / 2;
  const difference = tf.sub<Tensor1D>(chosen, rejected); // [P]
  return {
    'rewards/chosen': meanOver(tf.mul(beta, chosen), count), // []
    'rewards/rejected': meanOver(tf.mul(beta, rejected), count), // []
    'rewards/margins': meanOver(tf.mul(beta, difference), count), // []
    'rewards/accuracies': fractionPositive(difference, count), // []
    'logps/chosen': meanOver(chosen, count), // []
    'logps/rejected': meanOver(rejected, count), // []
    nll_loss: nll,
    entropy: tokenMean(entropy, mask, totals), // []
  };
}
