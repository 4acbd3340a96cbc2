/**
 * The reliability diagram: how often predictions are right beside how sure they were, in bins of equal mass (Nguyen and O'Connor,
 * arXiv 1508.05154). Bins of equal width leave most bins empty where a model is sure of everything.
 */
import type { SampleSet } from '../core/metric';

/** How sure a prediction was, in [0, 1], and whether it was right. */
export interface Prediction {
  readonly confidence: number;
  readonly correct: boolean;
}

export interface ReliabilityBin {
  readonly count: number;
  /** Mean confidence. */
  readonly confidence: number;
  /** Share that was right. */
  readonly accuracy: number;
  /** Least and greatest confidence. */
  readonly from: number;
  readonly to: number;
}

export const BINS = 15;

/** Predictions of one confidence. */
export interface Level {
  readonly confidence: number;
  readonly count: number;
  readonly right: number;
}

/** Predictions of equal confidence together, the least sure first. */
export function levelsOf(predictions: readonly Prediction[]): Level[] {
  const levels = new Map<number, { count: number; right: number }>();
  for (const { confidence, correct } of predictions) {
    const level = levels.get(confidence) ?? { count: 0, right: 0 };
    level.count += 1;
    if (correct) level.right += 1;
    levels.set(confidence, level);
  }
  return [...levels].map(([confidence, level]) => ({ confidence, ...level })).sort((a, b) => a.confidence - b.confidence);
}

/**
 * Sorts by confidence and cuts into at most `bins` runs of equal length, to within one prediction. Where a cut goes through predictions
 * of equal confidence, their accuracy is shared out evenly: the expected value over the orders of ties, so the order of the input
 * changes nothing.
 */
export function reliabilityBins(predictions: readonly Prediction[], bins = BINS): ReliabilityBin[] {
  const sorted = levelsOf(predictions).flatMap(({ confidence, count, right }) =>
    Array.from({ length: count }, () => ({ confidence, accuracy: right / count })),
  );
  const cut = (bin: number): number => Math.floor((bin * sorted.length) / bins);
  return Array.from({ length: bins }, (_, bin) => sorted.slice(cut(bin), cut(bin + 1)))
    .filter(({ length }) => length > 0)
    .map((members) => ({
      count: members.length,
      confidence: members.reduce((sum, { confidence }) => sum + confidence, 0) / members.length,
      accuracy: members.reduce((sum, { accuracy }) => sum + accuracy, 0) / members.length,
      from: members[0]?.confidence as number,
      to: members.at(-1)?.confidence as number,
    }));
}

/**
 * Held-out samples as predictions: the confidence is the probability that the policy gave to the whole completion. Where one prompt has
 * several right completions a perfect policy looks too modest by this.
 */
export const predictionsOf = ({ likelihood, correct }: SampleSet): Prediction[] =>
  (likelihood ?? []).flatMap((samples, i) =>
    // Rounding on the device can leave a log-probability a little above 0.
    samples.map(({ policy }, j) => ({ confidence: Math.min(1, Math.exp(policy)), correct: correct[i]?.[j] === true })),
  );
