/** Direct preference optimisation: a classifier of pairs whose logit is a difference of log-ratios to the reference. */
import * as tf from '@tensorflow/tfjs-core';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import { defineObjective } from './objective';
import { fractionPositive, halves, logSigmoid, meanOver, required, sequenceSum, tokenMean } from './terms';

/**
 * L = mean over pairs of -log sigmoid(beta (s_w - s_l)), s = log pi(y) - log pi_ref(y) summed over the completion's tokens.
 * Beta .1 and the metric names are those of TRL's `DPOTrainer` with `loss_type: sigmoid`: `rewards/*` are beta s,
 * `logps/*` are batch means of sums. `logratios/*` are s itself, which TRL leaves out; falling `logratios/chosen` is
 * ordinary, since the loss only asks for a margin. Rows: all chosen, then all rejected.
 *
 * No optimum is drawn. On pairs labelled by a Bradley-Terry model of a reward r, DPO converges to pi_ref e^{r / beta}
 * (arXiv 2305.18290); on pairs where the better completion always wins the margin has no finite maximum, and the policy is
 * determined by how far it is trained.
 */
export const dpo = defineObjective({
  id: 'dpo',
  title: 'DPO',
  summary: 'Learns from pairs: raises the chosen completion against the rejected one, relative to the reference.',
  paper: {
    title: 'Direct Preference Optimization: Your Language Model is Secretly a Reward Model',
    url: 'https://arxiv.org/abs/2305.18290',
  },
  formula: String.raw`\mathcal{L} = -\mathbb{E}\left[\log \sigma\!\left(\beta \log\frac{\pi_\theta(y_w \mid x)}{\pi_{\mathrm{ref}}(y_w \mid x)}
    - \beta \log\frac{\pi_\theta(y_l \mid x)}{\pi_{\mathrm{ref}}(y_l \mid x)}\right)\right]`,
  data: 'preferences',
  family: 'preference',
  params: {
    beta: number({
      title: 'Beta',
      help: 'How strongly the policy is held to the reference: the implicit reward is beta times the log-ratio.',
      default: 0.1,
      min: 0.001,
      max: 10,
      scale: 'log',
    }),
  },
  diagnostics: {
    'rewards/chosen': { title: 'Implicit reward, chosen', help: 'Beta times the log-ratio of the chosen completion, mean.', chart: 'loss' },
    'rewards/rejected': {
      title: 'Implicit reward, rejected',
      help: 'Beta times the log-ratio of the rejected completion, mean.',
      chart: 'loss',
    },
    'rewards/margins': { title: 'Implicit reward margin', help: 'Implicit reward of chosen minus rejected, mean.', chart: 'loss' },
    'rewards/accuracies': {
      title: 'Pair accuracy, training',
      help: 'Fraction of training pairs in which the chosen completion has the higher implicit reward.',
      chart: 'accuracy',
      unit: 'fraction',
    },
    'logps/chosen': {
      title: 'Log-probability, chosen',
      help: 'Summed over the tokens of the chosen completion, mean over pairs.',
      chart: 'logratio',
      unit: 'nats',
    },
    'logps/rejected': {
      title: 'Log-probability, rejected',
      help: 'Summed over the tokens of the rejected completion, mean over pairs.',
      chart: 'logratio',
      unit: 'nats',
    },
    'logratios/chosen': {
      title: 'Log-ratio, chosen',
      help: "Log-probability of the chosen completion minus the reference's, mean over pairs. Often falls.",
      chart: 'logratio',
      unit: 'nats',
    },
    'logratios/rejected': {
      title: 'Log-ratio, rejected',
      help: "Log-probability of the rejected completion minus the reference's, mean over pairs.",
      chart: 'logratio',
      unit: 'nats',
    },
    entropy: ENTROPY,
  },
  needsReference: () => true,
  loss({ logp, refLogp, entropy, mask, totals, params: { beta } }) {
    const pairs = totals.rows / 2;
    const [chosen, rejected] = halves(sequenceSum(logp, mask)); // [P], [P]
    const [refChosen, refRejected] = halves(sequenceSum(required(refLogp, 'dpo'), mask)); // [P], [P]
    const ratioChosen = tf.sub(chosen, refChosen); // [P]
    const ratioRejected = tf.sub(rejected, refRejected); // [P]
    const rewardChosen = tf.mul(beta, ratioChosen); // [P]
    const rewardRejected = tf.mul(beta, ratioRejected); // [P]
    const margin = tf.sub<tf.Tensor1D>(rewardChosen, rewardRejected); // [P]
    return {
      loss: tf.neg(meanOver(logSigmoid(margin), pairs)), // []
      diagnostics: {
        'rewards/chosen': meanOver(rewardChosen, pairs), // []
        'rewards/rejected': meanOver(rewardRejected, pairs), // []
        'rewards/margins': meanOver(margin, pairs), // []
        'rewards/accuracies': fractionPositive(margin, pairs), // []
        'logps/chosen': meanOver(chosen, pairs), // []
        'logps/rejected': meanOver(rejected, pairs), // []
        'logratios/chosen': meanOver(ratioChosen, pairs), // []
        'logratios/rejected': meanOver(ratioRejected, pairs), // []
        entropy: tokenMean(entropy, mask, totals), // []
      },
    };
  },
});
