/** AOT on pairs: the margins of the policy, sorted, against those of the reference, sorted. */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs, smoothing } from './pairs';
import { logSigmoid, sorted } from './terms';

/** What both forms have in common. */
export const AOT = {
  ...AGAINST_REFERENCE,
  wholeBatch: true,
  paper: {
    title: 'Distributional Preference Alignment of LLMs via Optimal Transport',
    url: 'https://arxiv.org/abs/2406.05882',
  },
  params: { beta: BETA, label_smoothing: smoothing({ default: 0, min: 0, max: 0.5 }) },
} as const;

/** -(1 - e) log sigmoid(beta x) - e log sigmoid(-beta x), [P]. */
export function smoothed(
  x: Tensor1D,
  { beta, label_smoothing: wrong }: { readonly beta: number; readonly label_smoothing: number },
): Tensor1D {
  const margin = tf.mul<Tensor1D>(beta, x); // [P]
  return tf.neg(tf.add(tf.mul(1 - wrong, logSigmoid(margin)), tf.mul(wrong, logSigmoid(tf.neg(margin))))); // [P]
}

/**
 * L = mean over ranks k of -(1 - e) log sigmoid(beta d_k) - e log sigmoid(-beta d_k), d_k = k-th smallest of log pi(y_w) - log pi(y_l) less
 * k-th smallest of log pi_ref(y_w) - log pi_ref(y_l). Each quantile of the policy's margins is to exceed the same quantile of the
 * reference's, whichever pair it comes from, so the loss is one of the whole batch. With one pair it is DPO. TRL's `DPOTrainer` with
 * `loss_type: aot`, beta .1, label_smoothing 0; arXiv 2406.05882.
 */
export const aot = defineObjective({
  ...AOT,
  id: 'aot',
  title: 'AOT',
  summary: "Asks the policy's margins as a whole to be larger than the reference's, quantile by quantile, and not pair by pair.",
  formula: String.raw`\mathcal{L} = -\frac{1}{P} \sum_k \log \sigma\big(\beta (u_{(k)} - v_{(k)})\big), \qquad
    u_i = \log\frac{\pi_\theta(y_{w,i} \mid x_i)}{\pi_\theta(y_{l,i} \mid x_i)}, \quad
    v_i = \log\frac{\pi_{\mathrm{ref}}(y_{w,i} \mid x_i)}{\pi_{\mathrm{ref}}(y_{l,i} \mid x_i)}`,
  differs:
    "Earlier versions of TRL called this one aot_pair, and aot what is aot_unpaired now. TRL sorts the pairs of one device's micro-batch; here they " +
    'are those of the batch, which is never cut.',
  loss(input) {
    const pairs = logRatios(input, 'aot');
    const margins = tf.sub<Tensor1D>(pairs.chosen, pairs.rejected); // [P]
    const known = tf.sub<Tensor1D>(margins, pairs.difference); // [P], the reference's
    return meanOfPairs(smoothed(tf.sub(sorted(margins), sorted(known)), input.params), pairs, input);
  },
});
