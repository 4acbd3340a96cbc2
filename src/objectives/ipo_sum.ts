/** Identity preference optimisation on summed log-ratios. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of (D - 1 / (2 beta))^2, D = s_w - s_l summed over tokens: arXiv 2310.12036, equation 17, as it is
 * written and as OpenRLHF has it (`DPOLoss` with `ipo`). Beta .1 is the paper's tau. TRL's form per token is `ipo`.
 */
export const ipo_sum = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'ipo_sum',
  title: 'IPO, summed',
  summary: 'Regresses the margin of whole completions to a fixed target: IPO without a division by length.',
  paper: {
    title: 'A General Theoretical Paradigm to Understand Learning from Human Preferences',
    url: 'https://arxiv.org/abs/2310.12036',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\left[\left(D - \frac{1}{2\beta}\right)^{2}\right],
    \qquad D = \log\frac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)} - \log\frac{\pi_\theta(y_l)}{\pi_{\mathrm{ref}}(y_l)}`,
  differs: 'This is the form of OpenRLHF and of the paper. TRL and LLaMA-Factory divide by the lengths first: that is ipo here.',
  params: { beta: BETA },
  loss(input) {
    const pairs = logRatios(input, 'ipo_sum');
    const missing = tf.sub(pairs.difference, 1 / (2 * input.params.beta)); // [P]
    return meanOfPairs(tf.square(missing), pairs, input);
  },
});
