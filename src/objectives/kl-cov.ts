/** KL-Cov: the policy gradient with a penalty on moving the few tokens whose covariance would cost the most entropy. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { COVARIANCE, COVARIANCE_AWARE, countOf, covariances, shareOfTokens } from './covariance';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { CLIP_DIAGNOSTICS, total } from './policy-gradient';
import { constant, k1, largest, tokenMean } from './terms';

/** Log-ratios nearer to 0 than this are what scoring and sampling differ by in rounding: no movement, and so no side to be pushed to. */
const STILL = 1e-5;

/**
 * L = -sum over all tokens of (rho A - ppo_kl_coef s |log rho|) / number of tokens, A as in GRPO, rho not clipped. s = 1 on the
 * max(1, kl_cov_ratio times number of tokens) of the batch with the largest covariance (A - mean A)(log pi - mean log pi), 0 on the others.
 * On fresh samples log rho is 0 and |log rho| has no gradient, as in torch, so that the penalty holds only from the second step on the same
 * samples on: hence `refreshEvery: 4`. verl's `loss_mode: kl_cov`, ratio .0002, coefficient .1; arXiv 2505.22617.
 *
 * Tokens of equal covariance at the edge share what is left of the count, where verl's topk takes some of them: completions that are alike
 * are treated alike, and the loss is the mean over what could have been taken.
 */
export const klCov = defineObjective({
  ...COVARIANCE_AWARE,
  id: 'kl-cov',
  title: 'KL-Cov',
  summary: 'The policy gradient that holds the few tokens that would narrow the policy most to where they were when sampled.',
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \rho_{it} A_i
    + \frac{\beta}{\sum_i |y_i|} \sum_{(i,t) \in \operatorname{top}_k(c)} \big|\log \rho_{it}\big|, \quad
    c_{it} = (A_i - \bar A)\big(\log \pi_\theta(y_{it}) - \overline{\log \pi_\theta}\big)`,
  training: { refreshEvery: 4 },
  differs:
    'TRL 1.13 and OpenRLHF do not have it. The defaults are those of verl, whose function falls back to a coefficient of 1 where none is ' +
    'configured. verl takes the tokens of a micro-batch on one device, and one of those that are equally far up; here they are those of the ' +
    'batch, which is never cut, and equal ones share the penalty. Small batches have few tokens: .0002 of them is then one.',
  params: {
    kl_cov_ratio: shareOfTokens('How many bear the penalty, of all tokens: those with the largest covariance.'),
    ppo_kl_coef: number({
      title: 'KL coefficient',
      help: 'Weight of the distance of these tokens from where they were when sampled.',
      default: 0.1,
      min: 0,
      max: 100,
      step: 0.01,
    }),
  },
  diagnostics: {
    entropy: ENTROPY,
    'ratio/mean': CLIP_DIAGNOSTICS['ratio/mean'],
    covariance: COVARIANCE,
    'actor/ppo_kl': {
      title: 'Log-ratio, mean size',
      help: 'Mean distance of the log-probability of sampled tokens from what it was when they were sampled.',
      chart: 'kl',
      unit: 'nats',
    },
  },

  loss({ logp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const logRatio = k1(logp, oldLogp); // [R, T]
    const ratio = tf.exp<Tensor2D>(logRatio); // [R, T]
    const side = constant(logRatio, (x) => tf.mul<Tensor2D>(tf.sign(x), tf.cast(tf.greater(tf.abs(x), STILL), 'float32'))); // [R, T]
    const distance = tf.mul<Tensor2D>(side, logRatio); // [R, T]
    const isHeld = constant(logp, (now) => largest(covariances(now, advantages, mask, totals), mask, countOf(params.kl_cov_ratio, totals))); // [R, T]
    const terms = {
      policy: tf.neg(tokenMean(tf.mul(ratio, advantages), mask, totals)), // []
      kl: tf.mul<Scalar>(params.ppo_kl_coef, tokenMean(tf.mul(isHeld, distance), mask, totals)), // []
    };
    return {
      loss: total(terms), // []
      terms,
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        'ratio/mean': tokenMean(ratio, mask, totals), // []
        covariance: tokenMean(covariances(logp, advantages, mask, totals), mask, totals), // []
        'actor/ppo_kl': tokenMean(distance, mask, totals), // []
      },
    };
  },
});
