/** A reward model: scores whose difference is the log-odds that the chosen completion is preferred. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { REWARD_MODEL, scoreDiagnostics, scoresOf } from './scores';
import { logSigmoid, meanOver } from './terms';

/**
 * L = mean over pairs of -log sigmoid(r_w - r_l - margin) + c (r_w + r_l)^2, r the scalar head after a completion's last token.
 * Bradley-Terry (1952) as in arXiv 2203.02155; the margin of graded pairs as in arXiv 2307.09288, 0 where none is known; c pulls
 * the sum of two scores to 0, which the rest leaves free (arXiv 2312.09244; .01 is suggested). TRL's `RewardTrainer`, whose
 * `center_rewards_coefficient` is off unless set, and whose metrics these are. The head shares the policy's body.
 */
export const rewardModel = defineObjective({
  ...REWARD_MODEL,
  id: 'reward-model',
  title: 'Reward model',
  summary: 'Learns a score for completions from pairs, to be the reward of a later stage.',
  paper: { title: 'Training language models to follow instructions with human feedback', url: 'https://arxiv.org/abs/2203.02155' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[-\log \sigma(r_w - r_l - \mathrm{margin}) + c\,(r_w + r_l)^{2}\big]`,
  differs:
    "TRL and OpenRLHF subtract a margin where the data have one; OpenRLHF's other form (LogExp) ignores it. Only TRL has the centring. " +
    'TRL scores the last token of the whole sequence, as here: the head after eos.',
  params: {
    center_rewards_coefficient: number({
      title: 'Centring',
      help: 'Weight of the squared sum of both scores, which keeps scores around 0. .01 is suggested.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.01,
    }),
  },
  loss(input) {
    const pairs = input.totals.rows / 2;
    const scores = scoresOf(input.head, 'reward-model');
    const preference = tf.neg<tf.Scalar>(meanOver(logSigmoid(tf.sub(scores.difference, input.batch.margins)), pairs)); // []
    const offCentre = meanOver(tf.square(tf.add(scores.chosen, scores.rejected)), pairs); // []
    const centring = tf.mul<tf.Scalar>(input.params.center_rewards_coefficient, offCentre); // []
    return { loss: tf.add(preference, centring), terms: { preference, centring }, diagnostics: scoreDiagnostics(scores, input) };
  },
});
