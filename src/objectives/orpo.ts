/** Odds ratio preference optimisation: imitation and preference in one stage, without a reference. */
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { defineObjective } from './objective';
import { BETA, chosenLikelihood, likelihoodDiagnostics, WITHOUT_REFERENCE } from './pairs';
import { halves, log1mExp, logSigmoid, meanOver, sequenceMean } from './terms';

const LOG_ODDS = {
  log_odds_chosen: {
    title: 'Log odds ratio',
    help: 'Log odds of the chosen minus those of the rejected completion, mean over pairs; odds of the mean token.',
    chart: 'logratio',
    unit: 'nats',
  },
  log_odds_ratio: {
    title: 'Log sigmoid of the log odds ratio',
    help: 'Mean over pairs; beta times it is what the odds take off the loss.',
    chart: 'loss',
  },
} as const satisfies Record<string, MetricSpec>;

/**
 * L = NLL(chosen) - beta mean over pairs of log sigmoid(log-odds), with log-odds = (w' - l') - [log(1 - e^w') - log(1 - e^l')] and w',
 * l' the mean log-probability per token of chosen and rejected completion. NLL is the mean over the chosen completions' tokens.
 * TRL's `ORPOTrainer`, beta .1 (the paper's lambda); arXiv 2403.07691. rewards/* are beta times, and logps/* are, means over
 * tokens, as there. A mean closer to 0 than 1e-6 counts as -1e-6: at probability 1 the odds have no value.
 */
export const orpo = defineObjective({
  ...WITHOUT_REFERENCE,
  id: 'orpo',
  title: 'ORPO',
  summary: 'Imitates the chosen completion and raises its odds over the rejected one, in one stage and without a reference.',
  paper: { title: 'ORPO: Monolithic Preference Optimization without Reference Model', url: 'https://arxiv.org/abs/2403.07691' },
  formula: String.raw`\mathcal{L} = \mathrm{NLL}(y_w) - \beta\, \mathbb{E}\left[\log \sigma\!\left(\log
    \frac{\mathrm{odds}(y_w)}{\mathrm{odds}(y_l)}\right)\right], \qquad \mathrm{odds}(y) = \frac{p}{1-p},
    \quad \log p = \frac{1}{|y|} \log \pi_\theta(y \mid x)`,
  differs:
    "TRL's likelihood is over prompt and chosen completion; here prompts are never learned. LLaMA-Factory leaves them out too, and takes " +
    "each completion's mean over its tokens where TRL and this take one mean over the tokens of all. Beta is the paper's lambda in all.",
  params: { beta: BETA },
  diagnostics: { ...WITHOUT_REFERENCE.diagnostics, ...LOG_ODDS },
  loss(input) {
    const pairs = input.totals.rows / 2;
    const [chosen, rejected] = halves(sequenceMean(input.logp, input.mask)); // [P], [P]
    const odds = (mean: tf.Tensor1D): tf.Tensor1D => tf.sub(mean, log1mExp(mean)); // [P]
    const logOdds = tf.sub<tf.Tensor1D>(odds(chosen), odds(rejected)); // [P]
    const ratio = meanOver(logSigmoid(logOdds), pairs); // []
    const sft = chosenLikelihood(input); // []
    const preference = tf.mul<tf.Scalar>(-input.params.beta, ratio); // []
    return {
      loss: tf.add(sft, preference),
      terms: { sft, odds: preference },
      diagnostics: {
        ...likelihoodDiagnostics(chosen, rejected, sft, input),
        log_odds_chosen: meanOver(logOdds, pairs), // []
        log_odds_ratio: ratio,
      },
    };
  },
});
