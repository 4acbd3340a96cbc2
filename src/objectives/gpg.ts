/** GPG: the bare policy gradient with the mean of the group as the baseline, scaled up where many samples earn nothing. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { centred, perToken, tokenMean } from './terms';

/**
 * A_i = alpha (r_i - mean of its group) / F, alpha = samples of the batch / those with a reward other than 0; L = -mean over all tokens of A log
 * pi. No ratio, no reference, no deviation. alpha makes up for samples that teach nothing, so that the size of a step does not depend on
 * how many there are. verl's `gpg`, estimator and loss, F 1; arXiv 2504.02546.
 */
export const gpg = defineObjective({
  id: 'gpg',
  title: 'GPG',
  summary: 'The plain policy gradient against the mean of the group, without ratio, reference or scaling by a deviation.',
  paper: {
    title: 'GPG: A Simple and Strong Reinforcement Learning Baseline for Model Reasoning',
    url: 'https://arxiv.org/abs/2504.02546',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} A_i \log \pi_\theta(y_{it} \mid x_i, y_{i,<t}), \qquad
    A_i = \frac{\alpha}{F} \big(r_i - \operatorname{mean}(r)\big), \quad \alpha = \frac{N}{\#\{i : r_i \ne 0\}}`,
  data: 'rollouts',
  family: 'online',
  differs:
    'TRL 1.13 and OpenRLHF do not have it. In the paper alpha is over the samples whose group has any variance; verl counts rewards that ' +
    'are not 0, as here, so it is 1 where wrong answers earn something.',
  params: {
    f_norm: number({ title: 'F', help: 'What advantages are divided by.', default: 1, min: 0.01, max: 100, scale: 'log' }),
  },
  diagnostics: { entropy: ENTROPY },
  needsReference: () => false,

  advantages({ rewards, mask, group, params: { f_norm } }) {
    const earning = tf.sum(tf.cast(tf.notEqual(rewards, 0), 'float32')); // []
    const alpha = tf.div(rewards.size, tf.maximum(earning, 1)); // []
    return perToken(tf.div(tf.mul(alpha, centred(rewards, group)), f_norm), mask); // [R, T]
  },

  loss({ logp, entropy, mask, batch: { advantages }, totals }) {
    return {
      loss: tf.neg(tokenMean(tf.mul(advantages, logp), mask, totals)), // []
      diagnostics: { entropy: tokenMean(entropy, mask, totals) }, // []
    };
  },

  /** All mass on the best completions that the reference can reach: an advantage grows with its own reward, the others given. */
  optimum: ({ reference, reward }) => bestReachable(reference, reward),
});
