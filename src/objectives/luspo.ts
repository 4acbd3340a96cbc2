/** LUSPO: GSPO in which a completion counts by its length. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY } from './diagnostics';
import { GROUP_RELATIVE } from './group-relative';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, meanRatio } from './policy-gradient';
import { clippedSurrogate, meanOver, tokenMean } from './terms';

/**
 * L = -mean over completions of |y| min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A), rho as in GSPO: exp(mean over the tokens
 * of log pi - log pi_old). GSPO's rho has a slope of 1 / |y| at each token, which favours short completions that are good and long
 * ones that are bad; |y| takes that out. TRL's `GRPOTrainer` with `loss_type: luspo`; bounds of the paper, arXiv 2602.05261.
 */
export const luspo = defineObjective({
  ...GROUP_RELATIVE,
  id: 'luspo',
  title: 'LUSPO',
  summary: 'GSPO with each completion weighted by its length, so that a token counts the same in a long one and in a short one.',
  paper: {
    title: 'Length-Unbiased Sequence Policy Optimization: Revealing and Controlling Response Length Variation in RLVR',
    url: 'https://arxiv.org/abs/2602.05261',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i |y_i| \min\!\big(\rho_i A_i,\;
    \operatorname{clip}(\rho_i, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big),
    \quad \rho_i = \left(\frac{\pi_\theta(y_i \mid x_i)}{\pi_{\mathrm{old}}(y_i \mid x_i)}\right)^{1 / |y_i|}`,
  differs:
    'In TRL it wants importance_sampling_level sequence, and bounds stay at .2 unless set; with the ratio of each token, which TRL also ' +
    'computes, it would be a sum over tokens. The loss grows with the length of completions: take a smaller learning rate than for GSPO.',
  params: {
    epsilon: { ...CLIP_PARAMS.epsilon, default: 2e-3, step: 1e-4 },
    epsilon_high: { ...CLIP_PARAMS.epsilon_high, default: 2.5e-3, step: 1e-4 },
  },
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  ratioLevel: () => 'mean',

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = meanRatio(logp, oldLogp, mask); // [R, 1]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T], the same along a row
    return {
      loss: tf.neg(meanOver(tf.mul(surrogate, mask), totals.rows)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
    };
  },
});
