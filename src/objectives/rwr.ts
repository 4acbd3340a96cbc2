/** Reward-weighted regression: imitation of scored samples, weighted by the exponential of their reward. */
import * as tf from '@tensorflow/tfjs-core';
import { flag } from '../core/params';
import { tilted } from '../metrics/exact';
import { defineObjective } from './objective';
import { perToken } from './terms';
import { TEMPERATURE, WEIGHT_DIAGNOSTICS, weightDiagnostics, weightedLikelihood } from './weighted';

/**
 * L = -mean over rows of w log pi(y), log pi summed over tokens, w = e^{r / beta} divided by its mean over the samples that were
 * scored together; undivided where `normalised` is off. The weights belong to the samples: they are their advantages here.
 *
 * Drawn once from the reference, the samples pull to pi_ref e^{r / beta}, the optimum of reward minus beta KL, which is drawn as the
 * optimum. Drawn afresh from the policy, each round tilts once more. A small beta picks the best samples of the whole batch,
 * easy prompts first. As in arXiv 2404.14367, from Peters and Schaal (2007). Beta 1.
 */
export const rwr = defineObjective({
  id: 'rwr',
  title: 'RWR',
  summary: 'Imitates its own samples, each weighted by the exponential of its reward.',
  paper: {
    title: 'Preference Fine-Tuning of LLMs Should Leverage Suboptimal, On-Policy Data',
    url: 'https://arxiv.org/abs/2404.14367',
  },
  formula: String.raw`\mathcal{L} = -\frac{1}{R} \sum_i w_i \log \pi_\theta(y_i \mid x_i),
    \qquad w_i = \frac{e^{r_i / \beta}}{\frac{1}{R} \sum_j e^{r_j / \beta}}`,
  differs:
    'Neither TRL nor OpenRLHF nor verl has it. Papers differ in whether the weights are divided by their mean: without the division the ' +
    'learning rate changes with the scale of the reward. AWR subtracts a value of the prompt from the reward first.',
  data: 'rollouts',
  family: 'supervised',
  params: {
    beta: TEMPERATURE,
    normalised: flag({
      title: 'Weights of mean 1',
      help: 'Divides the weights by their mean, so that the scale of the reward does not change the step.',
      default: true,
    }),
  },
  diagnostics: WEIGHT_DIAGNOSTICS,
  needsReference: () => false,
  advantages({ rewards, mask, params: { beta, normalised } }) {
    const exponents = tf.div<tf.Tensor1D>(rewards, beta); // [R]
    // Softmax is the division by the sum, and cannot overflow.
    const weights = normalised ? tf.mul<tf.Tensor1D>(tf.softmax(exponents), rewards.size) : tf.exp(exponents); // [R]
    return perToken(weights, mask); // [R, T]
  },
  loss: (input) => ({ loss: weightedLikelihood(input), diagnostics: weightDiagnostics(input) }),
  optimum: ({ reference, reward, params: { beta } }) => tilted(reference, reward, beta),
});
