/** GSPO-token: GSPO whose tokens may have advantages of their own. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY } from './diagnostics';
import { GROUP_RELATIVE } from './group-relative';
import { gspo } from './gspo';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, clipping, meanRatio } from './policy-gradient';
import { clippedSurrogate, detach, rowMean, tokenMean } from './terms';

/**
 * rho_it = sg[s_i] pi(y_it) / sg[pi(y_it)], s_i = exp(mean over the tokens of log pi - log pi_old), L as GRPO's with the mean over
 * completions of means over tokens. Its value is that of s_i, its slope that of the token. Where all tokens of a completion have the
 * same advantage, its loss and gradient are GSPO's. TRL's experimental `GRPOTrainer` with `importance_sampling_level: sequence_token`;
 * arXiv 2507.18071, section 4.3.
 */
export const gspoToken = defineObjective({
  ...GROUP_RELATIVE,
  id: 'gspo-token',
  title: 'GSPO-token',
  summary: "GSPO's ratio of the whole completion with a gradient for each token, which may have an advantage of its own.",
  paper: { title: 'Group Sequence Policy Optimization', url: 'https://arxiv.org/abs/2507.18071' },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i \frac{1}{|y_i|} \sum_t \min\!\big(\rho_{it} A_{it},\;
    \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_{it}\big),
    \quad \rho_{it} = \mathrm{sg}\left[\left(\frac{\pi_\theta(y_i)}{\pi_{\mathrm{old}}(y_i)}\right)^{1 / |y_i|}\right]
    \frac{\pi_\theta(y_{it})}{\mathrm{sg}[\pi_\theta(y_{it})]}`,
  differs:
    "What verl calls gspo is this one. Advantages of a world's rewards are the same along a completion, and then it trains as GSPO does; in a copy " +
    'of it they may differ.',
  params: gspo.params,
  diagnostics: { entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  ratioLevel: () => 'mean',

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const one = tf.exp(tf.sub(logp, detach(logp))); // [R, T], 1 with the slope of log pi
    const ratio = tf.mul<Tensor2D>(detach(meanRatio(logp, oldLogp, mask)), one); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    return {
      loss: tf.neg(rowMean(surrogate, mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
    };
  },
});
