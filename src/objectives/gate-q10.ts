/** Gated DPO, the gate at the least likely tokens of the rejected completion. */
import * as tf from '@tensorflow/tfjs-core';
import { GATED, gatedDpo } from './gate';
import { defineObjective } from './objective';
import { halves } from './terms';

/**
 * As `gate`, with p the tenth percentile of the rejected completion's token probabilities: of n tokens the one with
 * floor(.1 (n - 1)) less likely ones, the least likely of up to ten. arXiv 2605.02626, there called q10.
 */
export const gateQ10 = defineObjective({
  ...GATED,
  id: 'gate-q10',
  title: 'Gate-DPO, q10',
  summary: 'DPO that stops pushing a rejected completion down once its least likely tokens are unlikely.',
  formula: String.raw`\nabla \mathcal{L} = -\mathbb{E}\big[\beta\, \sigma(-\beta D) \big(\nabla \log \pi_\theta(y_w)
    - g\, \nabla \log \pi_\theta(y_l)\big)\big], \qquad g = \sigma(\alpha (p - \tau)), \quad
    p = Q_{0.1}\big(\pi_\theta(y_{l,t} \mid x, y_{l,<t})\big)`,
  differs: 'No framework has it. The paper does not say how the quantile falls between two tokens; here it is the lower of them.',
  loss(input) {
    const [, logp] = halves(input.logp); // [P, T]
    const [, mask] = halves(input.mask); // [P, T]
    return gatedDpo(tenthPercentile(tf.exp(logp), mask), input, 'gate-q10');
  },
});

/**
 * Of each row the unmasked element at the tenth percentile, [P]; elements are compared with one another, not sorted. Of all
 * comparisons only this one has a gradient (of zeros) in tfjs.
 */
function tenthPercentile(x: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor1D {
  const atLeast = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.cast(tf.greaterEqual(a, b), 'float32'); // broadcast of both
  const count = (which: tf.Tensor): tf.Tensor => tf.sum(tf.mul(which, tf.expandDims(mask, 1)), 2); // [P, T]
  const here = tf.expandDims(x, 2); // [P, T, 1]
  const other = tf.expandDims(x, 1); // [P, 1, T]
  const below = count(tf.sub(1, atLeast(other, here))); // [P, T]
  const upTo = count(atLeast(here, other)); // [P, T]
  const wanted = tf.mul(0.1, tf.sub(tf.sum(mask, 1, true), 1)); // [P, 1]
  // One element, or several that are equal: no more than wanted are below, and more than wanted are not above.
  const found = tf.mul(tf.mul(atLeast(wanted, below), tf.sub(1, atLeast(wanted, upTo))), mask); // [P, T]
  return tf.div(tf.sum(tf.mul(x, found), 1), tf.maximum(tf.sum(found, 1), 1)); // [P]
}
