/** A*-PO: regression of the implicit reward onto how much better a sample is than the best policy expects to be. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { regularised } from './optimum';
import { k1, meanOver, perToken, required, sequenceMean, sequenceSum, tokenMean } from './terms';

const temperature = (title: string, help: string) => number({ title, help, default: 0.5, min: 0.001, max: 10, scale: 'log' });

/**
 * V*(x) = beta1 log(mean over the group of pi_ref(y) / pi_old(y) e^{r / beta1}), the value of the best policy under the KL to the reference; A
 * = r - V*; L = mean over completions of (beta2 s - A)^2, s = log pi(y) - log pi_ref(y). At its minimum of 0 the policy is pi_ref e^{r / beta},
 * with no clipping, deviation or comparison within the group. TRL's `A2POTrainer`, loss and V*, beta1 .5; arXiv 2505.20686.
 */
export const a2po = defineObjective({
  id: 'a2po',
  title: 'A*-PO',
  summary: 'Regresses the log-ratio to the reference onto the reward above the value of the best policy, which the samples tell.',
  paper: { title: 'Accelerating RL for LLM Reasoning with Optimal Advantage Regression', url: 'https://arxiv.org/abs/2505.20686' },
  formula: String.raw`\mathcal{L} = \frac{1}{N} \sum_i \left(\beta_2 \log\frac{\pi_\theta(y_i \mid x_i)}{\pi_{\mathrm{ref}}(y_i \mid x_i)}
    - \big(r_i - V^*(x_i)\big)\right)^{\!2}, \quad
    V^*(x) = \beta_1 \log \mathbb{E}_{y \sim \pi_{\mathrm{ref}}}\big[e^{r(x, y) / \beta_1}\big]`,
  data: 'rollouts',
  family: 'online',
  differs:
    'TRL estimates V* once, from samples of the reference that it draws before training, and then samples one completion for a prompt. Here the ' +
    "group's own samples tell it, weighted by pi_ref / pi_old, which is 1 where the reference drew them. TRL's beta2 is 1e-3, which asks for " +
    'log-ratios of hundreds; with beta1 = beta2, as here, there is a policy that fits.',
  params: {
    beta1: temperature('Beta 1', 'The temperature at which V* is estimated.'),
    beta2: temperature('Beta 2', 'The weight of the log-ratio to the reference that is regressed.'),
  },
  diagnostics: {
    entropy: ENTROPY,
    implicit_reward: {
      title: 'Implicit reward',
      help: 'Beta 2 times the log-ratio of a completion to the reference, mean over completions.',
      chart: 'loss',
    },
    advantage: {
      title: 'Advantage',
      help: 'Reward less the value of the best policy, mean over completions: what is regressed onto.',
      chart: 'reward',
    },
  },
  needsReference: () => true,

  advantages({ rewards, oldLogp, refLogp, mask, group, params: { beta1 } }) {
    const known = sequenceSum(k1(required(refLogp, 'a2po'), oldLogp), mask); // [R]
    const exponents = tf.reshape(tf.add(tf.div(rewards, beta1), known), [-1, group]); // [R / group, group]
    const value = tf.mul(beta1, tf.sub(tf.logSumExp(exponents, 1, true), Math.log(group))); // [R / group, 1]
    return perToken(tf.reshape(tf.sub(tf.reshape(rewards, [-1, group]), value), [-1]), mask); // [R, T]
  },

  loss({ logp, refLogp, entropy, mask, batch: { advantages }, totals, params: { beta2 } }) {
    const implicit = tf.mul<tf.Tensor1D>(beta2, sequenceSum(k1(logp, required(refLogp, 'a2po')), mask)); // [R]
    const target = sequenceMean(advantages, mask); // [R], the same for every token
    return {
      loss: meanOver(tf.square(tf.sub(implicit, target)), totals.rows), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        implicit_reward: meanOver(implicit, totals.rows), // []
        advantage: meanOver(target, totals.rows), // []
      },
    };
  },

  /** pi_ref e^{r / beta} where both betas are one; else no policy fits, and what comes nearest moves with the samples. */
  optimum: ({ reference, reward, params: { beta1, beta2 } }) => (beta1 === beta2 ? regularised(reference, reward, beta1, 0) : null),
});
