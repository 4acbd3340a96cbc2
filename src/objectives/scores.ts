/** What reward models have in common: R = 2 P scores, all chosen, then all rejected, and what TRL logs of them. */
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import type { HeadOutput, LossInput } from './objective';
import { fractionPositive, halves, meanOver } from './terms';

const SCORE_DIAGNOSTICS = {
  accuracy: {
    title: 'Pair accuracy of the reward model',
    help: 'Fraction of training pairs in which the chosen completion has the higher score.',
    chart: 'accuracy',
    unit: 'fraction',
  },
  margin: {
    title: 'Score margin',
    help: 'Score of the chosen minus that of the rejected completion, mean.',
    chart: 'reward',
    unit: 'score',
  },
  min_reward: { title: 'Lowest score', help: 'The lowest score in the batch.', chart: 'reward', unit: 'score' },
  mean_reward: {
    title: 'Mean score',
    help: 'Over chosen and rejected completions. The loss of a pair does not hold it.',
    chart: 'reward',
    unit: 'score',
  },
  max_reward: { title: 'Highest score', help: 'The highest score in the batch.', chart: 'reward', unit: 'score' },
  'rewards/model_chosen': { title: 'Score, chosen', help: 'Score of the chosen completion, mean.', chart: 'reward', unit: 'score' },
  'rewards/model_rejected': { title: 'Score, rejected', help: 'Score of the rejected completion, mean.', chart: 'reward', unit: 'score' },
} as const satisfies Record<string, MetricSpec>;

/** What a reward model's objective has in common with its kind. The lowest and highest score are no sums over parts of a batch. */
export const REWARD_MODEL = {
  data: 'preferences',
  family: 'reward-model',
  diagnostics: SCORE_DIAGNOSTICS,
  needsReference: () => false,
  needsHead: () => true,
  wholeBatch: true,
} as const;

/** @throws Error that names the objective where there is no head */
export function scoresOf(head: HeadOutput | null, objective: string): { chosen: Tensor1D; rejected: Tensor1D; difference: Tensor1D } {
  if (head === null) throw new Error(`${objective} needs the scores of the head`);
  const [chosen, rejected] = halves(head.scores); // [P], [P]
  return { chosen, rejected, difference: tf.sub(chosen, rejected) };
}

export function scoreDiagnostics(
  { chosen, rejected, difference }: ReturnType<typeof scoresOf>,
  { totals: { rows } }: LossInput<'preferences', unknown>,
): Record<keyof typeof SCORE_DIAGNOSTICS, Scalar> {
  const pairs = rows / 2;
  const all = tf.concat<Tensor1D>([chosen, rejected]); // [2P]
  return {
    accuracy: fractionPositive(difference, pairs), // []
    margin: meanOver(difference, pairs), // []
    min_reward: tf.min(all), // []
    mean_reward: meanOver(all, rows), // []
    max_reward: tf.max(all), // []
    'rewards/model_chosen': meanOver(chosen, pairs), // []
    'rewards/model_rejected': meanOver(rejected, pairs), // []
  };
}
