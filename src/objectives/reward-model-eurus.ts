/** Eurus's reward model: Bradley-Terry, and each score on its own side of zero. */
import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { REWARD_MODEL, scoreDiagnostics, scoresOf } from './scores';
import { logSigmoid, meanOver } from './terms';

/**
 * L = mean over pairs of -log sigmoid(r_w - r_l) - log sigmoid(r_w) - log sigmoid(-r_l), r the scalar head after a completion's last
 * token. The second and third terms push chosen scores above 0 and rejected ones below, which Bradley-Terry alone leaves free;
 * meant for reasoning, where a solution is right or wrong by itself. arXiv 2404.02078; margins of pairs are not used.
 */
export const rewardModelEurus = defineObjective({
  ...REWARD_MODEL,
  id: 'reward-model-eurus',
  title: 'Reward model, Eurus',
  summary: 'Learns a score from pairs that is above zero for chosen and below zero for rejected completions.',
  paper: { title: 'Advancing LLM Reasoning Generalists with Preference Trees', url: 'https://arxiv.org/abs/2404.02078' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma(r_w - r_l) + \log \sigma(r_w) + \log \sigma(-r_l)\big]`,
  differs: 'Neither TRL nor OpenRLHF has the absolute terms.',
  params: {},
  loss(input) {
    const pairs = input.totals.rows / 2;
    const scores = scoresOf(input.head, 'reward-model-eurus');
    const relative = tf.neg<tf.Scalar>(meanOver(logSigmoid(scores.difference), pairs)); // []
    const sides = tf.add(logSigmoid(scores.chosen), logSigmoid(tf.neg(scores.rejected))); // [P]
    const absolute = tf.neg<tf.Scalar>(meanOver(sides, pairs)); // []
    return { loss: tf.add(relative, absolute), terms: { relative, absolute }, diagnostics: scoreDiagnostics(scores, input) };
  },
});
