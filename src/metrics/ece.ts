/** Expected calibration error, and the same with its bias taken off. */
import type { SampleMetric } from '../core/metric';
import { meanMagnitude } from './normal';
import { predictionsOf, type ReliabilityBin, reliabilityBins } from './reliability';

/** Sum over the bins of their share times |accuracy - confidence|, in [0, 1]. NaN for no bins. */
export const eceOf = (bins: readonly ReliabilityBin[]): number =>
  weighted(bins, ({ accuracy, confidence }) => Math.abs(accuracy - confidence));

/**
 * ECE less its expected excess. The accuracy of a bin of few predictions is off by chance, and a gap counts whichever its sign, so ECE
 * is too large even for a calibrated model. With the accuracy of a bin of n distributed as a normal of deviation sqrt(a (1 - a) / n)
 * around what was seen, the excess is E|gap| - |gap|, and 2 |gap| - E|gap| is what is left (Kumar et al., arXiv 1909.10155, who draw
 * the normal; here it is integrated). What was seen is off by chance itself, so of a calibrated model's excess 2 - sqrt 2, or .59, stays.
 * Can fall a little below 0, and corrects nothing where a bin is all right or all wrong.
 */
export const debiasedEceOf = (bins: readonly ReliabilityBin[]): number =>
  weighted(bins, ({ accuracy, confidence, count }) => {
    const gap = accuracy - confidence;
    return 2 * Math.abs(gap) - meanMagnitude(gap, Math.sqrt((accuracy * (1 - accuracy)) / count));
  });

/**
 * Sum over the bins of their share times gap^2 - a (1 - a) / (n - 1): the squared calibration error without bias (Bröcker, 2012; Kumar
 * et al., arXiv 1909.10155). Can fall below 0. NaN where a bin holds one prediction, which says nothing of its own variance.
 */
export const debiasedSquaredOf = (bins: readonly ReliabilityBin[]): number =>
  weighted(bins, ({ accuracy, confidence, count }) => (accuracy - confidence) ** 2 - (accuracy * (1 - accuracy)) / (count - 1));

function weighted(bins: readonly ReliabilityBin[], of: (bin: ReliabilityBin) => number): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  return total === 0 ? Number.NaN : bins.reduce((sum, bin) => sum + (bin.count / total) * of(bin), 0);
}

export const ece: SampleMetric = {
  id: 'calibration/ece',
  title: 'ECE',
  help: 'Mean gap between the probability of a held-out sample and how often such samples are right, in 15 bins of equal mass. Too large by chance with few samples.',
  chart: 'accuracy',
  unit: 'calibration error',
  of: 'samples',
  compute: (set) => eceOf(reliabilityBins(predictionsOf(set))),
};

export const debiasedEce: SampleMetric = {
  id: 'calibration/ece_debiased',
  title: 'ECE, debiased',
  help: 'ECE less what chance adds to it; can fall a little below 0.',
  chart: 'accuracy',
  unit: 'calibration error',
  of: 'samples',
  compute: (set) => debiasedEceOf(reliabilityBins(predictionsOf(set))),
};
