/** Clip-Cov: GRPO that leaves out a few of the tokens whose covariance would cost the most entropy. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { COVARIANCE, COVARIANCE_AWARE, countOf, covariances, shareOfTokens } from './covariance';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { CLIP_PARAMS, CLIPPED_DIAGNOSTICS, clipping, tokenRatio } from './policy-gradient';
import { clippedSurrogate, constant, largest, tokenMean } from './terms';

/** A bound of the covariance. */
const bound = (title: string, help: string, start: number) => number({ title, help, default: start, min: -100, max: 100, step: 0.1 });

/**
 * L = -sum over all tokens of k min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A) / number of tokens, A as in GRPO, k = 0 on the
 * tokens that are left out and 1 on the others. Left out are max(1, clip_cov_ratio times number of tokens), drawn at random from those whose
 * covariance (A - mean A)(log pi - mean log pi) lies between clip_cov_lb and clip_cov_ub and whose ratio is not clipped anyway. verl's
 * `loss_mode: clip_cov`, ratio .0002, bounds 1 and 5; arXiv 2505.22617.
 *
 * The drawing: of the candidates those with the largest `draws`, which the trainer makes anew for each token from seed, stage and step.
 * That is a uniform choice without replacement, as verl's shuffle is, and the same seed makes the same one. Equal draws share what is
 * left: with all of them equal, the loss is the mean over every choice that verl could make.
 */
export const clipCov = defineObjective({
  ...COVARIANCE_AWARE,
  id: 'clip-cov',
  title: 'Clip-Cov',
  summary: 'GRPO that leaves out, at random, a few of the tokens that would narrow the policy most, to keep its entropy up.',
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{(i,t) \notin I} \min\!\big(\rho_{it} A_i,\;
    \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big), \quad
    I \sim \{(i,t) : \omega_{\mathrm{lb}} < c_{it} < \omega_{\mathrm{ub}}\}, \quad
    c_{it} = (A_i - \bar A)\big(\log \pi_\theta(y_{it}) - \overline{\log \pi_\theta}\big)`,
  differs:
    'TRL 1.13 and OpenRLHF do not have it. verl shuffles the candidates of each micro-batch on each device; here those of the batch, which is ' +
    'never cut, are chosen from by numbers that follow from seed and step. Small batches have few tokens: .0002 of them is then one, which is ' +
    'a larger share than in the paper.',
  params: {
    ...CLIP_PARAMS,
    clip_cov_ratio: shareOfTokens('How many are left out at most, of all tokens.'),
    clip_cov_lb: bound('Covariance, lower bound', 'Tokens with a covariance above this may be left out.', 1),
    clip_cov_ub: bound('Covariance, upper bound', 'Tokens with a covariance below this may be left out.', 5),
  },
  diagnostics: {
    ...CLIPPED_DIAGNOSTICS,
    covariance: COVARIANCE,
    'actor/pg_clipfrac': {
      title: 'Left out',
      help: 'Fraction of tokens that were left out for their covariance.',
      chart: 'ratio',
      unit: 'fraction',
    },
  },
  draws: true,

  /**
   * All mass on the best completions that the reference can reach, as for GRPO, while few are left out. Without a limit to their number all
   * that would narrow the policy may be, and it stands still somewhere on its way.
   */
  optimum: ({ reference, reward, params }) => (params.clip_cov_ratio <= 0.1 ? bestReachable(reference, reward) : null),

  loss({ logp, entropy, mask, batch: { oldLogp, advantages, draws }, totals, params }) {
    if (draws === undefined) throw new Error('clip-cov needs a number for each token to choose by');
    const ratio = tokenRatio(logp, oldLogp); // [R, T]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T]
    const leftOut = constant(logp, (now) => {
      const covariance = covariances(now, advantages, mask, totals); // [R, T]
      const isBetween = tf.logicalAnd(tf.greater(covariance, params.clip_cov_lb), tf.less(covariance, params.clip_cov_ub)); // [R, T]
      const free = tf.mul<Tensor2D>(tokenRatio(now, oldLogp), advantages); // [R, T]
      const clipped = clippedSurrogate(tokenRatio(now, oldLogp), advantages, params.epsilon, params.epsilon_high); // [R, T]
      const isCandidate = tf.logicalAnd(isBetween, tf.equal(clipped, free)); // [R, T]
      return largest(draws, tf.mul<Tensor2D>(mask, tf.cast(isCandidate, 'float32')), countOf(params.clip_cov_ratio, totals)); // [R, T]
    }); // [R, T]
    return {
      loss: tf.neg(tokenMean(tf.mul(tf.sub(1, leftOut), surrogate), mask, totals)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        ...clipping(ratio, advantages, mask, totals, params), // []
        covariance: tokenMean(covariances(logp, advantages, mask, totals), mask, totals), // []
        'actor/pg_clipfrac': tokenMean(leftOut, mask, totals), // []
      },
    };
  },
});
