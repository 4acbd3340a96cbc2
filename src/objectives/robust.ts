/** Robust DPO: DPO's loss made unbiased under labels that are flipped with a known probability. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs, smoothing } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of [-(1 - e) log sigmoid(beta D) + e log sigmoid(-beta D)] / (1 - 2 e), D = s_w - s_l. Where each label
 * is flipped with probability e, its expectation is DPO's loss on the true labels. At e = 0 it is DPO; at e = 1/2 there is
 * nothing left to learn from. The loss of a pair may be negative. TRL's `DPOTrainer` with `loss_type: robust`; arXiv
 * 2403.00409, which suggests e = .1.
 */
export const robust = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'robust',
  title: 'Robust DPO',
  summary: "DPO whose loss is, in expectation over flipped labels, DPO's loss on the true ones.",
  paper: { title: 'Provably Robust DPO: Aligning Language Models with Noisy Feedback', url: 'https://arxiv.org/abs/2403.00409' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\left[\frac{-(1-\varepsilon) \log \sigma(\beta D) + \varepsilon \log \sigma(-\beta D)}{1 - 2\varepsilon}\right],
    \qquad D = \log\frac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)} - \log\frac{\pi_\theta(y_l)}{\pi_{\mathrm{ref}}(y_l)}`,
  differs:
    "TRL's label_smoothing is 0 unless it is set, which makes this DPO; here it is the .1 that the paper and TRL's documentation suggest.",
  params: { beta: BETA, label_smoothing: smoothing({ default: 0.1, min: 0, max: 0.49 }) },
  loss(input) {
    const { beta, label_smoothing: flipped } = input.params;
    const pairs = logRatios(input, 'robust');
    const margin = tf.mul<tf.Tensor1D>(beta, pairs.difference); // [P]
    const asLabelled = tf.mul(1 - flipped, tf.neg(logSigmoid(margin))); // [P]
    const asFlipped = tf.mul(flipped, tf.neg(logSigmoid(tf.neg(margin)))); // [P]
    return meanOfPairs(tf.div(tf.sub(asLabelled, asFlipped), 1 - 2 * flipped), pairs, input);
  },
});
