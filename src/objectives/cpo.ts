/** Contrastive preference optimisation: DPO without a reference, with imitation of the chosen completion to hold it. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { BETA, plusLikelihood, WITHOUT_REFERENCE } from './pairs';
import { halves, logSigmoid, sequenceSum } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (w - l)), plus alpha times the mean negative log-likelihood of the chosen completions'
 * tokens; w and l are summed log-probabilities of chosen and rejected completion. The reference is taken to be uniform, so long
 * completions, which are less likely, tend to lose. TRL's `CPOTrainer` with `loss_type: sigmoid`, whose `cpo_alpha` is alpha
 * here, beta .1, alpha 1; arXiv 2401.08417.
 */
export const cpo = defineObjective({
  ...WITHOUT_REFERENCE,
  id: 'cpo',
  title: 'CPO',
  summary: 'Learns from pairs without a reference, and imitates the chosen completion at the same time.',
  paper: {
    title: 'Contrastive Preference Optimization: Pushing the Boundaries of LLM Performance in Machine Translation',
    url: 'https://arxiv.org/abs/2401.08417',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma\big(\beta \log \pi_\theta(y_w \mid x) - \beta \log \pi_\theta(y_l \mid x)\big)\big]
    - \alpha\, \frac{\sum_{i,t} m_{it} \log \pi_\theta(y_{w,it} \mid x_i, y_{w,i<t})}{\sum_{i,t} m_{it}}`,
  differs:
    "TRL calls alpha cpo_alpha and logs nll_loss as 0 where it is 0; here it is always measured. TRL's alpha is another thing, the shape " +
    'of AlphaPO. rewards/* are beta times log-probabilities, since there is no reference to compare with.',
  params: {
    beta: BETA,
    alpha: number({ title: 'Alpha', help: 'Weight of the likelihood of the chosen completion.', default: 1, min: 0, max: 10, step: 0.1 }),
  },
  loss(input) {
    const { beta, alpha } = input.params;
    const [chosen, rejected] = halves(sequenceSum(input.logp, input.mask)); // [P], [P]
    const margin = tf.mul<tf.Tensor1D>(beta, tf.sub(chosen, rejected)); // [P]
    return plusLikelihood(tf.neg(logSigmoid(margin)), alpha, [chosen, rejected], input);
  },
});
