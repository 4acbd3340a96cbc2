/** Kahneman-Tversky optimisation: single completions that are desirable or not, valued against a point of reference. */
import * as tf from '@tensorflow/tfjs-core';
import { KL } from './diagnostics';
import { JUDGED, JUDGED_WEIGHTS, judged, judgedDiagnostics } from './judged';
import { defineObjective } from './objective';
import { BETA } from './pairs';
import { detach, meanOver } from './terms';

/**
 * L = mean over judged completions of weight (1 - sigmoid(beta (s - z))) where desirable and of weight (1 - sigmoid(beta (z - s))) where
 * not, s = log pi(y) - log pi_ref(y) summed over tokens. z = max(0, mean of s over mismatched prompts and completions) is held
 * constant: an estimate of the KL, the point from which gain and loss are felt. TRL's `KTOTrainer`: beta .1, weights 1 and 1,
 * z logged as `kl`; arXiv 2402.01306.
 */
export const kto = defineObjective({
  ...JUDGED,
  id: 'kto',
  title: 'KTO',
  summary: 'Learns from single completions marked good or bad, each valued against how far the policy has moved on the whole.',
  paper: { title: 'KTO: Model Alignment as Prospect Theoretic Optimization', url: 'https://arxiv.org/abs/2402.01306' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[\lambda_y \big(1 - \sigma(\pm \beta (s - z))\big)\big],
    \qquad z = \mathrm{sg}\Big[\max\big(0,\, \mathbb{E}\,[s(x, y')]\big)\Big], \quad s = \log\frac{\pi_\theta(y \mid x)}{\pi_{\mathrm{ref}}(y \mid x)}`,
  differs:
    'TRL and OpenRLHF estimate z from mismatched completions: each prompt of the batch with the completion of another, here too. ' +
    'Such completions are unlikely, so the estimate is often negative and z is 0. OpenRLHF also has a form for pairs that takes z from the ' +
    'other side of the pairs and lets the gradient through. kl here is z, a sum over a completion, not k3.',
  params: { beta: BETA, ...JUDGED_WEIGHTS },
  diagnostics: { ...JUDGED.diagnostics, kl: KL },
  loss(input) {
    const { beta, desirable_weight, undesirable_weight } = input.params;
    const rows = judged(input, 'kto');
    const z = detach(tf.relu(meanOver(rows.mismatched, rows.count))); // []
    const above = tf.mul(beta, tf.sub(rows.s, z)); // [N]
    const desirable = tf.mul(rows.desirable, tf.sub(1, tf.sigmoid(above))); // [N]
    const undesirable = tf.mul(rows.undesirable, tf.sub(1, tf.sigmoid(tf.neg(above)))); // [N]
    const good = tf.mul<tf.Scalar>(desirable_weight, meanOver(desirable, rows.count)); // []
    const bad = tf.mul<tf.Scalar>(undesirable_weight, meanOver(undesirable, rows.count)); // []
    return {
      loss: tf.add(good, bad),
      terms: { desirable: good, undesirable: bad },
      diagnostics: { ...judgedDiagnostics(rows, input), kl: z as tf.Scalar },
    };
  },
});
