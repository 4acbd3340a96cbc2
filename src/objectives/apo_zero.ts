/** Anchored preference optimisation towards chosen completions that are better than what the policy would write. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of 1 - sigmoid(beta s_w) + sigmoid(beta s_l): the chosen completion becomes more likely and the rejected one
 * less, each from its own distance to the reference, and the pull fades on either side. For data whose chosen completions beat
 * the policy's own. TRL's `DPOTrainer` with `loss_type: apo_zero`; arXiv 2408.06266, equation 7.
 */
export const apo_zero = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'apo_zero',
  title: 'APO-zero',
  summary: 'Raises the chosen and lowers the rejected completion, each by itself: for data better than the policy.',
  paper: {
    title: 'Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment',
    url: 'https://arxiv.org/abs/2408.06266',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[1 - \sigma(\beta s_w) + \sigma(\beta s_l)\big],
    \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  params: { beta: BETA },
  loss(input) {
    const { beta } = input.params;
    const pairs = logRatios(input, 'apo_zero');
    const chosen = tf.sub(1, tf.sigmoid(tf.mul(beta, pairs.sChosen))); // [P]
    const rejected = tf.sigmoid(tf.mul(beta, pairs.sRejected)); // [P]
    return meanOfPairs(tf.add(chosen, rejected), pairs, input);
  },
});
