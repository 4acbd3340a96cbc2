/** LD-DPO: DPO that takes the tokens of the longer completion beyond the shorter one's length for less. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';
import { halves, logSigmoid } from './terms';

/** 1 on the first tokens of a completion, as many as the shorter of its pair has, and `rest` on what follows. [R, T] */
function shared(mask: Tensor2D, rest: number): Tensor2D {
  const [chosen, rejected] = halves(tf.sum<Tensor1D>(mask, 1, true)); // [P, 1], [P, 1]
  const shorter = tf.minimum(chosen, rejected); // [P, 1]
  const isShared = tf.lessEqual(tf.cumsum(mask, 1), tf.concat([shorter, shorter])); // [R, T]
  return tf.mul(mask, tf.add(rest, tf.mul(1 - rest, tf.cast(isShared, 'float32')))); // [R, T]
}

/**
 * DPO on log-probabilities that count the first n tokens of both completions whole, n being the length of the shorter one, and the rest of
 * the longer one ld_alpha times; the reference's too. A sum over more tokens is further from 0 whatever it says, which is how DPO comes to
 * prefer length. At ld_alpha 1 it is DPO. TRL's `DPOTrainer` with `ld_alpha`, beta .1; arXiv 2409.06411.
 */
export const ld_dpo = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'ld_dpo',
  title: 'LD-DPO',
  summary: 'DPO in which the tokens that one completion has more than the other count for less, so that length decides less.',
  paper: { title: 'Length Desensitization in Direct Preference Optimization', url: 'https://arxiv.org/abs/2409.06411' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma(\beta\, (s_w - s_l))\big], \qquad
    s = \sum_{t \le n} d_t + \alpha \sum_{t > n} d_t, \quad n = \min(|y_w|, |y_l|), \quad
    d_t = \log\frac{\pi_\theta(y_t \mid x, y_{<t})}{\pi_{\mathrm{ref}}(y_t \mid x, y_{<t})}`,
  differs:
    'TRL weighs nothing unless ld_alpha is set, and logs rewards/* and logps/* of the weighted sums, as here. The authors take .3 to .6 for ' +
    'instruction-tuned models.',
  params: {
    beta: BETA,
    ld_alpha: number({
      title: 'Alpha',
      help: "Weight of the tokens beyond the shorter completion's length: 1 is DPO, 0 leaves them out.",
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
    }),
  },
  loss(input) {
    const { beta, ld_alpha } = input.params;
    const pairs = logRatios({ ...input, mask: shared(input.mask, ld_alpha) }, 'ld_dpo');
    return meanOfPairs(tf.neg(logSigmoid(tf.mul(beta, pairs.difference))), pairs, input);
  },
});
