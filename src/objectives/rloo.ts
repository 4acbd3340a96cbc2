/** RLOO: REINFORCE with the mean of the others as the baseline, and a clipped ratio of whole completions. */
import * as tf from '@tensorflow/tfjs-core';
import { flag, number } from '../core/params';
import { ENTROPY, KL } from './diagnostics';
import { defineObjective } from './objective';
import { regularised } from './optimum';
import { CLIP_DIAGNOSTICS, CLIP_PARAMS, clipping, completionRatio, lessKl, measuredKl } from './policy-gradient';
import { centred, clippedSurrogate, groupStd, leaveOneOut, perToken, rowMean, tokenMean } from './terms';

/**
 * R_i = r_i - beta sum_t k1 at the time of sampling, A_i = R_i - mean of the other R of its group,
 * L = -mean over completions of min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A), rho_i = pi(y_i) / pi_old(y_i).
 * Parameters, defaults and metric names are those of TRL 1.13's `RLOOTrainer`. On fresh samples rho is 1 and the gradient that
 * of REINFORCE with the leave-one-out baseline; the loss itself is then the mean advantage, which is 0 and means nothing.
 */
export const rloo = defineObjective({
  id: 'rloo',
  title: 'RLOO',
  summary:
    'REINFORCE leave-one-out: each sample is compared with the mean of the others, and its KL to the reference is part of its reward.',
  paper: {
    title: 'Back to Basics: Revisiting REINFORCE Style Optimization for Learning from Human Feedback in LLMs',
    url: 'https://arxiv.org/abs/2402.14740',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{N} \sum_i \min\!\big(\rho_i A_i,\; \operatorname{clip}(\rho_i, 1-\epsilon, 1+\epsilon_{\mathrm{high}})\, A_i\big),
    \quad A_i = R_i - \frac{1}{G-1} \sum_{j \ne i} R_j,
    \quad R_i = r_i - \beta \log\frac{\pi_{\mathrm{old}}(y_i \mid x_i)}{\pi_{\mathrm{ref}}(y_i \mid x_i)}`,
  data: 'rollouts',
  family: 'online',
  differs:
    "Defaults are TRL's. OpenRLHF and verl take the same baseline, but PPO's ratio of each token in place of one for the completion, and " +
    'OpenRLHF leaves the KL out of the baseline: it stays a reward of its token.',
  params: {
    beta: number({
      title: 'Beta',
      help: 'Weight of the KL to the reference, taken off the reward. 0 leaves the reference out.',
      default: 0.05,
      min: 0,
      max: 10,
      step: 0.01,
    }),
    ...CLIP_PARAMS,
    normalize_advantages: flag({
      title: 'Normalise advantages',
      help: 'Subtracts their mean over all samples and divides by their standard deviation.',
      default: false,
    }),
  },
  diagnostics: { kl: KL, entropy: ENTROPY, ...CLIP_DIAGNOSTICS },
  needsReference: ({ beta }) => beta > 0,
  ratioLevel: () => 'completion',

  advantages(input) {
    const { group, mask, params } = input;
    const above = leaveOneOut(lessKl(input, params.beta, 'rloo'), group); // [R]
    if (!params.normalize_advantages) return perToken(above, mask); // [R, T]
    const rows = above.size;
    return perToken(tf.div(centred(above, rows), tf.add(groupStd(above, rows), 1e-4)), mask); // [R, T]
  },

  loss({ logp, refLogp, entropy, mask, batch: { oldLogp, advantages }, totals, params }) {
    const ratio = completionRatio(logp, oldLogp, mask); // [R, 1]
    const surrogate = clippedSurrogate(ratio, advantages, params.epsilon, params.epsilon_high); // [R, T], the same along a row
    return {
      loss: tf.neg(rowMean(surrogate, mask, totals)), // []
      diagnostics: {
        kl: measuredKl(logp, refLogp, mask, totals), // []
        entropy: tokenMean(entropy, mask, totals), // []
        ...clipping(ratio, advantages, mask, totals, params), // []
      },
    };
  },

  /** pi_ref e^{r / beta}, where all rewards less their KL are equal, so that normalising moves nothing; with beta 0 its limit. */
  optimum: ({ reference, reward, params: { beta } }) => regularised(reference, reward, beta, 0),
});
