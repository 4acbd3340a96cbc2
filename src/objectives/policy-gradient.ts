/**
 * What the objectives on scored samples share: the KL in the reward, ratios to the policy that drew the samples and their
 * clipping, the entropy bonus, and returns over tokens. R rows of T tokens.
 */

import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { number } from '../core/params';
import { ENTROPY, KL } from './diagnostics';
import type { AdvantageInput, LossInput, LossOutput, Totals } from './objective';
import { clippedSurrogate, k1, k3, meanOver, notMeasured, required, rowMean, sequenceMean, sequenceSum, tokenMean } from './terms';

/** The bounds of the ratio, with TRL's names and defaults. */
export const CLIP_PARAMS = {
  epsilon: number({
    title: 'Epsilon',
    help: 'The ratio stops counting below 1 minus this where the advantage is negative.',
    default: 0.2,
    min: 0,
    max: 1,
    step: 0.01,
  }),
  epsilon_high: number({
    title: 'Epsilon, high',
    help: 'The ratio stops counting above 1 plus this where the advantage is positive. DAPO takes .28.',
    default: 0.2,
    min: 0,
    max: 10,
    step: 0.01,
  }),
} as const;

/** What `policyGradient` reports. */
export const GRADIENT_DIAGNOSTICS = { kl: KL, entropy: ENTROPY } as const;

/** What `clipping` reports, with TRL's names. */
export const CLIP_DIAGNOSTICS = {
  'ratio/mean': { title: 'Ratio, mean', help: 'Probability of sampled tokens now against when they were sampled.', chart: 'ratio' },
  'clip_ratio/low_mean': {
    title: 'Clipped low',
    help: 'Fraction with a negative advantage and a ratio below 1 - epsilon.',
    chart: 'ratio',
    unit: 'fraction',
  },
  'clip_ratio/high_mean': {
    title: 'Clipped high',
    help: 'Fraction with a positive advantage and a ratio above 1 + epsilon (high).',
    chart: 'ratio',
    unit: 'fraction',
  },
  'clip_ratio/region_mean': {
    title: 'Clipped',
    help: 'Fraction whose ratio is clipped on either side; these carry no gradient.',
    chart: 'ratio',
    unit: 'fraction',
  },
} as const satisfies Record<string, MetricSpec>;

/** Scored samples with what they were drawn by. */
type Sampled = Pick<AdvantageInput<unknown>, 'rewards' | 'oldLogp' | 'refLogp' | 'mask'>;

/**
 * r - beta sum_t k1 at the time of sampling, or another estimate of the KL in k1's place; r itself with beta 0.
 * @throws Error without the reference that beta asks for
 */
export function lessKl({ rewards, oldLogp, refLogp, mask }: Sampled, beta: number, objective: string, estimate = k1): Tensor1D {
  if (beta === 0) return rewards;
  return tf.sub(rewards, tf.mul(beta, sequenceSum(estimate(oldLogp, required(refLogp, objective)), mask))); // [R]
}

/** The score function's estimate: L = -mean over samples of sum_t A_t log pi. Nothing corrects for samples that have aged. */
export function policyGradient({
  logp,
  refLogp,
  entropy,
  mask,
  batch,
  totals,
}: LossInput<'rollouts', unknown>): LossOutput<keyof typeof GRADIENT_DIAGNOSTICS> {
  return {
    loss: tf.neg(meanOver(tf.mul(tf.mul(batch.advantages, logp), mask), totals.rows)), // []
    diagnostics: { kl: measuredKl(logp, refLogp, mask, totals), entropy: tokenMean(entropy, mask, totals) }, // []
  };
}

/** Mean k3 per token; unmeasured without a reference. */
export const measuredKl = (logp: Tensor2D, refLogp: Tensor2D | null, mask: Tensor2D, totals: Totals): Scalar =>
  refLogp === null ? notMeasured() : tokenMean(k3(logp, refLogp), mask, totals); // []

/** pi / pi_old of each token. */
export const tokenRatio = (logp: Tensor2D, oldLogp: Tensor2D): Tensor2D => tf.exp(tf.sub(logp, oldLogp)); // [R, T]

/** One ratio per completion: the geometric mean over its tokens (GSPO, arXiv 2507.18071). */
export const meanRatio = (logp: Tensor2D, oldLogp: Tensor2D, mask: Tensor2D): Tensor2D =>
  tf.expandDims(tf.exp(sequenceMean(tf.sub(logp, oldLogp), mask)), 1); // [R, 1]

/** One ratio per completion: of its probability as a whole. */
export const completionRatio = (logp: Tensor2D, oldLogp: Tensor2D, mask: Tensor2D): Tensor2D =>
  tf.expandDims(tf.exp(sequenceSum(tf.sub(logp, oldLogp), mask)), 1); // [R, 1]

/** The mean ratio and the clipped fractions: of tokens, or of completions where a completion has one ratio. */
export function clipping(
  ratio: Tensor2D,
  advantages: Tensor2D,
  mask: Tensor2D,
  totals: Totals,
  { epsilon, epsilon_high }: { epsilon: number; epsilon_high: number },
): Record<keyof typeof CLIP_DIAGNOSTICS, Scalar> {
  const low = tf.logicalAnd<Tensor2D>(tf.less(ratio, 1 - epsilon), tf.less(advantages, 0)); // [R, T]
  const high = tf.logicalAnd<Tensor2D>(tf.greater(ratio, 1 + epsilon_high), tf.greater(advantages, 0)); // [R, T]
  const average = ratio.shape[1] === 1 ? rowMean : tokenMean;
  const fraction = (flags: Tensor2D): Scalar => average(tf.cast(flags, 'float32'), mask, totals); // []
  return {
    'ratio/mean': average(ratio, mask, totals), // []
    'clip_ratio/low_mean': fraction(low), // []
    'clip_ratio/high_mean': fraction(high), // []
    'clip_ratio/region_mean': fraction(tf.logicalOr(low, high)), // []
  };
}

/** What `clippedTokens` reports. */
export const CLIPPED_DIAGNOSTICS = { entropy: ENTROPY, ...CLIP_DIAGNOSTICS } as const;

/** PPO's surrogate with the ratio of each token, averaged over all tokens: verl's loss unless told otherwise. */
export function clippedTokens({
  logp,
  entropy,
  mask,
  batch: { oldLogp, advantages },
  totals,
  params,
}: LossInput<'rollouts', { readonly epsilon: number; readonly epsilon_high: number }>): LossOutput<keyof typeof CLIPPED_DIAGNOSTICS> {
  const ratio = tokenRatio(logp, oldLogp); // [R, T]
  const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
  return {
    loss: tf.neg(tokenMean(surrogate, mask, totals)), // []
    diagnostics: { entropy: tokenMean(entropy, mask, totals), ...clipping(ratio, advantages, mask, totals, params) }, // []
  };
}

/** The loss that its parts add up to. */
export const total = (terms: Readonly<Record<string, Scalar>>): Scalar =>
  Object.values(terms).reduce((sum, term) => tf.add<Scalar>(sum, term)); // []

/** The reward of each token: -beta k1 on every token, and the score of the completion on its last. */
export function tokenRewards({ rewards, oldLogp, refLogp, mask }: Sampled, beta: number, objective: string): Tensor2D {
  const isLast = tf.sub<Tensor2D>(mask, nextToken(mask)); // [R, T]
  const scores = tf.mul<Tensor2D>(tf.expandDims(rewards, 1), tf.relu(isLast)); // [R, T]
  if (beta === 0) return scores;
  return tf.sub(scores, tf.mul(tf.mul(beta, k1(oldLogp, required(refLogp, objective))), mask)); // [R, T]
}

/** What stands one place to the right; 0 at the end. */
export function nextToken(x: Tensor2D): Tensor2D {
  const [rows, length] = x.shape;
  return tf.pad2d(tf.slice2d(x, [0, 1], [rows, length - 1]), [
    [0, 0],
    [0, 1],
  ]); // [R, T]
}

/** sum over s >= t of factor^(s - t) x_s within each row; 0 where masked. Completions are unbroken stretches of a row. */
export function discountedSums(x: Tensor2D, mask: Tensor2D, factor: number): Tensor2D {
  const length = mask.shape[1];
  const weights = Array.from({ length }, (_, s) => Array.from({ length }, (_, t) => (s >= t ? factor ** (s - t) : 0)));
  return tf.mul(tf.matMul(tf.mul(x, mask), tf.tensor2d(weights, [length, length])), mask); // [R, T]
}

/**
 * Generalised advantage estimation (arXiv 1506.02438): A_t = sum_{s >= t} (gamma lam)^(s - t) delta_s,
 * delta_t = r_t + gamma V_{t+1} - V_t, with V = 0 after the last token.
 * @param values [R, T] value of the state in which each token is chosen
 */
export function gae(rewards: Tensor2D, values: Tensor2D, mask: Tensor2D, { gamma, lam }: { gamma: number; lam: number }): Tensor2D {
  const value = tf.mul<Tensor2D>(values, mask); // [R, T]
  const delta = tf.sub<Tensor2D>(tf.add(rewards, tf.mul(gamma, nextToken(value))), value); // [R, T]
  return discountedSums(delta, mask, gamma * lam); // [R, T]
}

/** Mean 0 and variance 1 over the unmasked tokens, with n - 1 in the variance and 1e-8 added to it, as in verl and TRL. */
export function whitened(x: Tensor2D, mask: Tensor2D): Tensor2D {
  const count = tf.sum(mask); // []
  const mean = tf.div(tf.sum(tf.mul(x, mask)), count); // []
  const apart = tf.mul<Tensor2D>(tf.sub(x, mean), mask); // [R, T]
  const variance = tf.div(tf.sum(tf.square(apart)), tf.maximum(tf.sub(count, 1), 1)); // []
  return tf.div(apart, tf.sqrt(tf.add(variance, 1e-8))); // [R, T]
}
