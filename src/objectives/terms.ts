/**
 * The algebra that objectives share. R rows of T tokens; a group is `group` neighbouring rows of one prompt.
 *
 * Every mean divides by a count of the whole batch rather than of the rows at hand, so that the results of micro-batches
 * add up to the result of the batch. `totals.rows` counts all rows: 2 P for pairs, 3 N for questions with a text.
 */

import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Totals } from './objective';

/** Sum over the unmasked tokens of each row. */
export function sequenceSum(x: Tensor2D, mask: Tensor2D): Tensor1D {
  return tf.sum(tf.mul(x, mask), 1); // [R]
}

/** Mean over the unmasked tokens of each row; 0 for a row without any. */
export function sequenceMean(x: Tensor2D, mask: Tensor2D): Tensor1D {
  const length = tf.maximum(tf.sum(mask, 1), 1); // [R]
  return tf.div(sequenceSum(x, mask), length); // [R]
}

/** Sum of the elements divided by a count of the whole batch. */
export function meanOver(x: Tensor, count: number | Scalar): Scalar {
  return tf.div(tf.sum(x), typeof count === 'number' ? Math.max(count, 1) : count); // []
}

/** Mean over the unmasked tokens of the whole batch. */
export function tokenMean(x: Tensor2D, mask: Tensor2D, totals: Totals): Scalar {
  return meanOver(tf.mul(x, mask), totals.tokens); // []
}

/** Mean over the rows of the whole batch of each row's mean over its tokens. */
export function rowMean(x: Tensor2D, mask: Tensor2D, totals: Totals): Scalar {
  return meanOver(sequenceMean(x, mask), totals.rows); // []
}

/** How many of `count` margins are above 0, as a fraction. */
export function fractionPositive(margins: Tensor1D, count: number): Scalar {
  return meanOver(tf.cast(tf.greater(margins, 0), 'float32'), count); // []
}

/** First and second half of the first axis: the chosen and the rejected of P pairs. */
export function halves<T extends Tensor>(x: T): [T, T] {
  return tf.split(x, 2) as [T, T]; // 2 x [P, ...]
}

/** The three thirds of the first axis: texts, chosen and rejected options of N questions. */
export function thirds<T extends Tensor>(x: T): [T, T, T] {
  return tf.split(x, 3) as [T, T, T]; // 3 x [N, ...]
}

/**
 * log sigmoid(x) = -softplus(-x), which neither overflows nor loses its tail, with the gradient sigmoid(-x): exactly 1/2 at
 * 0, where every DPO run starts. Not `tf.logSigmoid`: its gradient reads an argument that it did not save, which by then may
 * have been freed; on wasm it throws, on a GPU it reads whatever lies there.
 */
export function logSigmoid(x: Tensor1D): Tensor1D {
  const stable = tf.customGrad((value, save) => {
    const argument = value as Tensor1D;
    (save as tf.GradSaveFunc)([argument]);
    return {
      value: tf.neg(tf.softplus(tf.neg(argument))), // [P]
      gradFunc: (dy: Tensor1D, saved: Tensor[]) => tf.mul(dy, tf.sigmoid(tf.neg(saved[0] as Tensor1D))), // [P]
    };
  });
  return stable(x); // [P]
}

/** log(1 - e^x) for x below 0; x closer to 0 than 1e-6, where it is infinite in the end, counts as -1e-6 and has no gradient. */
export function log1mExp(x: Tensor1D): Tensor1D {
  return tf.log(tf.neg(tf.expm1(tf.minimum(x, -1e-6)))); // [P]
}

/** Exponents count as at most this, so that their exponential stays finite in float32: TRL's value. */
const LARGEST_EXPONENT = 80;

/** (e^{power x} - 1) / power, which is x at power 0: a power of e^x, moved and scaled so that its value is 0 and its slope 1 at x = 0. */
export function bent(x: Tensor1D, power: number): Tensor1D {
  if (power === 0) return x;
  return tf.div(tf.expm1(tf.minimum(tf.mul(power, x), LARGEST_EXPONENT)), power); // [P]
}

/**
 * The elements in rising order, equal ones as they came. The gradient of each goes back to where it was. Elements are compared with one
 * another, since a sort is no kernel that a fused loss may use.
 */
export function sorted(x: Tensor1D): Tensor1D {
  return tf.sum<Tensor1D>(tf.mul(constant(x, placesOf), x), 1); // [P]
}

/** 1 at [k, i] where element i is the k-th smallest, counted from 0. */
function placesOf(x: Tensor1D): Tensor2D {
  const index = tf.range(0, x.size); // [P]
  const [here, other] = [tf.expandDims(x, 1), tf.expandDims(x, 0)]; // [P, 1], [1, P]
  const isEarlier = tf.less(tf.expandDims(index, 0), tf.expandDims(index, 1)); // [P, P]
  const isBefore = tf.logicalOr(tf.less(other, here), tf.logicalAnd(tf.equal(other, here), isEarlier)); // [P, P]
  const rank = tf.sum(tf.cast(isBefore, 'float32'), 1); // [P]
  return tf.cast<Tensor2D>(tf.equal(tf.expandDims(index, 1), tf.expandDims(rank, 0)), 'float32'); // [P, P]
}

/** Halvings of the range in which `largest` looks for its edge: to 2^-24 of it, which is what a float32 can tell apart. */
const HALVINGS = 24;
/** Beyond any element. */
const FAR = 1e30;

/**
 * Chooses the `count` largest of some elements: 1 for these, 0 for all others; 1 for all of them where there are no more. Equal ones at the
 * edge share what is left of the count, so that the order of rows plays no part: a sum weighted by this is the mean over every
 * way of choosing among them. The edge is found by halving, since a sort is no kernel that a fused loss may use.
 * @param among [R, T] 1 on the elements to choose from, 0 on the others
 * @param count [] whole, at least 1
 */
export function largest(x: Tensor2D, among: Tensor2D, count: Scalar): Tensor2D {
  const inside = tf.mul<Tensor2D>(x, among); // [R, T]
  const outside = tf.mul(FAR, tf.sub(1, among)); // [R, T]
  const lowered = tf.sub<Tensor2D>(inside, outside); // [R, T]
  // As many as `count` reach the edge, and fewer reach a step above it.
  let edge = tf.min<Scalar>(tf.add(inside, outside)); // []
  let step = tf.sub<Scalar>(tf.max(lowered), edge); // []
  for (let halving = 0; halving < HALVINGS; halving++) {
    step = tf.div(step, 2); // []
    const reaching = tf.sum(tf.cast(tf.greaterEqual(lowered, tf.add(edge, step)), 'float32')); // []
    edge = tf.add(edge, tf.mul(step, tf.cast(tf.greaterEqual(reaching, count), 'float32'))); // []
  }
  const above = tf.cast<Tensor2D>(tf.greater(lowered, tf.add(edge, step)), 'float32'); // [R, T]
  const reach = tf.cast<Tensor2D>(tf.greaterEqual(lowered, edge), 'float32'); // [R, T]
  const level = tf.mul<Tensor2D>(among, tf.sub(reach, above)); // [R, T]
  const share = tf.div(tf.sub(count, tf.sum(above)), tf.maximum(tf.sum(level), 1)); // []
  return tf.add(above, tf.mul(tf.minimum(share, 1), level)); // [R, T]
}

/** What a function makes of a tensor, as a constant: no gradient flows through the result. */
export function constant<T extends Tensor, C extends Tensor>(x: T, of: (x: T) => C): C {
  const made = tf.customGrad((value) => ({ value: of(value as T), gradFunc: () => tf.zeros(x.shape) }));
  return made(x) as C; // shape of the result
}

/** The same values, as constants: no gradient flows through the result. */
export const detach = <T extends Tensor>(x: T): T => constant(x, (value) => tf.clone(value)); // shape of x

/**
 * Estimates of KL(policy || reference) from samples of the policy, one per token. With rho = log pi - log pi_ref:
 * k1 = rho (unbiased, noisy, may be negative), k2 = rho^2 / 2 (biased), k3 = e^-rho - 1 + rho (unbiased, never negative).
 * As losses they differ: on-policy, the gradient of k2 is the reverse KL's, that of k3 the forward KL's, and that of k1
 * has mean 0. Source: J. Schulman, "Approximating KL divergence" (2020).
 */
export function k1(logp: Tensor2D, refLogp: Tensor2D): Tensor2D {
  return tf.sub(logp, refLogp); // [R, T]
}

/** rho^2 / 2; see k1. */
export function k2(logp: Tensor2D, refLogp: Tensor2D): Tensor2D {
  return tf.mul(0.5, tf.square(k1(logp, refLogp))); // [R, T]
}

/** e^-rho - 1 + rho; see k1. */
export function k3(logp: Tensor2D, refLogp: Tensor2D): Tensor2D {
  const rho = k1(logp, refLogp); // [R, T]
  // expm1 keeps the digits that exp(-rho) - 1 loses while the policy is still near the reference.
  return tf.add(tf.expm1(tf.neg(rho)), rho); // [R, T]
}

/** PPO's pessimistic surrogate min(ratio A, clip(ratio, 1 - low, 1 + high) A). `ratio` is [R, T] or [R, 1]. */
export function clippedSurrogate(ratio: Tensor2D, advantages: Tensor2D, low: number, high: number): Tensor2D {
  const clipped = tf.clipByValue(ratio, 1 - low, 1 + high); // as ratio
  return tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages)); // [R, T]
}

/** Reward minus the mean reward of its group. */
export function centred(rewards: Tensor1D, group: number): Tensor1D {
  const grouped = tf.reshape(rewards, [-1, group]); // [R / group, group]
  return tf.reshape(tf.sub(grouped, tf.mean(grouped, 1, true)), [-1]); // [R]
}

/** Reward minus the mean reward of the others in its group (RLOO, arXiv 2402.14740); 0 in a group of one. */
export function leaveOneOut(rewards: Tensor1D, group: number): Tensor1D {
  return tf.mul(centred(rewards, group), group / Math.max(group - 1, 1)); // [R]
}

/** Standard deviation within each group, with n - 1 in the denominator as in TRL, repeated for each of its rows. */
export function groupStd(rewards: Tensor1D, group: number): Tensor1D {
  const squares = tf.reshape(tf.square(centred(rewards, group)), [-1, group]); // [R / group, group]
  const variance = tf.div(tf.sum(squares, 1, true), Math.max(group - 1, 1)); // [R / group, 1]
  return tf.reshape(tf.tile(tf.sqrt(variance), [1, group]), [-1]); // [R]
}

/** Gives every completion token of a row the row's value, and 0 to the rest. */
export function perToken(x: Tensor1D, mask: Tensor2D): Tensor2D {
  return tf.mul(tf.expandDims(x, 1), mask); // [R, T]
}

/** A diagnostic that these settings leave unmeasured. */
export const notMeasured = (): Scalar => tf.scalar(Number.NaN); // []

/**
 * The reference's log-probabilities, for an objective that cannot do without.
 * @throws Error where the caller left them out although `needsReference` says yes.
 */
export function required(refLogp: Tensor2D | null, objective: string): Tensor2D {
  if (refLogp === null) throw new Error(`${objective} needs the log-probabilities of the reference policy`);
  return refLogp; // [R, T]
}
