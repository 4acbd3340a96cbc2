/** SimPO: pairs compared by mean log-probability per token, without a reference, with a margin to reach. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { defineObjective } from './objective';
import { BETA, plusLikelihood, WITHOUT_REFERENCE } from './pairs';
import { halves, logSigmoid, sequenceMean } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (w / len_w - l / len_l) - gamma), w and l summed log-probabilities of chosen and
 * rejected completion, len their tokens; plus alpha times the mean negative log-likelihood of the chosen completions' tokens, which
 * is CPO-SimPO and is 0 in SimPO. The reward is what generation maximises, and length neither helps nor hurts. TRL's `CPOTrainer`
 * with `loss_type: simpo`, `simpo_gamma` and `cpo_alpha`; beta .1, gamma .5; arXiv 2405.14734. Here rewards/* are beta times, and
 * logps/* are, means over tokens, as there.
 */
export const simpo = defineObjective({
  ...WITHOUT_REFERENCE,
  id: 'simpo',
  title: 'SimPO',
  summary: 'Learns from pairs by mean log-probability per token: no reference, and no reward for length.',
  paper: { title: 'SimPO: Simple Preference Optimization with a Reference-Free Reward', url: 'https://arxiv.org/abs/2405.14734' },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\frac{\beta}{|y_w|} \log \pi_\theta(y_w \mid x)
    - \frac{\beta}{|y_l|} \log \pi_\theta(y_l \mid x) - \gamma\right)\right] + \alpha\, \mathrm{NLL}(y_w)`,
  differs:
    "Beta .1 is the default of TRL's CPOTrainer. The authors train with 2 to 10, since means over tokens are small. " +
    " Gamma is the authors' gamma, an absolute margin inside the sigmoid; they tune gamma / beta. TRL adds cpo_alpha times the " +
    'likelihood unless cpo_alpha is set to 0, as SimPO has it; here that is alpha, 0 by default.',
  params: {
    beta: BETA,
    gamma: number({ title: 'Gamma', help: 'The margin that a pair is to be won by.', default: 0.5, min: 0, max: 10, step: 0.1 }),
    alpha: number({
      title: 'Alpha',
      help: 'Weight of the likelihood of the chosen completion; 0 is SimPO.',
      default: 0,
      min: 0,
      max: 10,
      step: 0.1,
    }),
  },
  loss(input) {
    const { beta, gamma, alpha } = input.params;
    const [chosen, rejected] = halves(sequenceMean(input.logp, input.mask)); // [P], [P]
    const margin = tf.sub<tf.Tensor1D>(tf.mul(beta, tf.sub(chosen, rejected)), gamma); // [P]
    return plusLikelihood(tf.neg(logSigmoid(margin)), alpha, [chosen, rejected], input);
  },
});
