/** Identity preference optimisation, per token: a margin to be met rather than passed. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, differencePerToken, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of (s_w / len_w - s_l / len_l - 1 / (2 beta))^2, len the completion's tokens. A margin beyond
 * 1 / (2 beta) is pulled back, so that labels that always agree do not drive the policy to infinity as DPO's do. Beta .1 is
 * the paper's tau. TRL's `DPOTrainer` with `loss_type: ipo`; arXiv 2310.12036, equation 17. The summed form is `ipo_sum`.
 */
export const ipo = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'ipo',
  title: 'IPO',
  summary: 'Regresses the margin per token to a fixed target, so a pair that always agrees is not pushed without end.',
  paper: {
    title: 'A General Theoretical Paradigm to Understand Learning from Human Preferences',
    url: 'https://arxiv.org/abs/2310.12036',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\left[\left(\frac{s_w}{|y_w|} - \frac{s_l}{|y_l|} - \frac{1}{2\beta}\right)^{2}\right],
    \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  differs:
    "TRL and LLaMA-Factory divide each log-ratio by its completion's length, which the authors of IPO told TRL is what they did; " +
    'OpenRLHF, and the paper as it is written, compare sums (ipo_sum here). Beta means something else in the two: at the same beta ' +
    'the form per token asks for a margin that is as many times larger as the completions are long.',
  params: { beta: BETA },
  loss(input) {
    const pairs = logRatios(input, 'ipo');
    const missing = tf.sub(differencePerToken(pairs, input), 1 / (2 * input.params.beta)); // [P]
    return meanOfPairs(tf.square(missing), pairs, input);
  },
});
