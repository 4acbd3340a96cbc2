/** Nash-MD: the policy learns to beat a mixture of itself and the reference. */

import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { equilibrium } from './optimum';
import { total } from './policy-gradient';
import { detach, halves, k1, meanOver, required, sequenceSum, tokenMean } from './terms';

/**
 * One sample y of the policy against one sample y' of the mixture pi^{1 - w} pi_ref^w, token by token, w = `mixture_coef`:
 * L = -mean of (P(y beats y') - 1/2) log pi(y) + beta mean of sum_t sg[k1_t] log pi(y_t), sg stopping the gradient. Both are score
 * functions; the half is a control variate. The opponent's rows carry no gradient. The KL charges each token with its own
 * log-ratio alone. Parameters, defaults and formula are those of TRL's `NashMDTrainer` (experimental).
 */
export const nashMd = defineObjective({
  id: 'nash-md',
  title: 'Nash-MD',
  summary: 'Compares a sample of the policy with one of a mixture of policy and reference, and makes what wins more likely.',
  paper: { title: 'Nash Learning from Human Feedback', url: 'https://arxiv.org/abs/2312.00886' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\Big[\big(\mathbb{P}(y \succ y') - \tfrac12\big) \log \pi_\theta(y)\Big]
    + \beta\, \mathbb{E}\Big[\sum_t \operatorname{sg}\!\Big[\log\frac{\pi_\theta(y_t)}{\pi_{\mathrm{ref}}(y_t)}\Big] \log \pi_\theta(y_t)\Big],
    \qquad y \sim \pi_\theta, \quad y' \sim \pi_\theta^{1-w}\, \pi_{\mathrm{ref}}^{w}`,
  data: 'duels',
  family: 'online',
  differs:
    'TRL takes the sigmoid of the difference of two reward models for the probability of winning; here the better reward wins for certain ' +
    'and a tie counts half. OpenRLHF and verl do not have it.',
  params: {
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference.',
      default: 0.1,
      min: 0.001,
      max: 10,
      scale: 'log',
    }),
    mixture_coef: number({
      title: 'Mixture',
      help: "The reference's share in the opponent: 0 plays against itself, 1 against the reference.",
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
    }),
  },
  diagnostics: {
    'loss/score': {
      title: 'Score',
      help: 'Mean of the log-probability of a sample times its chance of winning less one half.',
      chart: 'loss',
    },
    'loss/kl': {
      title: 'KL (k1, per completion)',
      help: "Mean log-probability of the policy's samples minus the reference's.",
      chart: 'kl',
      unit: 'nats',
    },
    'rewards/probabilities': {
      title: 'Won',
      help: "Fraction of the policy's samples that beat the opponent's, a tie counting half.",
      chart: 'accuracy',
      unit: 'fraction',
    },
    entropy: ENTROPY,
  },
  needsReference: () => true,
  opponent: ({ mixture_coef }) => mixture_coef,

  loss({ logp, refLogp, entropy, mask, batch: { wins }, totals, params: { beta } }) {
    const pairs = totals.rows / 2;
    const logRatio = detach(k1(logp, required(refLogp, 'nash-md'))); // [R, T]
    const [sampled] = halves(sequenceSum(logp, mask)); // [P]
    const [penalty] = halves(sequenceSum(tf.mul(logRatio, logp), mask)); // [P]
    const [kl] = halves(sequenceSum(logRatio, mask)); // [P]
    const score = meanOver(tf.mul(tf.sub(wins, 0.5), sampled), pairs); // []
    const terms: Record<string, Scalar> = { score: tf.neg(score), kl: tf.mul(beta, meanOver(penalty, pairs)) }; // []
    return {
      loss: total(terms), // []
      terms,
      diagnostics: {
        'loss/score': score, // []
        'loss/kl': meanOver(kl, pairs), // []
        'rewards/probabilities': meanOver(wins, pairs), // []
        entropy: tokenMean(entropy, mask, totals), // []
      },
    };
  },

  /** Where the policy is its own best answer to the mixture; see `equilibrium`. For completions of one token. */
  optimum: ({ reference, reward, params: { beta, mixture_coef } }) => equilibrium(reference, reward, beta, mixture_coef),
});
