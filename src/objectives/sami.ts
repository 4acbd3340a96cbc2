/** Self-supervised alignment with mutual information: responses that tell which principle they were written under. */
import { CONTRAST, contrast } from './contrast';
import { defineObjective } from './objective';
import { sequenceMean } from './terms';

/**
 * L = mean of two cross-entropies against the identity, over rows and over columns of L_ij, the mean log-probability per token of
 * the response to principle j under principle i: InfoNCE, a lower bound log n - L of the mutual information of response and
 * principle given the question. No reference, no reward and no preferences. As released (janphilippfranken/sami), which divides by
 * the length and leaves its KL term at weight 0 with two principles and two responses; arXiv 2404.14313.
 */
export const sami = defineObjective({
  ...CONTRAST,
  id: 'sami',
  title: 'SAMI',
  summary: 'Learns to follow principles: makes each response likely under its own principle and unlikely under the others.',
  formula: String.raw`\mathcal{L} = -\frac{1}{2n} \sum_{i=1}^{n} \left[\log \frac{e^{L_{ii}}}{\sum_j e^{L_{ij}}}
    + \log \frac{e^{L_{ii}}}{\sum_j e^{L_{ji}}}\right], \qquad L_{ij} = \frac{1}{|y_j|} \log \pi_\theta(y_j \mid x, c_i)`,
  differs:
    "The paper's text writes the log-probability of a response; the released code divides it by the length, as here. sami_sum does not: " +
    'its bound can come close to the mutual information itself, where the one per token is loose for responses of many tokens.',
  loss: (input) => contrast(sequenceMean(input.logp, input.mask), input),
});
