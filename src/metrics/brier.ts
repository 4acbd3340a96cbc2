/** The Brier score (Brier, 1950) of predictions that are right or wrong. */
import type { SampleMetric } from '../core/metric';
import { type Prediction, predictionsOf } from './reliability';

/** Mean of (confidence - 1 or 0)^2, in [0, 1]; lower is better. A constant 1/2 scores 1/4. NaN for no predictions. */
export const brierOf = (predictions: readonly Prediction[]): number =>
  predictions.reduce((sum, { confidence, correct }) => sum + (confidence - (correct ? 1 : 0)) ** 2, 0) / predictions.length;

export const brier: SampleMetric = {
  id: 'calibration/brier',
  title: 'Brier score',
  help: 'Mean squared difference between the probability of a held-out sample and 1 where it is right, 0 where it is wrong.',
  chart: 'accuracy',
  unit: 'calibration error',
  of: 'samples',
  compute: (set) => brierOf(predictionsOf(set)),
};
