/** SAMI on the log-probabilities of whole responses. */
import { CONTRAST, contrast } from './contrast';
import { defineObjective } from './objective';
import { sequenceSum } from './terms';

/**
 * As `sami`, with L_ij the log-probability of the whole response to principle j under principle i. Where that is the true
 * probability of the response, log n - L comes as close to I(response; principle) as InfoNCE can with n principles. The text of
 * arXiv 2404.14313 writes it so; its released code divides by the length.
 */
export const sami_sum = defineObjective({
  ...CONTRAST,
  id: 'sami_sum',
  title: 'SAMI, summed',
  summary: 'SAMI without a division by length: its bound is that of whole responses.',
  formula: String.raw`\mathcal{L} = -\frac{1}{2n} \sum_{i=1}^{n} \left[\log \frac{e^{L_{ii}}}{\sum_j e^{L_{ij}}}
    + \log \frac{e^{L_{ii}}}{\sum_j e^{L_{ji}}}\right], \qquad L_{ij} = \log \pi_\theta(y_j \mid x, c_i)`,
  differs: 'The released code divides by the length of the response: that is sami here.',
  loss: (input) => contrast(sequenceSum(input.logp, input.mask), input),
});
