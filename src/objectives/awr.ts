/** Advantage-weighted regression: imitation of scored samples, weighted by how far each is above what was expected. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { expectedValue } from '../metrics/exact';
import { defineObjective } from './objective';
import { perToken, tokenMean } from './terms';
import { TEMPERATURE, WEIGHT_DIAGNOSTICS, weightDiagnostics, weightedLikelihood } from './weighted';

/**
 * L = -mean over rows of the sum over tokens of w_t log pi(y_t), plus vf_coef times half the mean squared error of the value head;
 * w_t = min(e^{(r - V_t) / beta}, max_weight). The reward comes at the end, so r is the return of every token; V_t is what the head
 * said of the state before it when the sample was scored.
 *
 * With samples of the reference and V their mean reward, the policy converges to pi_ref min(e^{(r - V) / beta}, max_weight), which is
 * drawn as the optimum. arXiv 1910.00177, which is about control with discounted returns; the bound of 20 is that of its code.
 */
export const awr = defineObjective({
  id: 'awr',
  title: 'AWR',
  summary: 'Imitates its own samples, each weighted by the exponential of its advantage over a learned value.',
  paper: {
    title: 'Advantage-Weighted Regression: Simple and Scalable Off-Policy Reinforcement Learning',
    url: 'https://arxiv.org/abs/1910.00177',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{R} \sum_{i,t} w_{it} \log \pi_\theta(y_{it} \mid x_i, y_{i,<t})
    + \frac{c_V}{2}\, \overline{(V - r)^2}, \qquad w_{it} = \min\big(e^{(r_i - V_{it}) / \beta},\, w_{\max}\big)`,
  differs:
    'Neither TRL nor OpenRLHF nor verl has it. The paper fits the value by itself, before the policy; here both share a body and a step. ' +
    'What is called AWR for language models often lacks the value: that is rwr.',
  data: 'rollouts',
  family: 'supervised',
  params: {
    beta: TEMPERATURE,
    max_weight: number({ title: 'Largest weight', help: 'No sample weighs more than this.', default: 20, min: 1, max: 1000, scale: 'log' }),
    vf_coef: number({
      title: 'Value coefficient',
      help: 'Weight of the error of the value head.',
      default: 0.1,
      min: 0,
      max: 10,
      step: 0.05,
    }),
  },
  diagnostics: {
    ...WEIGHT_DIAGNOSTICS,
    value_error: { title: 'Error of the value', help: 'Mean squared difference of value and reward over tokens.', chart: 'loss' },
  },
  needsReference: () => false,
  needsHead: () => true,
  returns: ({ rewards, mask }) => perToken(rewards, mask), // [R, T]
  advantages({ rewards, mask, values, params: { beta, max_weight } }) {
    if (values === null) throw new Error('awr needs the values of the head');
    const above = tf.sub(tf.expandDims(rewards, 1), values); // [R, T]
    // Bounded before the exponential, so that nothing overflows.
    const exponents = tf.minimum(tf.div(above, beta), Math.log(max_weight)); // [R, T]
    return tf.mul(tf.exp(exponents), mask); // [R, T]
  },
  loss(input) {
    const { head, mask, totals, batch, params } = input;
    if (head === null || batch.returns === undefined) throw new Error('awr needs a head and what it should say');
    const policy = weightedLikelihood(input); // []
    const error = tokenMean(tf.square(tf.sub(head.values, batch.returns)), mask, totals); // []
    const value = tf.mul<tf.Scalar>(params.vf_coef / 2, error); // []
    return {
      loss: tf.add(policy, value),
      terms: { policy, value },
      diagnostics: { ...weightDiagnostics(input), value_error: error },
    };
  },
  optimum({ reference, reward, params: { beta, max_weight } }) {
    const expected = expectedValue(reference, reward);
    const weights = reference.map((p, i) => p * Math.min(Math.exp(((reward[i] as number) - expected) / beta), max_weight));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  },
});
