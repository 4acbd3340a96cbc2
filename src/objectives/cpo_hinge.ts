/** SLiC-HF: a hinge loss on pairs without a reference, with imitation of the chosen completion. */
import * as tf from '@tensorflow/tfjs-core';
import { cpo } from './cpo';
import { defineObjective } from './objective';
import { plusLikelihood, WITHOUT_REFERENCE } from './pairs';
import { halves, sequenceSum } from './terms';

/**
 * L = mean over pairs of max(0, 1 - beta (w - l)), plus alpha times the mean negative log-likelihood of the chosen completions' tokens; w and
 * l are summed log-probabilities. A pair that is won by 1 / beta teaches no more. TRL's `CPOTrainer` with `loss_type: hinge`, whose
 * `cpo_alpha` is alpha here, beta .1, alpha 1; arXiv 2305.10425.
 */
export const cpo_hinge = defineObjective({
  ...WITHOUT_REFERENCE,
  id: 'cpo_hinge',
  title: 'CPO, hinge',
  summary: 'Learns from pairs without a reference until each is won by a margin, and imitates the chosen completion at the same time.',
  paper: { title: 'SLiC-HF: Sequence Likelihood Calibration with Human Feedback', url: 'https://arxiv.org/abs/2305.10425' },
  formula: String.raw`\mathcal{L} = \mathbb{E}\big[\max\big(0,\, 1 - \beta \log \pi_\theta(y_w \mid x) + \beta \log \pi_\theta(y_l \mid x)\big)\big]
    + \alpha\, \mathrm{NLL}(y_w)`,
  differs: "The paper's margin stands in place of 1 and beta is 1. The lab's hinge, as TRL's DPOTrainer has it, compares with a reference.",
  params: cpo.params,
  loss(input) {
    const { beta, alpha } = input.params;
    const [chosen, rejected] = halves(sequenceSum(input.logp, input.mask)); // [P], [P]
    return plusLikelihood(tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosen, rejected)))), alpha, [chosen, rejected], input);
  },
});
