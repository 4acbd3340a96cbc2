/** The area under the ROC curve: whether right predictions are the surer ones. */
import type { SampleMetric } from '../core/metric';
import { levelsOf, type Prediction, predictionsOf } from './reliability';

/**
 * The probability that a right prediction is surer than a wrong one, a tie counting half (Mann and Whitney, 1947; Hanley and McNeil,
 * 1982). 1/2 where confidence says nothing. NaN where all are right or all are wrong.
 */
export function aurocOf(predictions: readonly Prediction[]): number {
  let wrong = 0;
  let right = 0;
  let won = 0;
  for (const level of levelsOf(predictions)) {
    const wrongHere = level.count - level.right;
    won += level.right * (wrong + wrongHere / 2);
    wrong += wrongHere;
    right += level.right;
  }
  return won / (right * wrong);
}

export const auroc: SampleMetric = {
  id: 'calibration/auroc',
  title: 'AUROC of confidence',
  help: 'Probability that a right held-out sample was more probable than a wrong one; ties count half.',
  chart: 'accuracy',
  onDemand: true,
  of: 'samples',
  compute: (set) => aurocOf(predictionsOf(set)),
};
