/** Preferred fine-tuning: imitation of the chosen completion of every pair. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY, LOGPS, TOKEN_PROBABILITY } from './diagnostics';
import { defineObjective } from './objective';
import { chosenLikelihood } from './pairs';
import { halves, meanOver, sequenceSum } from './terms';

/**
 * L = -sum(m log pi) / sum(m) over the tokens of the chosen completions: SFT on the better half of the pairs. The rejected
 * completions are only watched. The maximum-likelihood arm beside the contrastive ones of arXiv 2404.14367.
 */
export const prefFt = defineObjective({
  id: 'pref-ft',
  title: 'Pref-FT',
  summary: 'Imitates the chosen completions of pairs and makes no use of the rejected ones.',
  paper: {
    title: 'Preference Fine-Tuning of LLMs Should Leverage Suboptimal, On-Policy Data',
    url: 'https://arxiv.org/abs/2404.14367',
  },
  formula: String.raw`\mathcal{L} = -\frac{\sum_{i,t} m_{it} \log \pi_\theta(y_{w,it} \mid x_i, y_{w,i<t})}{\sum_{i,t} m_{it}}`,
  differs: 'TRL has it as SFTTrainer on the chosen column, or as DPOTrainer with loss_type sft; both are means over tokens, as here.',
  data: 'preferences',
  family: 'supervised',
  params: {},
  diagnostics: { ...LOGPS, entropy: ENTROPY, mean_token_probability: TOKEN_PROBABILITY },
  needsReference: () => false,
  loss(input) {
    const { logp, entropy, mask, totals } = input;
    const pairs = totals.rows / 2;
    const [chosen, rejected] = halves(sequenceSum(logp, mask)); // [P], [P]
    const [chosenEntropy] = halves(sequenceSum(entropy, mask)); // [P]
    const [probability] = halves(sequenceSum(tf.exp(logp), mask)); // [P]
    return {
      loss: chosenLikelihood(input), // []
      diagnostics: {
        'logps/chosen': meanOver(chosen, pairs), // []
        'logps/rejected': meanOver(rejected, pairs), // []
        entropy: meanOver(chosenEntropy, totals.chosenTokens), // []
        mean_token_probability: meanOver(probability, totals.chosenTokens), // []
      },
    };
  },
});
