/** Supervised fine-tuning: maximum likelihood of the demonstrated completions. */
import * as tf from '@tensorflow/tfjs-core';
import { ENTROPY, TOKEN_PROBABILITY } from './diagnostics';
import { defineObjective } from './objective';
import { tokenMean } from './terms';

/**
 * L = -sum(m log pi) / sum(m), over all completion tokens of the batch; prompts are not learned. That is TRL's
 * `SFTTrainer` with completion-only loss. Long completions weigh more than short ones, because the mean is over tokens.
 *
 * TRL also logs `mean_token_accuracy`, which needs the logits. Its counterpart here is the mean probability of the
 * demonstrated token: the accuracy of a token that is sampled rather than the likeliest.
 */
export const sft = defineObjective({
  id: 'sft',
  title: 'SFT',
  summary: 'Imitates demonstrations: raises the log-probability of every token of the demonstrated completions.',
  paper: { title: 'Training language models to follow instructions with human feedback', url: 'https://arxiv.org/abs/2203.02155' },
  formula: String.raw`\mathcal{L} = -\frac{\sum_{i,t} m_{it} \log \pi_\theta(y_{it} \mid x_i, y_{i,<t})}{\sum_{i,t} m_{it}}`,
  differs:
    'A mean over all tokens of the batch, as in TRL, so that a long completion weighs more than a short one; OpenRLHF can also take the mean ' +
    "of each sequence first. TRL's mean over the tokens of several devices or accumulated batches is one mean, as here. TRL learns the " +
    'prompt too unless the data come as prompt and completion or completion_only_loss is set; here it never is.',
  data: 'demonstrations',
  family: 'supervised',
  params: {},
  diagnostics: {
    entropy: ENTROPY,
    mean_token_probability: TOKEN_PROBABILITY,
  },
  needsReference: () => false,
  loss({ logp, entropy, mask, totals }) {
    return {
      loss: tf.neg(tokenMean(logp, mask, totals)), // []
      diagnostics: {
        entropy: tokenMean(entropy, mask, totals), // []
        mean_token_probability: tokenMean(tf.exp(logp), mask, totals), // []
      },
    };
  },
});
