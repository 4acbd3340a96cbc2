/** CISPO: the policy gradient weighted by a ratio that is clipped and held constant, so that no token loses its gradient. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { GROUP_RELATIVE } from './group-relative';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, tokenRatio } from './policy-gradient';
import { detach, tokenMean } from './terms';

/**
 * L = -sum over all tokens of sg[min(rho, epsilon_high)] A log pi / number of tokens, A as in GRPO. PPO's clipping takes the gradient
 * away from tokens whose ratio has moved too far; here the ratio is a weight, and clipping only bounds it. TRL's `GRPOTrainer` with
 * `loss_type: cispo`; arXiv 2506.13585. The bound is the ratio itself, not what it may exceed 1 by: 5 is that of arXiv 2510.13786.
 */
export const cispo = defineObjective({
  ...GROUP_RELATIVE,
  id: 'cispo',
  title: 'CISPO',
  summary: 'GRPO that clips the weight of a token instead of its gradient: every token goes on teaching.',
  paper: {
    title: 'MiniMax-M1: Scaling Test-Time Compute Efficiently with Lightning Attention',
    url: 'https://arxiv.org/abs/2506.13585',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \mathrm{sg}\big[\min(\rho_{it},\, \epsilon_{\mathrm{high}})\big]\, A_i\,
    \log \pi_\theta(y_{it} \mid x_i, y_{i,<t}), \quad A_i = \frac{r_i - \operatorname{mean}(r)}{\operatorname{std}(r)}`,
  differs:
    'TRL bounds the ratio by epsilon_high itself, and unless that is set it is epsilon, .2, which weighs nearly every token by the same ' +
    '.2; its documentation advises 5, the default here. verl clips between 1 - clip_ratio_low and 1 + clip_ratio_high, both .2.',
  params: {
    epsilon_high: number({
      title: 'Largest weight',
      help: 'The ratio counts as at most this. Not what it may exceed 1 by, as elsewhere.',
      default: 5,
      min: 0.01,
      max: 100,
      scale: 'log',
    }),
  },
  diagnostics: {
    entropy: ENTROPY,
    'ratio/mean': CLIP_DIAGNOSTICS['ratio/mean'],
    cispo_clip_ratio: {
      title: 'Weights clipped',
      help: 'Fraction of tokens with a positive advantage and a ratio above the largest weight.',
      chart: 'ratio',
      unit: 'fraction',
    },
  },

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const weight = detach(tf.minimum<Tensor2D>(ratio, params.epsilon_high)); // [R, T]
    const clipped = tf.logicalAnd<Tensor2D>(tf.greater(ratio, params.epsilon_high), tf.greater(advantages, 0)); // [R, T]
    return {
      loss: tf.neg(tokenMean(tf.mul(tf.mul(weight, advantages), logp), mask, totals)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        'ratio/mean': tokenMean(ratio, mask, totals), // []
        cispo_clip_ratio: tokenMean(tf.cast(clipped, 'float32'), mask, totals), // []
      },
    };
  },
});
