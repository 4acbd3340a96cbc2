/** Group relative policy optimisation: PPO's clipped ratio, with advantages from the other samples of the same prompt. */

import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { choice, number } from '../core/params';
import { ENTROPY, KL } from './diagnostics';
import { defineObjective, type Totals } from './objective';
import { bestReachable, forwardTilted } from './optimum';
import {
  centred,
  clippedSurrogate,
  groupStd,
  k3,
  meanOver,
  notMeasured,
  perToken,
  required,
  rowMean,
  sequenceMean,
  tokenMean,
} from './terms';

/** Added to the standard deviation; TRL's value. */
const STD_EPSILON = 1e-4;

/**
 * How token losses [R, T] become one number. Counts are those of the whole batch, so `bnpo`, which TRL divides by the
 * tokens of each micro-batch, and `dapo`, which it divides by those of the whole batch, are one here. `dr_grpo` divides by a
 * constant length. That is T, the row length, which is the same in every batch of a run; TRL takes the longest completion
 * allowed, so its loss is larger by the constant T / max_completion_length, which AdamW's steps do not feel.
 */
const REDUCE: Readonly<Record<'grpo' | 'bnpo' | 'dapo' | 'dr_grpo', (x: Tensor2D, mask: Tensor2D, totals: Totals) => Scalar>> = {
  dapo: tokenMean,
  bnpo: tokenMean,
  grpo: rowMean,
  dr_grpo: (x, mask, totals) => meanOver(tf.mul(x, mask), totals.rows * mask.shape[1]), // []
};

/**
 * A_i = (r_i - mean of its group) / (std + 1e-4), the same for every token of completion i.
 * L = reduce(-min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A) + beta k3), rho = pi / pi_old per token, or per
 * sequence the exponential of the mean log-ratio (GSPO, arXiv 2507.18071).
 *
 * Defaults, reductions and metric names are those of TRL 1.13's `GRPOTrainer`, which are not the paper's: `dapo` and beta 0
 * against `grpo` and beta .04. In verl `clip_ratio` is the fraction of truncated completions instead.
 * TRL logs `kl` only with beta above 0; so does this.
 */
export const grpo = defineObjective({
  id: 'grpo',
  title: 'GRPO',
  summary: "Samples a group of completions for each prompt and makes those that beat the group's mean reward more likely.",
  paper: {
    title: 'DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models',
    url: 'https://arxiv.org/abs/2402.03300',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{\sum_i |y_i|} \sum_{i,t} \Big[\min\!\big(\rho_{it} A_i,\;
    \operatorname{clip}(\rho_{it}, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big) - \beta\, k_{3,it}\Big],
    \quad A_i = \frac{r_i - \operatorname{mean}(r)}{\operatorname{std}(r)},
    \quad \rho_{it} = \frac{\pi_\theta(y_{it})}{\pi_{\mathrm{old}}(y_{it})}`,
  data: 'rollouts',
  family: 'online',
  params: {
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference. 0 leaves the reference out.',
      default: 0,
      min: 0,
      max: 10,
      step: 0.01,
    }),
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
    scale_rewards: choice({
      title: 'Scale rewards',
      help: 'What the centred reward is divided by.',
      default: 'group',
      options: [
        { value: 'group', title: 'Standard deviation of the group' },
        { value: 'batch', title: 'Standard deviation of the batch' },
        { value: 'none', title: 'Nothing' },
      ],
    }),
    loss_type: choice({
      title: 'Averaging',
      help: 'How the losses of tokens become one number.',
      default: 'dapo',
      options: [
        { value: 'dapo', title: 'DAPO: mean over all tokens' },
        { value: 'grpo', title: 'GRPO: mean over completions of token means' },
        { value: 'bnpo', title: 'BNPO: mean over all tokens, here the same as DAPO' },
        { value: 'dr_grpo', title: 'Dr. GRPO: sum divided by a constant length' },
      ],
    }),
    importance_sampling_level: choice({
      title: 'Ratio level',
      help: 'Whether each token has its own ratio or the whole completion has one (GSPO).',
      default: 'token',
      options: [
        { value: 'token', title: 'Token' },
        { value: 'sequence', title: 'Sequence' },
      ],
    }),
  },
  diagnostics: {
    kl: KL,
    entropy: ENTROPY,
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
  },
  needsReference: ({ beta }) => beta > 0,

  advantages({ rewards, group, mask, params }) {
    const above = centred(rewards, group); // [R]
    if (params.scale_rewards === 'none') return perToken(above, mask); // [R, T]
    const std = groupStd(rewards, params.scale_rewards === 'group' ? group : rewards.size); // [R]
    return perToken(tf.div(above, tf.add(std, STD_EPSILON)), mask); // [R, T]
  },

  loss({ logp, refLogp, entropy, mask, batch, totals, params }) {
    const { beta, epsilon, epsilon_high } = params;
    const { oldLogp, advantages } = batch;
    const perSequence = params.importance_sampling_level === 'sequence';
    const logRatio = tf.sub<Tensor2D>(logp, oldLogp); // [R, T]
    const ratio = tf.exp<Tensor2D>(perSequence ? tf.expandDims(sequenceMean(logRatio, mask), 1) : logRatio); // [R, T] or [R, 1]

    const policyLoss = tf.neg(clippedSurrogate(ratio, advantages, epsilon, epsilon_high)); // [R, T]
    const kl = beta === 0 && refLogp === null ? null : k3(logp, required(refLogp, 'grpo')); // [R, T]
    const tokenLoss: Tensor2D = beta === 0 || kl === null ? policyLoss : tf.add(policyLoss, tf.mul(beta, kl)); // [R, T]

    const low = tf.logicalAnd<Tensor2D>(tf.less(ratio, 1 - epsilon), tf.less(advantages, 0)); // [R, T]
    const high = tf.logicalAnd<Tensor2D>(tf.greater(ratio, 1 + epsilon_high), tf.greater(advantages, 0)); // [R, T]
    // A sequence has one ratio, so there the fractions are of sequences.
    const average = perSequence ? rowMean : tokenMean;
    const fraction = (flags: Tensor2D): Scalar => average(tf.cast(flags, 'float32'), mask, totals); // []
    return {
      loss: REDUCE[params.loss_type](tokenLoss, mask, totals), // []
      diagnostics: {
        kl: kl === null ? notMeasured() : tokenMean(kl, mask, totals), // []
        entropy: tokenMean(entropy, mask, totals), // []
        'ratio/mean': average(ratio, mask, totals), // []
        'clip_ratio/low_mean': fraction(low), // []
        'clip_ratio/high_mean': fraction(high), // []
        'clip_ratio/region_mean': fraction(tf.logicalOr(low, high)), // []
      },
    };
  },

  /**
   * For completions of one token, sampled afresh at every step.
   *
   * With beta 0 all mass goes to the best completions that the reference can reach, whatever the scaling: an advantage
   * grows with its own reward, the others given.
   *
   * With beta above 0 it is not pi_ref e^{r / beta}. The mean over the policy's own samples of the gradient of k3 is
   * sum((pi - pi_ref) grad log pi), the gradient of KL(pi_ref || pi), so GRPO is held to the reference by the forward KL. The
   * group's mean holds the sample itself, which shrinks advantages by (G - 1) / G and beta grows by the inverse. Dividing
   * by a standard deviation changes beta again, by an amount that moves as the policy does; then there is no closed form.
   */
  optimum({ reference, reward, params: { beta, scale_rewards }, group }) {
    if (beta === 0) return bestReachable(reference, reward);
    return scale_rewards === 'none' ? forwardTilted(reference, reward, (beta * group) / (group - 1)) : null;
  },
});
