/** DPO under other divergences: the log-ratio of a completion is replaced by f' of its ratio. */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LossInput, LossOutput } from './objective';
import { AGAINST_REFERENCE, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/** The paper of all of them. */
export const F_DPO = {
  ...AGAINST_REFERENCE,
  paper: {
    title: 'Beyond Reverse KL: Generalizing Direct Preference Optimization with Diverse Divergence Constraints',
    url: 'https://arxiv.org/abs/2309.16240',
  },
} as const;

/**
 * L = mean over pairs of -log sigmoid(beta (f'(e^{s_w}) - f'(e^{s_l}))): DPO with the reward that an f-divergence of the policy to the
 * reference implies. Diagnostics are of s itself, as in TRL.
 * @param score f' of a ratio, given its logarithm s [P]
 */
export function fDivergence(
  score: (s: Tensor1D) => Tensor1D,
  input: LossInput<'preferences', { readonly beta: number }>,
  objective: string,
): LossOutput<keyof (typeof AGAINST_REFERENCE)['diagnostics']> {
  const pairs = logRatios(input, objective);
  const margin = tf.mul<Tensor1D>(input.params.beta, tf.sub(score(pairs.sChosen), score(pairs.sRejected))); // [P]
  return meanOfPairs(tf.neg(logSigmoid(margin)), pairs, input);
}
