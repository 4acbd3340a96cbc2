/** Dynamic fine-tuning: imitation in which a token pulls by how likely it is already. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY, TOKEN_PROBABILITY } from './diagnostics';
import { defineObjective } from './objective';
import { detach, tokenMean } from './terms';

/**
 * L = -sum(m sg[pi] log pi) / sum(m), over all completion tokens of the batch; pi is the probability of the demonstrated token,
 * held constant as a weight. The gradient is that of the probability itself rather than of its logarithm, so a token that the policy
 * finds unlikely no longer pulls with all its might. TRL's `SFTTrainer` with `loss_type: dft`; arXiv 2508.05629.
 */
export const dft = defineObjective({
  id: 'dft',
  title: 'DFT',
  summary: 'Imitates demonstrations, trusting each token by the probability that the policy gives it already.',
  paper: {
    title: 'On the Generalization of SFT: A Reinforcement Learning Perspective with Reward Rectification',
    url: 'https://arxiv.org/abs/2508.05629',
  },
  formula: String.raw`\mathcal{L} = -\frac{\sum_{i,t} m_{it}\, \mathrm{sg}\big[\pi_\theta(y_{it} \mid x_i, y_{i,<t})\big]
    \log \pi_\theta(y_{it} \mid x_i, y_{i,<t})}{\sum_{i,t} m_{it}}`,
  data: 'demonstrations',
  family: 'supervised',
  params: {},
  diagnostics: { entropy: ENTROPY, mean_token_probability: TOKEN_PROBABILITY },
  needsReference: () => false,
  loss({ logp, entropy, mask, totals }) {
    const probability = tf.exp(logp); // [R, T]
    return {
      loss: tf.neg(tokenMean(tf.mul(detach(probability), logp), mask, totals)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        mean_token_probability: tokenMean(probability, mask, totals), // []
      },
    };
  },
});
