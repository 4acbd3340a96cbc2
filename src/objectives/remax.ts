/** ReMax: the policy gradient against what the policy's own most probable completion earns. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { regularised } from './optimum';
import { CLIP_PARAMS, CLIPPED_DIAGNOSTICS, clippedTokens, discountedSums, tokenRewards } from './policy-gradient';
import { KL_IN_REWARD } from './reinforce-pp';
import { perToken } from './terms';

/**
 * r_t = -beta k1_t, and the score of the completion on its last token besides; A_t = sum_{s >= t} r_s - r(greedy), where r(greedy) is the
 * score of the completion of the same prompt that the sampling policy writes when it always takes the most probable token. That completion
 * is scored and forgotten: nothing is learnt from it. A baseline that does not depend on the sample leaves the gradient unbiased, and needs
 * neither a group nor a value head. L = -mean over tokens of min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A).
 * verl's `adv_estimator: remax` with its loss; beta 0; arXiv 2310.10505.
 */
export const remax = defineObjective({
  id: 'remax',
  title: 'ReMax',
  summary: 'Compares each sample with what the policy earns when it writes the most probable completion of the same prompt.',
  paper: {
    title: 'ReMax: A Simple, Effective, and Efficient Reinforcement Learning Method for Aligning Large Language Models',
    url: 'https://arxiv.org/abs/2310.10505',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}_t\big[\min(\rho_t A_t,\; \operatorname{clip}(\rho_t, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_t)\big],
    \quad A_t = r(x, y) - \beta \sum_{s \ge t} \log\frac{\pi_{\mathrm{old}}(y_s)}{\pi_{\mathrm{ref}}(y_s)} - r(x, \bar y),
    \quad \bar y_s = \operatorname*{arg\,max}_a \pi_{\mathrm{old}}(a \mid x, \bar y_{<s})`,
  data: 'rollouts',
  family: 'online',
  baseline: 'greedy',
  differs:
    "TRL 1.13 and OpenRLHF do not have it. The loss is verl's, a mean over tokens of clipped ratios; the paper's sums the tokens of a " +
    "completion and has no ratio. verl takes a KL off the reward only on request, .001 of it in its own example, and none off the baseline's; " +
    'so does this. The reward of the greedy completion is one more query for each prompt.',
  params: { beta: { ...KL_IN_REWARD, default: 0, step: 0.001 }, ...CLIP_PARAMS },
  diagnostics: CLIPPED_DIAGNOSTICS,
  needsReference: ({ beta }) => beta > 0,

  advantages(input) {
    const { mask, rewardBaselines, params } = input;
    if (rewardBaselines === null) throw new Error('remax needs the rewards of greedy completions');
    const returns = discountedSums(tokenRewards(input, params.beta, 'remax'), mask, 1); // [R, T]
    return tf.sub(returns, perToken(rewardBaselines, mask)); // [R, T]
  },

  loss: clippedTokens,

  /**
   * pi_ref e^{r / beta} for completions of one token, sampled afresh at every step; with beta 0 the best that the reference can reach. The
   * baseline is the same for all samples of a prompt.
   */
  optimum: ({ reference, reward, params: { beta } }) => regularised(reference, reward, beta, 0),
});
