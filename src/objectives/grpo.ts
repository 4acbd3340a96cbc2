/** Group relative policy optimisation: PPO's clipped ratio, with advantages from the other samples of the same prompt. */

import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { choice, flag, number } from '../core/params';
import { ENTROPY, KL } from './diagnostics';
import { defineObjective, type Totals } from './objective';
import { forwardTilted, regularised } from './optimum';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, lessKl, meanRatio, measuredKl, tokenRatio, total } from './policy-gradient';
import { centred, groupStd, k1, k2, k3, meanOver, perToken, required, rowMean, tokenMean } from './terms';

/** Added to the standard deviation; TRL's value. */
const STD_EPSILON = 1e-4;

/** What is left of a centred reward [R] in groups of `group`. */
const SCALE: Readonly<Record<'group' | 'batch' | 'none', (above: Tensor1D, rewards: Tensor1D, group: number) => Tensor1D>> = {
  group: (above, rewards, group) => tf.div(above, tf.add(groupStd(rewards, group), STD_EPSILON)), // [R]
  batch: (above, rewards) => tf.div(above, tf.add(groupStd(rewards, rewards.size), STD_EPSILON)), // [R]
  none: (above) => above, // [R]
};

/**
 * How token losses [R, T] become one number. Counts are those of the whole batch, so `bnpo`, which TRL divides by the
 * tokens of each micro-batch, and `dapo`, which it divides by those of the whole batch, are one here. `dr_grpo` divides by a
 * constant length. That is T, the row length, which is the same in every batch of a run; TRL takes the longest completion
 * allowed, so its loss is larger by the constant T / max_completion_length, which AdamW's steps do not feel.
 */
export const REDUCE: Readonly<Record<'grpo' | 'bnpo' | 'dapo' | 'dr_grpo', (x: Tensor2D, mask: Tensor2D, totals: Totals) => Scalar>> = {
  dapo: tokenMean,
  bnpo: tokenMean,
  grpo: rowMean,
  dr_grpo: (x, mask, totals) => meanOver(tf.mul(x, mask), totals.rows * mask.shape[1]), // []
};

/** The ratio of each token, or one for the whole completion (GSPO). */
const RATIO: Readonly<Record<'token' | 'sequence', (logp: Tensor2D, oldLogp: Tensor2D, mask: Tensor2D) => Tensor2D>> = {
  token: tokenRatio, // [R, T]
  sequence: meanRatio, // [R, 1]
};

/** Estimates of the KL to the reference, with the pull that each has as a loss: plain, and weighted by the ratio. */
const ESTIMATORS = {
  k1: { of: k1, plain: 'none', weighted: 'reverse' },
  k2: { of: k2, plain: 'reverse', weighted: null },
  k3: { of: k3, plain: 'forward', weighted: 'reverse' },
} as const;

/** (r - mean of its group) / (std + 1e-4), the same for every token of a completion. */
export function groupAdvantages(
  rewards: Tensor1D,
  mask: Tensor2D,
  { group, scale_rewards }: { group: number; scale_rewards: keyof typeof SCALE },
): Tensor2D {
  return perToken(SCALE[scale_rewards](centred(rewards, group), rewards, group), mask); // [R, T]
}

/**
 * A_i = (r_i - mean of its group) / (std + 1e-4), the same for every token of completion i.
 * L = reduce(-min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A) + beta k3) - entropy_coef H, rho = pi / pi_old per
 * token, or per sequence the exponential of the mean log-ratio (GSPO, arXiv 2507.18071). `delta` bounds the first rho from
 * above, which matters where the advantage is negative (INTELLECT-2). Parameters, defaults and metric names are TRL's.
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
  differs:
    "The defaults are those of TRL's GRPOTrainer, which are not the paper's: averaging over all tokens and beta 0, against the " +
    'mean over completions and beta .04. TRL 1.13 weighs the KL with the ratio unless told otherwise; here, as in the paper and in ' +
    'verl, that is a choice. TRL divides Dr. GRPO by the longest completion allowed, this lab by the length of the rows, and BNPO ' +
    'by the tokens of each micro-batch, here by those of the batch. verl puts the KL into the loss or into the reward, clips ' +
    'ratios with a negative advantage at 3 (delta here), and calls the fraction of truncated completions clip_ratio; here, as in ' +
    'TRL, clip_ratio is about ratios.',
  params: {
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference. 0 leaves the reference out.',
      default: 0,
      min: 0,
      max: 10,
      step: 0.01,
    }),
    ...CLIP_PARAMS,
    delta: number({
      title: 'Delta',
      help: 'The ratio stops counting above this even where the advantage is negative; 0 for no such bound.',
      default: 0,
      min: 0,
      max: 100,
      step: 0.1,
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
    kl_estimator: choice({
      title: 'KL estimator',
      help: 'What stands for the KL to the reference. As a loss k1 holds nothing back, k2 is the reverse KL and k3 the forward one.',
      default: 'k3',
      options: [
        { value: 'k1', title: 'k1: the log-ratio' },
        { value: 'k2', title: 'k2: half its square' },
        { value: 'k3', title: 'k3: never negative, unbiased' },
      ],
    }),
    use_kl_in_reward: flag({
      title: 'KL in the reward',
      help: 'Takes beta times the KL off the reward when a completion is sampled, instead of adding it to the loss.',
      default: false,
    }),
    use_bias_correction_kl: flag({
      title: 'Weigh the KL with the ratio',
      help: 'Multiplies the KL in the loss by the ratio, which makes its gradient that of the reverse KL with k1 or k3.',
      default: false,
    }),
    entropy_coef: number({
      title: 'Entropy bonus',
      help: "Weight of the mean entropy of the policy's next token, which is taken off the loss.",
      default: 0,
      min: 0,
      max: 10,
      step: 0.001,
    }),
  },
  diagnostics: { kl: KL, entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  needsReference: ({ beta }) => beta > 0,
  ratioLevel: ({ importance_sampling_level: level }) => (level === 'sequence' ? 'mean' : 'token'),

  advantages(input) {
    const { rewards, group, mask, params } = input;
    const { beta, kl_estimator, use_kl_in_reward, scale_rewards } = params;
    const earned = use_kl_in_reward ? lessKl(input, beta, 'grpo', ESTIMATORS[kl_estimator].of) : rewards; // [R]
    return groupAdvantages(earned, mask, { group, scale_rewards }); // [R, T]
  },

  loss({ logp, refLogp, entropy, mask, batch, totals, params }) {
    const { beta, epsilon, epsilon_high, delta, entropy_coef } = params;
    const { oldLogp, advantages } = batch;
    const reduce = REDUCE[params.loss_type];
    const ratio = RATIO[params.importance_sampling_level](logp, oldLogp, mask); // [R, T] or [R, 1]
    const bounded = delta > 0 ? tf.minimum<Tensor2D>(ratio, delta) : ratio; // as ratio
    const clipped = tf.clipByValue(ratio, 1 - epsilon, 1 + epsilon_high); // as ratio
    const surrogate = tf.minimum<Tensor2D>(tf.mul(bounded, advantages), tf.mul(clipped, advantages)); // [R, T]
    const terms: Record<string, Scalar> = { policy: tf.neg(reduce(surrogate, mask, totals)) }; // []
    if (beta > 0 && !params.use_kl_in_reward) {
      const kl = ESTIMATORS[params.kl_estimator].of(logp, required(refLogp, 'grpo')); // [R, T]
      terms.kl = tf.mul(beta, reduce(params.use_bias_correction_kl ? tf.mul(kl, ratio) : kl, mask, totals)); // []
    }
    if (entropy_coef > 0) terms.entropy = tf.mul(-entropy_coef, tokenMean(entropy, mask, totals)); // []
    return {
      loss: total(terms), // []
      terms,
      diagnostics: {
        kl: measuredKl(logp, refLogp, mask, totals), // []
        entropy: tokenMean(entropy, mask, totals), // []
        ...clipping(bounded, advantages, mask, totals, params), // []
      },
    };
  },

  /**
   * For completions of one token, sampled afresh at every step. With beta 0 and no entropy bonus all mass goes to the best
   * completions that the reference can reach, whatever the scaling: an advantage grows with its own reward, the others given.
   *
   * Where the KL is a loss, its estimator decides what it means. The mean over the policy's own samples of the gradient of
   * k3 is sum((pi - pi_ref) grad log pi), the gradient of KL(pi_ref || pi), so plain k3 holds GRPO to the reference by the
   * forward KL; k2, and k1 or k3 weighted by the ratio, do so by the reverse KL; the mean gradient of k1 is 0. The group's
   * mean holds the sample itself, which shrinks advantages by (G - 1) / G, so that both weights grow by the inverse.
   * Dividing by a standard deviation changes them again, by an amount that moves as the policy does: then there is no closed
   * form. With k1 in the reward there is whatever the scaling, since all rewards are equal at the optimum.
   */
  optimum({ reference, reward, params, group }) {
    const { beta, entropy_coef, scale_rewards, kl_estimator, use_kl_in_reward, use_bias_correction_kl } = params;
    const grown = group / (group - 1);
    const free = scale_rewards === 'none' || entropy_coef === 0;
    if (beta === 0) return free ? regularised(reference, reward, 0, entropy_coef * grown) : null;
    if (use_kl_in_reward) return free && kl_estimator === 'k1' ? regularised(reference, reward, beta, entropy_coef * grown) : null;
    if (scale_rewards !== 'none') return null;
    const pull = ESTIMATORS[kl_estimator][use_bias_correction_kl ? 'weighted' : 'plain'];
    if (pull === 'forward') return entropy_coef === 0 ? forwardTilted(reference, reward, beta * grown) : null;
    return pull === null ? null : regularised(reference, reward, pull === 'none' ? 0 : beta * grown, entropy_coef * grown);
  },
});
