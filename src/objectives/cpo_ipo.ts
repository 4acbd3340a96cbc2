/** IPO without a reference: a margin of mean log-probabilities to be met exactly, with imitation of the chosen completion. */
import * as tf from '@tensorflow/tfjs-core';
import { cpo } from './cpo';
import { defineObjective } from './objective';
import { plusLikelihood, WITHOUT_REFERENCE } from './pairs';
import { halves, sequenceMean } from './terms';

/**
 * L = mean over pairs of (w / len_w - l / len_l - 1 / (2 beta))^2, plus alpha times the mean negative log-likelihood of the chosen completions'
 * tokens; w and l are summed log-probabilities, len their tokens. TRL's `CPOTrainer` with `loss_type: ipo`, whose `cpo_alpha` is alpha
 * here, beta .1, alpha 1; arXiv 2310.12036. rewards/* are beta times, and logps/* are, means over tokens, as there.
 */
export const cpo_ipo = defineObjective({
  ...WITHOUT_REFERENCE,
  id: 'cpo_ipo',
  title: 'CPO, IPO',
  summary: 'Learns from pairs without a reference to reach one margin per token and no more, and imitates the chosen completion.',
  paper: {
    title: 'A General Theoretical Paradigm to Understand Learning from Human Preferences',
    url: 'https://arxiv.org/abs/2310.12036',
  },
  formula: String.raw`\mathcal{L} = \mathbb{E}\left[\left(\frac{\log \pi_\theta(y_w \mid x)}{|y_w|} - \frac{\log \pi_\theta(y_l \mid x)}{|y_l|}
    - \frac{1}{2 \beta}\right)^{\!2}\right] + \alpha\, \mathrm{NLL}(y_w)`,
  differs: "The paper compares with a reference, as does the lab's ipo; only TRL's CPOTrainer leaves it out.",
  params: cpo.params,
  loss(input) {
    const { beta, alpha } = input.params;
    const [chosen, rejected] = halves(sequenceMean(input.logp, input.mask)); // [P], [P]
    const missing = tf.sub(tf.sub(chosen, rejected), 1 / (2 * beta)); // [P]
    return plusLikelihood(tf.square(missing), alpha, [chosen, rejected], input);
  },
});
