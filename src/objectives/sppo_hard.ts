/** Self-play preference optimisation with hard labels: a regression of each log-ratio to its own target. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';

/**
 * L = mean over pairs of (s_w - 1 / (2 beta))^2 + (s_l + 1 / (2 beta))^2. Both completions have an absolute target, so the
 * chosen one must become more likely. TRL's `DPOTrainer` with `loss_type: sppo_hard`; arXiv 2405.00675, equation 4.7, with the
 * probability of winning set to 1 and 0 instead of a preference model's estimate.
 */
export const sppo_hard = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'sppo_hard',
  title: 'SPPO',
  summary: 'Regresses the log-ratios of both completions to fixed targets: up for the chosen, down for the rejected.',
  paper: { title: 'Self-Play Preference Optimization for Language Model Alignment', url: 'https://arxiv.org/abs/2405.00675' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\left[\left(s_w - \frac{1}{2\beta}\right)^{2} + \left(s_l + \frac{1}{2\beta}\right)^{2}\right],
    \qquad s = \log\frac{\pi_\theta(y)}{\pi_{\mathrm{ref}}(y)}`,
  differs:
    'The paper plays the policy against itself and takes the probability of winning from a preference model; TRL and this set it to 1 ' +
    "and 0. The paper's eta is 1 / beta, and its runs have it at 1000, which is beta .001; TRL's default is .1.",
  params: { beta: BETA },
  loss(input) {
    const target = 1 / (2 * input.params.beta);
    const pairs = logRatios(input, 'sppo_hard');
    const winner = tf.square(tf.sub(pairs.sChosen, target)); // [P]
    const loser = tf.square(tf.add(pairs.sRejected, target)); // [P]
    return meanOfPairs(tf.add(winner, loser), pairs, input);
  },
});
