/** Noise-contrastive alignment on pairs: holds up the likelihood of the chosen completion itself, not only the margin. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta s_w) - 1/2 log sigmoid(-beta s_w) - 1/2 log sigmoid(-beta s_l). Each completion is
 * told from noise on its own: the chosen one is drawn to a finite beta s_w = log 2, where the first two terms balance, so that
 * its likelihood rises instead of falling with the rejected one's. TRL's `DPOTrainer` with `loss_type: nca_pair`; arXiv
 * 2402.05369.
 */
export const nca_pair = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'nca_pair',
  title: 'NCA',
  summary: 'Tells each completion from noise by itself, so that the chosen one does not become less likely.',
  paper: {
    title: 'Noise Contrastive Alignment of Language Models with Explicit Rewards',
    url: 'https://arxiv.org/abs/2402.05369',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma(\beta s_w) + \tfrac{1}{2} \log \sigma(-\beta s_w)
    + \tfrac{1}{2} \log \sigma(-\beta s_l)\right], \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  params: { beta: BETA },
  loss(input) {
    const { beta } = input.params;
    const pairs = logRatios(input, 'nca_pair');
    const chosen = tf.mul<tf.Tensor1D>(beta, pairs.sChosen); // [P]
    const rejected = tf.mul<tf.Tensor1D>(beta, pairs.sRejected); // [P]
    const noise = tf.add(logSigmoid(tf.neg(chosen)), logSigmoid(tf.neg(rejected))); // [P]
    return meanOfPairs(tf.neg(tf.add(logSigmoid(chosen), tf.mul(0.5, noise))), pairs, input);
  },
});
