/** GSPO: GRPO with one ratio for a whole completion. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY } from './diagnostics';
import { groupAdvantages } from './grpo';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, meanRatio } from './policy-gradient';
import { clippedSurrogate, rowMean, tokenMean } from './terms';

/**
 * rho_i = exp(mean over the tokens of log pi - log pi_old), L = -mean over completions of min(rho A, clip(rho, 1 - epsilon,
 * 1 + epsilon_high) A), A as in GRPO. A mean log-ratio moves far less than that of a token, so its bounds are far closer:
 * 3e-4 and 4e-4 in the paper, which are the defaults here. For completions of one token and with equal bounds it is GRPO.
 */
export const gspo = defineObjective({
  id: 'gspo',
  title: 'GSPO',
  summary: 'GRPO with one ratio for each completion, the geometric mean over its tokens, so that it is clipped as a whole.',
  paper: { title: 'Group Sequence Policy Optimization', url: 'https://arxiv.org/abs/2507.18071' },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i \min\!\big(\rho_i A_i,\;
    \operatorname{clip}(\rho_i, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big),
    \quad \rho_i = \left(\frac{\pi_\theta(y_i \mid x_i)}{\pi_{\mathrm{old}}(y_i \mid x_i)}\right)^{1 / |y_i|},
    \quad A_i = \frac{r_i - \operatorname{mean}(r)}{\operatorname{std}(r)}`,
  data: 'rollouts',
  family: 'online',
  differs: 'In TRL this is GRPOTrainer with importance_sampling_level sequence and loss_type grpo, whose bounds stay at .2 unless set.',
  params: {
    epsilon: { ...CLIP_PARAMS.epsilon, default: 3e-4, step: 1e-4 },
    epsilon_high: { ...CLIP_PARAMS.epsilon_high, default: 4e-4, step: 1e-4 },
  },
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  needsReference: () => false,
  ratioLevel: () => 'mean',

  advantages: ({ rewards, mask, group }) => groupAdvantages(rewards, mask, { group, scale_rewards: 'group' }), // [R, T]

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = meanRatio(logp, oldLogp, mask); // [R, 1]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    return {
      loss: tf.neg(rowMean(surrogate, mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
    };
  },

  /** All mass on the best completions that the reference can reach, as for GRPO with beta 0. */
  optimum: ({ reference, reward }) => bestReachable(reference, reward),
});
