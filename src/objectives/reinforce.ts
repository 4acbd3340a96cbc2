/** REINFORCE: the policy gradient itself, with a choice of baselines. With the others' mean as the baseline it is RLOO. */

import type { Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { choice, number } from '../core/params';
import { tilted } from '../metrics/exact';
import { ENTROPY, KL } from './diagnostics';
import { defineObjective } from './objective';
import { bestReachable } from './optimum';
import { centred, k1, k3, leaveOneOut, meanOver, notMeasured, perToken, required, sequenceSum, tokenMean } from './terms';

const BASELINES: Readonly<Record<'none' | 'group' | 'leave-one-out', (rewards: Tensor1D, group: number) => Tensor1D>> = {
  none: (rewards) => rewards,
  group: centred,
  'leave-one-out': leaveOneOut,
};

/**
 * R_i = r_i - beta sum_t k1 at the time of sampling, A_i = R_i - baseline, L = -mean over samples of A_i sum_t log pi.
 * Its gradient is an unbiased estimate of that of -E[r] + beta KL(pi || pi_ref) when the samples are the policy's own; the
 * group mean shrinks it by (G - 1) / G. Nothing corrects for samples that have aged: take `refreshEvery: 1`.
 *
 * The beta in the reward is that of TRL's `RLOOTrainer` (there .05), which also clips a ratio of sequences that is 1 on fresh
 * samples. GRPO at ratio 1 without scaling and with beta 0 has this gradient with the group baseline: up to the constant T
 * with `dr_grpo`, and exactly for completions of one token. Paper: arXiv 2402.14740.
 */
export const reinforce = defineObjective({
  id: 'reinforce',
  title: 'REINFORCE',
  summary: 'The plain policy gradient: raises the log-probability of samples in proportion to their reward above a baseline.',
  paper: {
    title: 'Back to Basics: Revisiting REINFORCE Style Optimization for Learning from Human Feedback in LLMs',
    url: 'https://arxiv.org/abs/2402.14740',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i A_i \sum_t \log \pi_\theta(y_{it} \mid x_i, y_{i,<t}),
    \qquad A_i = r_i - \beta \log\frac{\pi_{\mathrm{old}}(y_i \mid x_i)}{\pi_{\mathrm{ref}}(y_i \mid x_i)} - b_i`,
  data: 'rollouts',
  family: 'online',
  params: {
    baseline: choice({
      title: 'Baseline',
      help: 'What is subtracted from the reward; it lowers the variance of the gradient.',
      default: 'leave-one-out',
      options: [
        { value: 'none', title: 'None' },
        { value: 'group', title: 'Mean of the group' },
        { value: 'leave-one-out', title: 'Mean of the others in the group (RLOO)' },
      ],
    }),
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference, taken off the reward. 0 leaves the reference out.',
      default: 0,
      min: 0,
      max: 10,
      step: 0.01,
    }),
  },
  diagnostics: { kl: KL, entropy: ENTROPY },
  needsReference: ({ beta }) => beta > 0,

  advantages({ rewards, group, mask, oldLogp, refLogp, params: { baseline, beta } }) {
    const penalty = beta > 0 ? tf.mul(beta, sequenceSum(k1(oldLogp, required(refLogp, 'reinforce')), mask)) : null; // [R]
    const penalised: Tensor1D = penalty === null ? rewards : tf.sub(rewards, penalty); // [R]
    return perToken(BASELINES[baseline](penalised, group), mask); // [R, T]
  },

  loss({ logp, refLogp, entropy, mask, batch, totals }) {
    return {
      loss: tf.neg(meanOver(tf.mul(tf.mul(batch.advantages, logp), mask), totals.rows)), // []
      diagnostics: {
        kl: refLogp === null ? notMeasured() : tokenMean(k3(logp, refLogp), mask, totals), // []
        entropy: tokenMean(entropy, mask, totals), // []
      },
    };
  },

  /** pi_ref e^{r / beta}, whatever the baseline; with beta 0 its limit, the best completions that the reference can reach. */
  optimum({ reference, reward, params: { beta } }) {
    return beta > 0 ? tilted(reference, reward, beta) : bestReachable(reference, reward);
  },
});
