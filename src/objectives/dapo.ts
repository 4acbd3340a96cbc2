/** DAPO: GRPO with more room above than below, averaged over tokens, without a reference. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY } from './diagnostics';
import { groupAdvantages } from './grpo';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, tokenRatio } from './policy-gradient';
import { clippedSurrogate, tokenMean } from './terms';

/**
 * L = -sum over all tokens of min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A) / number of tokens, A as in GRPO. The higher
 * upper bound leaves room for unlikely tokens to grow; the mean over tokens lets every token of a long completion count
 * as much as one of a short one. The paper's third part, dropping groups without variance and drawing others, is the
 * setting `dropZeroVariance` of a stage; its fourth, a penalty on completions near the length limit, is a reward.
 */
export const dapo = defineObjective({
  id: 'dapo',
  title: 'DAPO',
  summary: 'GRPO with a higher upper bound of the ratio, averaged over tokens, and without a KL to the reference.',
  paper: { title: 'DAPO: An Open-Source LLM Reinforcement Learning System at Scale', url: 'https://arxiv.org/abs/2503.14476' },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \min\!\big(\rho_{it} A_i,\;
    \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big),
    \quad A_i = \frac{r_i - \operatorname{mean}(r)}{\operatorname{std}(r)}`,
  data: 'rollouts',
  family: 'online',
  training: { dropZeroVariance: true },
  differs:
    'In TRL this is GRPOTrainer with epsilon_high .28; groups without variance stay in its batches. verl drops and replaces them, as ' +
    'the paper does: here that is a setting of the stage, which is on unless it is turned off.',
  params: { ...CLIP_PARAMS, epsilon_high: { ...CLIP_PARAMS.epsilon_high, default: 0.28 } },
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  needsReference: () => false,

  advantages: ({ rewards, mask, group }) => groupAdvantages(rewards, mask, { group, scale_rewards: 'group' }), // [R, T]

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    return {
      loss: tf.neg(tokenMean(surrogate, mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
    };
  },

  /** All mass on the best completions that the reference can reach, as for GRPO with beta 0. */
  optimum: ({ reference, reward }) => bestReachable(reference, reward),
});
