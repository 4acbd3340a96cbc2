/** GMPO: GRPO with the geometric mean over a completion's ratios, each of them clipped. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY } from './diagnostics';
import { GROUP_RELATIVE } from './group-relative';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping } from './policy-gradient';
import { rowMean, sequenceMean, tokenMean } from './terms';

/**
 * L = -mean over completions of exp(mean over tokens of the clipped log rho) A, where log rho counts as at most epsilon_high if A > 0
 * and as at least -epsilon if not. An outlier among the ratios moves their geometric mean far less than their arithmetic one, which
 * leaves room for bounds of e^{-.4} and e^{.4}. TRL's `GMPOTrainer` and verl's `geo_mean`; arXiv 2507.20673.
 */
export const gmpo = defineObjective({
  ...GROUP_RELATIVE,
  id: 'gmpo',
  title: 'GMPO',
  summary: "GRPO on the geometric mean of a completion's token ratios, which single outliers can hardly move.",
  paper: { title: 'Geometric-Mean Policy Optimization', url: 'https://arxiv.org/abs/2507.20673' },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i A_i \exp\Big(\frac{1}{|y_i|} \sum_t \ell_{it}\Big), \qquad
    \ell_{it} = \begin{cases} \min(\log \rho_{it},\, \epsilon_{\mathrm{high}}) & A_i > 0 \\ \max(\log \rho_{it},\, -\epsilon) & \text{else} \end{cases}`,
  differs:
    'As in TRL and verl epsilon and epsilon_high bound log rho, not rho. GSPO takes the same mean but clips it as a whole; verl keeps the ' +
    'bounds of its other losses, .2, unless they are set.',
  params: {
    epsilon: { ...CLIP_PARAMS.epsilon, help: 'The log-ratio counts as at least minus this where the advantage is negative.', default: 0.4 },
    epsilon_high: {
      ...CLIP_PARAMS.epsilon_high,
      help: 'The log-ratio counts as at most this where the advantage is positive.',
      default: 0.4,
    },
  },
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  ratioBounds: ({ epsilon, epsilon_high }) => ({ low: Math.exp(-epsilon), high: Math.exp(epsilon_high) }),

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params: { epsilon, epsilon_high } }) {
    const logRatio = tf.sub<Tensor2D>(logp, oldLogp); // [R, T]
    const isGood = tf.cast(tf.greater(advantages, 0), 'float32'); // [R, T]
    const above = tf.mul(isGood, tf.minimum(logRatio, epsilon_high)); // [R, T]
    const below = tf.mul(tf.sub(1, isGood), tf.maximum(logRatio, -epsilon)); // [R, T]
    const mean = tf.expandDims(tf.exp(sequenceMean(tf.add<Tensor2D>(above, below), mask)), 1); // [R, 1]
    const bounds = { epsilon: 1 - Math.exp(-epsilon), epsilon_high: Math.expm1(epsilon_high) };
    return {
      loss: tf.neg(rowMean(tf.mul(mean, advantages), mask, totals)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        ...clipping(tf.exp(logRatio), advantages, mask, totals, bounds), // []
      },
    };
  },
});
