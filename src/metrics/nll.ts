/** The log score of predictions that are right or wrong. */
import type { Prediction } from './reliability';

/**
 * Mean of -log confidence where right and -log (1 - confidence) where wrong, in nats. Infinite where a prediction was certain and
 * wrong, or held for impossible and right. NaN for no predictions.
 */
export const nllOf = (predictions: readonly Prediction[]): number =>
  predictions.reduce((sum, { confidence, correct }) => sum - (correct ? Math.log(confidence) : Math.log1p(-confidence)), 0) /
  predictions.length;
