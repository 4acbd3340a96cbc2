/** REINFORCE: the policy gradient itself, with a choice of baselines. With the others' mean as the baseline it is RLOO. */

import type { Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { choice, number } from '../core/params';
import { defineObjective } from './objective';
import { regularised } from './optimum';
import { GRADIENT_DIAGNOSTICS, lessKl, policyGradient } from './policy-gradient';
import { centred, leaveOneOut, perToken } from './terms';

type Baseline = 'none' | 'running' | 'group' | 'leave-one-out';

/** Rewards [R] less their baseline. */
const LESS: Readonly<Record<Baseline, (rewards: Tensor1D, group: number, seen: { readonly mean: number }) => Tensor1D>> = {
  none: (rewards) => rewards,
  running: (rewards, _group, seen) => tf.sub(rewards, seen.mean), // [R]
  group: centred,
  'leave-one-out': leaveOneOut,
};

/**
 * R_i = r_i - beta sum_t k1 at the time of sampling, A_i = R_i - baseline, L = -mean over samples of A_i sum_t log pi.
 * Its gradient is an unbiased estimate of that of -E[r] + beta KL(pi || pi_ref) when the samples are the policy's own; the
 * group mean shrinks it by (G - 1) / G. Nothing corrects for samples that have aged: take `refreshEvery: 1`. The running mean is
 * that of the stage's rewards before these samples, 0 for the first.
 *
 * The beta in the reward is that of TRL's `RLOOTrainer` (there .05), which also clips a ratio of completions that is 1 on fresh
 * samples. GRPO at ratio 1 without scaling and with beta 0 has this gradient with the group baseline: up to the constant T
 * with `dr_grpo`, and exactly for completions of one token. Paper: arXiv 2402.14740; Williams (1992).
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
  differs:
    'TRL has no REINFORCE; its RLOOTrainer has the same gradient on fresh samples with the leave-one-out baseline. OpenRLHF and verl ' +
    'offer REINFORCE++, which normalises advantages over the batch and clips a ratio: reinforce-pp here.',
  params: {
    baseline: choice({
      title: 'Baseline',
      help: 'What is subtracted from the reward; it lowers the variance of the gradient.',
      default: 'leave-one-out',
      options: [
        { value: 'none', title: 'None' },
        { value: 'running', title: 'Mean of the rewards so far' },
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
  diagnostics: GRADIENT_DIAGNOSTICS,
  needsReference: ({ beta }) => beta > 0,

  advantages(input) {
    const { group, mask, seen, params } = input;
    return perToken(LESS[params.baseline](lessKl(input, params.beta, 'reinforce'), group, seen), mask); // [R, T]
  },

  loss: policyGradient,

  /** pi_ref e^{r / beta}, whatever the baseline; with beta 0 its limit, the best completions that the reference can reach. */
  optimum: ({ reference, reward, params: { beta } }) => regularised(reference, reward, beta, 0),
});
