/** OPO: the policy gradient with the baseline of least variance, a mean of rewards weighted by length. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { CLIP_PARAMS, CLIPPED_DIAGNOSTICS, clippedTokens } from './policy-gradient';
import { perToken } from './terms';

/**
 * A_i = r_i - sum_j |y_j| r_j / sum_j |y_j| over its group. The baseline that gives the gradient the least variance weighs each reward by the
 * squared size of its sample's gradient; that grows about as the length does. Nothing is divided by a deviation. L = -mean over tokens of
 * min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A), which the authors never need, since they sample afresh at every step.
 * verl's `opo`; arXiv 2505.23585.
 */
export const opo = defineObjective({
  id: 'opo',
  title: 'OPO',
  summary: 'Compares each sample with the mean reward of its group, in which long completions count for more.',
  paper: { title: 'On-Policy RL with Optimal Reward Baseline', url: 'https://arxiv.org/abs/2505.23585' },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \min\!\big(\rho_{it} A_i,\;
    \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big),
    \quad A_i = r_i - \frac{\sum_j |y_j|\, r_j}{\sum_j |y_j|}`,
  data: 'rollouts',
  family: 'online',
  differs: "TRL and OpenRLHF do not have it. The loss is verl's; the authors' has no ratio, which is the same on fresh samples.",
  params: CLIP_PARAMS,
  diagnostics: CLIPPED_DIAGNOSTICS,
  needsReference: () => false,

  advantages({ rewards, mask, group }) {
    const lengths = tf.reshape(tf.sum(mask, 1), [-1, group]); // [R / group, group]
    const grouped = tf.reshape(rewards, [-1, group]); // [R / group, group]
    const weighted = tf.sum(tf.mul(lengths, grouped), 1, true); // [R / group, 1]
    const baseline = tf.div(weighted, tf.maximum(tf.sum(lengths, 1, true), 1)); // [R / group, 1]
    return perToken(tf.reshape(tf.sub(grouped, baseline), [-1]), mask); // [R, T]
  },

  loss: clippedTokens,

  /** All mass on the best completions that the reference can reach: an advantage grows with its own reward, the others given. */
  optimum: ({ reference, reward }) => bestReachable(reference, reward),
});
