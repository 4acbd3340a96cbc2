/** Selective prediction: how many errors remain where the least sure predictions are withheld (El-Yaniv and Wiener, 2010). */
import { levelsOf, type Prediction } from './reliability';

export interface RiskPoint {
  /** Share of the predictions that are answered: all of at least this confidence. */
  readonly coverage: number;
  /** Share of those that are wrong. */
  readonly risk: number;
  readonly confidence: number;
}

/** The curve at every threshold that tells predictions apart, the smallest coverage first. */
export function riskCoverage(predictions: readonly Prediction[]): RiskPoint[] {
  let [answered, wrong] = [0, 0];
  return levelsOf(predictions)
    .reverse()
    .map(({ confidence, count, right }) => {
      answered += count;
      wrong += count - right;
      return { coverage: answered / predictions.length, risk: wrong / answered, confidence };
    });
}

/**
 * Area under the risk-coverage curve (Geifman et al., arXiv 1805.08206): the mean, over the numbers of predictions that could be
 * answered, of the share that is wrong. Lower is better, in [0, 1]. Within predictions of equal confidence the expected value over
 * their orders counts. NaN for no predictions.
 */
export function aurcOf(predictions: readonly Prediction[]): number {
  let [answered, wrong, sum] = [0, 0, 0];
  for (const { count, right } of levelsOf(predictions).reverse()) {
    const risk = (count - right) / count;
    for (let i = 1; i <= count; i++) sum += (wrong + i * risk) / (answered + i);
    answered += count;
    wrong += count - right;
  }
  return sum / answered;
}
