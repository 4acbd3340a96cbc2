/** Anchored preference optimisation away from chosen completions that are worse than what the policy would write. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of sigmoid(beta s_w) + 1 - sigmoid(beta D), D = s_w - s_l: both completions become less likely, the
 * rejected one more so. For data whose chosen completions are below what the policy writes by itself. TRL's `DPOTrainer` with
 * `loss_type: apo_down`; arXiv 2408.06266, equation 8.
 */
export const apo_down = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'apo_down',
  title: 'APO-down',
  summary: 'Lowers both completions, the rejected one further: for data worse than the policy.',
  paper: {
    title: 'Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment',
    url: 'https://arxiv.org/abs/2408.06266',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[\sigma(\beta s_w) + 1 - \sigma(\beta (s_w - s_l))\big],
    \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  params: { beta: BETA },
  loss(input) {
    const { beta } = input.params;
    const pairs = logRatios(input, 'apo_down');
    const chosen = tf.sigmoid(tf.mul(beta, pairs.sChosen)); // [P]
    const margin = tf.sub(1, tf.sigmoid(tf.mul(beta, pairs.difference))); // [P]
    return meanOfPairs(tf.add(chosen, margin), pairs, input);
  },
});
