/** Dr. GRPO: GRPO without the two divisions that favour some questions and some lengths. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY } from './diagnostics';
import { groupAdvantages, REDUCE } from './grpo';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, tokenRatio } from './policy-gradient';
import { clippedSurrogate, tokenMean } from './terms';

/**
 * A_i = r_i - mean of its group. L = -sum over tokens of min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A) / (rows x length).
 * Dividing by a group's deviation gives very easy and very hard questions more weight; dividing by a completion's own length
 * makes long wrong completions cheap. Without both, and at ratio 1, this is REINFORCE with the group's mean as the baseline, up to
 * the constant length.
 */
export const drGrpo = defineObjective({
  id: 'dr-grpo',
  title: 'Dr. GRPO',
  summary: 'GRPO without dividing by the deviation of the rewards or by the length of a completion, both of which bias it.',
  paper: { title: 'Understanding R1-Zero-Like Training: A Critical Perspective', url: 'https://arxiv.org/abs/2503.20783' },
  formula: String.raw`\mathcal{L} = -\frac{1}{N L} \sum_{i,t} \min\!\big(\rho_{it} A_i,\;
    \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big),
    \qquad A_i = r_i - \operatorname{mean}(r)`,
  data: 'rollouts',
  family: 'online',
  differs:
    'L is the length of the rows here and the longest completion allowed in TRL, where this is GRPOTrainer with loss_type dr_grpo and ' +
    "scale_rewards none: the losses differ by a constant factor, which AdamW's steps do not feel.",
  params: CLIP_PARAMS,
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  needsReference: () => false,

  advantages: ({ rewards, mask, group }) => groupAdvantages(rewards, mask, { group, scale_rewards: 'none' }), // [R, T]

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    return {
      loss: tf.neg(REDUCE.dr_grpo(surrogate, mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
    };
  },

  /** All mass on the best completions that the reference can reach. */
  optimum: ({ reference, reward }) => bestReachable(reference, reward),
});
