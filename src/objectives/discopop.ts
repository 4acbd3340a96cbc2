/** DiscoPOP: the preference loss that a language model found by search, a blend of two losses. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, meanOfPairs } from './pairs';
import { logSigmoid } from './terms';

/**
 * L = mean over pairs of (1 - g) (-log sigmoid(beta D)) + g e^{-beta D}, g = sigmoid(beta D / tau), D = s_w - s_l: logistic where
 * the pair is lost, exponential where it is won. The gradient goes through g too, which makes the loss dip just above D = 0: it
 * is not convex. TRL's `DPOTrainer` with `loss_type: discopop`, beta .1, tau .05; arXiv 2406.08414, equation 5.
 */
export const discopop = defineObjective({
  ...AGAINST_REFERENCE,
  id: 'discopop',
  title: 'DiscoPOP',
  summary: 'Blends a logistic and an exponential loss by how far a pair is won; found by search over programs.',
  paper: {
    title: 'Discovering Preference Optimization Algorithms with and for Large Language Models',
    url: 'https://arxiv.org/abs/2406.08414',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[-(1-g) \log \sigma(\beta D) + g\, e^{-\beta D}\big],
    \qquad g = \sigma(\beta D / \tau)`,
  params: {
    beta: BETA,
    discopop_tau: number({
      title: 'Tau',
      help: 'How sharply the loss changes from logistic to exponential as a pair is won.',
      default: 0.05,
      min: 0.01,
      max: 1,
      scale: 'log',
    }),
  },
  loss(input) {
    const { beta, discopop_tau: tau } = input.params;
    const pairs = logRatios(input, 'discopop');
    const margin = tf.mul<tf.Tensor1D>(beta, pairs.difference); // [P]
    const sharp = tf.div<tf.Tensor1D>(margin, tau); // [P]
    const logistic = tf.mul(tf.sigmoid(tf.neg(sharp)), tf.neg(logSigmoid(margin))); // [P]
    // g e^-margin as one exponential: at a hopeless pair 0 times infinity would be no number.
    const exponential = tf.exp(tf.sub(logSigmoid(sharp), margin)); // [P]
    return meanOfPairs(tf.add(logistic, exponential), pairs, input);
  },
});
