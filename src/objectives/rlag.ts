/** RLAG's published loss: learn a text, and the answer that the model gives with the text against the one it gives without. */
import * as tf from '@tensorflow/tfjs-core';
import { choice, number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { logSigmoid, meanOver, sequenceMean, thirds, tokenMean } from './terms';

/** Above this mean token log-probability the chosen option is learnt well enough and is no longer pulled. */
const CHOSEN_CEILING = -0.2;
/** Below this mean token log-probability the rejected option is unlikely enough and is no longer pushed. */
const REJECTED_FLOOR = -5;
/** Text weight where both options are one: then only the text is learnt. */
const TEXT_WEIGHT_SAME = 0.5;

/**
 * L = mean over questions of -log sigmoid(beta_delta l(Z) + beta_a min(l(y_w), -.2) - beta_a max(l(y_l), -5) - gamma), l = mean
 * token log-probability. Z is the text, y_w the option that the policy prefers with the text before it, y_l the one it
 * prefers without; where they are the same option the weights are (.5, 0). Rows: all texts, all y_w, all y_l.
 *
 * The loss needs no reference and no reward: it is a contrastive likelihood, not a policy gradient. At gamma 8 the argument of
 * the sigmoid stays near -8, where the loss is all but linear, and every question pulls with the same weight.
 *
 * From the authors' released code (ChaojunNie/RLAG), which scores y_w after the prompt with the text and y_l after the
 * bare one; its configuration sets gamma 8 and its training script .8. Paper: arXiv 2509.20162. A reward for a rational
 * explanation is no part of this loss; that is the reward of the same name, to be used with GRPO.
 */
export const rlag = defineObjective({
  id: 'rlag',
  title: 'RLAG',
  summary: 'Writes a text into the weights: learns the text and the answer given with it, against the answer given without it.',
  paper: {
    title: 'Embedding Domain Knowledge for Large Language Models via Reinforcement Learning from Augmented Generation',
    url: 'https://arxiv.org/abs/2509.20162',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\big[\log \sigma\big(\beta_\delta\, \ell(Z) + \beta_a \min(\ell(y_w), -0.2)
    - \beta_a \max(\ell(y_l), -5) - \gamma\big)\big], \qquad \ell(y) = \frac{1}{|y|} \sum_t \log \pi_\theta(y_t \mid y_{<t})`,
  differs:
    "The authors' configuration file sets gamma 8 and their training script .8; 8 is the default here. Their code scores the chosen option " +
    'after the text, and the paper writes it without: both can be chosen. The reward of the same name is another thing, to be used with GRPO.',
  data: 'augmented',
  family: 'knowledge',
  params: {
    beta_delta: number({
      title: 'Text weight',
      help: 'Weight of the text. Where both options are the same it is .5 instead.',
      default: 0.2,
      min: 0,
      max: 10,
      step: 0.05,
    }),
    beta_a: number({
      title: 'Answer weight',
      help: 'Weight of the chosen against the rejected option. Where both are the same it is 0 instead.',
      default: 0.5,
      min: 0,
      max: 10,
      step: 0.05,
    }),
    chosen_prompt: choice({
      title: 'Chosen option read',
      help: 'Whether the option preferred with the text is scored after the text, as in the released code, or after the bare question.',
      default: 'text',
      options: [
        { value: 'text', title: 'After the text' },
        { value: 'bare', title: 'After the bare question' },
      ],
    }),
    gamma: number({
      title: 'Gamma',
      help: 'The margin that is asked for. 8 in the released configuration, .8 in its training script.',
      default: 8,
      min: 0,
      max: 50,
      step: 0.1,
    }),
  },
  diagnostics: {
    'rlag/text': { title: 'Text', help: 'Mean token log-probability of the text, mean over questions.', chart: 'loss', unit: 'nats' },
    'rlag/chosen': {
      title: 'Answer with the text',
      help: 'Mean token log-probability of the option preferred with the text. No pull above -.2.',
      chart: 'logratio',
      unit: 'nats',
    },
    'rlag/rejected': {
      title: 'Answer without the text',
      help: 'Mean token log-probability of the option preferred without the text. No push below -5.',
      chart: 'logratio',
      unit: 'nats',
    },
    'rlag/margin': { title: 'Margin', help: 'What the sigmoid is taken of: the weighted terms minus gamma, mean.', chart: 'loss' },
    'rlag/same': {
      title: 'Same answer without the text',
      help: 'Fraction of training questions that are answered alike with and without the text.',
      chart: 'accuracy',
      unit: 'fraction',
    },
    entropy: ENTROPY,
  },
  needsReference: () => false,
  chosenSeesText: ({ chosen_prompt }) => chosen_prompt === 'text',
  loss({ logp, entropy, mask, batch: { same }, totals, params: { beta_delta, beta_a, gamma } }) {
    const questions = totals.rows / 3;
    const [text, chosen, rejected] = thirds(sequenceMean(logp, mask)); // [N], [N], [N]
    const textWeight = tf.add(beta_delta, tf.mul(TEXT_WEIGHT_SAME - beta_delta, same)); // [N]
    const answerWeight = tf.mul(beta_a, tf.sub(1, same)); // [N]
    const contrast = tf.sub(tf.minimum(chosen, CHOSEN_CEILING), tf.maximum(rejected, REJECTED_FLOOR)); // [N]
    const pull = tf.add(tf.mul(textWeight, text), tf.mul(answerWeight, contrast)); // [N]
    const margin = tf.sub<tf.Tensor1D>(pull, gamma); // [N]
    return {
      loss: tf.neg(meanOver(logSigmoid(margin), questions)), // []
      diagnostics: {
        'rlag/text': meanOver(text, questions), // []
        'rlag/chosen': meanOver(chosen, questions), // []
        'rlag/rejected': meanOver(rejected, questions), // []
        'rlag/margin': meanOver(margin, questions), // []
        'rlag/same': meanOver(same, questions), // []
        entropy: tokenMean(entropy, mask, totals), // []
      },
    };
  },
});
