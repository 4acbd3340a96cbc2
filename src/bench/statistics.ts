/** Statistics of a few rounds. */

/** The middle value, or the mean of the two in the middle. @throws RangeError for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Smallest and largest. */
export const range = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)];

/** Median over rounds of one engine's time divided by another's in the same round. */
export const medianRatio = (times: readonly number[], others: readonly number[]): number =>
  median(times.map((time, round) => time / (others[round] as number)));
