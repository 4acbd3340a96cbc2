/** Imitation of one's own samples, each as much as its reward says: what RWR and AWR have in common. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { number } from '../core/params';
import { ENTROPY } from './diagnostics';
import type { LossInput } from './objective';
import { meanOver, sequenceMean, sequenceSum, tokenMean } from './terms';

export const TEMPERATURE = number({
  title: 'Beta',
  help: 'The temperature: a reward that is higher by beta weighs e times as much.',
  default: 1,
  min: 0.01,
  max: 100,
  scale: 'log',
});

export const WEIGHT_DIAGNOSTICS = {
  'weights/mean': { title: 'Weight of a sample', help: 'Mean over the samples of the batch.', chart: 'ratio' },
  'weights/mean_square': {
    title: 'Squared weight of a sample',
    help: 'Mean over the samples. Where weights have mean 1, one over it is the fraction of the samples that effectively counts.',
    chart: 'ratio',
  },
  entropy: ENTROPY,
} as const satisfies Record<string, MetricSpec>;

type WeightedInput = LossInput<'rollouts', unknown>;

/** -mean over rows of the sum over tokens of weight times log-probability; the weights come as advantages [R, T]. */
export function weightedLikelihood({ logp, mask, totals, batch: { advantages } }: WeightedInput): Scalar {
  return tf.neg(meanOver(sequenceSum(tf.mul<Tensor2D>(advantages, logp), mask), totals.rows)); // []
}

export function weightDiagnostics({
  entropy,
  mask,
  totals,
  batch: { advantages },
}: WeightedInput): Record<keyof typeof WEIGHT_DIAGNOSTICS, Scalar> {
  const weights = sequenceMean(advantages, mask); // [R]
  return {
    'weights/mean': meanOver(weights, totals.rows), // []
    'weights/mean_square': meanOver(tf.square(weights), totals.rows), // []
    entropy: tokenMean(entropy, mask, totals), // []
  };
}
