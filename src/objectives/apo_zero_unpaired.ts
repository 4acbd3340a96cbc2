/** APO-zero on single completions: each is moved for itself, with the reference as the point from which gain and loss are felt. */
import * as tf from '@tensorflow/tfjs-core';
import { JUDGED, JUDGED_WEIGHTS, judged, judgedDiagnostics } from './judged';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { meanOver } from './terms';

/**
 * L = mean over judged completions of weight (1 - sigmoid(beta s)) where desirable and of weight sigmoid(beta s) where not, s = log pi(y) -
 * log pi_ref(y) summed over tokens: KTO with z held at 0, so that no completion depends on the others and mismatched ones are not needed.
 * TRL's `KTOTrainer` with `loss_type: apo_zero_unpaired`: beta .1, weights 1 and 1; arXiv 2408.06266, equation 7.
 */
export const apo_zero_unpaired = defineObjective({
  ...JUDGED,
  id: 'apo_zero_unpaired',
  title: 'APO-zero, unpaired',
  summary: 'Learns from single completions marked good or bad: raises the good and lowers the bad, each against the reference.',
  paper: {
    title: 'Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment',
    url: 'https://arxiv.org/abs/2408.06266',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[\lambda_y \big(1 - \sigma(\pm \beta s)\big)\big],
    \qquad s = \log\frac{\pi_\theta(y \mid x)}{\pi_{\mathrm{ref}}(y \mid x)}`,
  differs: 'Of the frameworks only TRL has it. It logs a kl of 0, which is not measured here.',
  params: { beta: BETA, ...JUDGED_WEIGHTS },
  loss(input) {
    const { beta, desirable_weight, undesirable_weight } = input.params;
    const rows = judged(input, 'apo_zero_unpaired');
    const rewards = tf.mul(beta, rows.s); // [N]
    const desirable = tf.mul(rows.desirable, tf.sub(1, tf.sigmoid(rewards))); // [N]
    const undesirable = tf.mul(rows.undesirable, tf.sigmoid(rewards)); // [N]
    const good = tf.mul<tf.Scalar>(desirable_weight, meanOver(desirable, rows.count)); // []
    const bad = tf.mul<tf.Scalar>(undesirable_weight, meanOver(undesirable, rows.count)); // []
    return { loss: tf.add(good, bad), terms: { desirable: good, undesirable: bad }, diagnostics: judgedDiagnostics(rows, input) };
  },
});
