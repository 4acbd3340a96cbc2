/** DPO with log-ratios per token, so that length alone wins no pair. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, differencePerToken, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (s_w / len_w - s_l / len_l)), len the completion's tokens. TRL's `DPOTrainer` with
 * `loss_type: sigmoid_norm`; the length-normalised DPO of Tulu 3 (arXiv 2411.15124). Beta .1 is TRL's default and small
 * here: log-ratios per token are as many times smaller as completions are long, and Tulu 3 took 5.
 */
export const sigmoid_norm = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'sigmoid_norm',
  title: 'DPO, per token',
  summary: 'DPO on log-ratios divided by length: a completion does not win by being long.',
  paper: { title: 'Tulu 3: Pushing Frontiers in Open Language Model Post-Training', url: 'https://arxiv.org/abs/2411.15124' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\beta \left(\frac{s_w}{|y_w|} - \frac{s_l}{|y_l|}\right)\right)\right],
    \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  differs:
    "TRL's default beta of .1, kept here, is that of summed log-ratios. Tulu 3 trains with 5; SimPO, which also divides by the length " +
    'but has no reference, with 2 and more. rewards/* stay beta times the summed log-ratio, as TRL logs them.',
  params: { beta: BETA },
  loss(input) {
    const pairs = logRatios(input, 'sigmoid_norm');
    const margin = tf.mul<tf.Tensor1D>(input.params.beta, differencePerToken(pairs, input)); // [P]
    return meanOfPairs(tf.neg(logSigmoid(margin)), pairs, input);
  },
});
