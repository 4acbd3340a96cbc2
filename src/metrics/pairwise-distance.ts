/** Cosine diversity: 1 less the mean similarity of two samples of one prompt, by shared n-grams where no encoder is at hand. */
import type { SampleMetric } from '../core/metric';
import { meanOverPrompts, type Written } from './ngrams';
import { atMost } from './pick';
import { ngramKernel } from './similarity';

/** Mean of 1 - similarity over all pairs of completions, in [0, 1]. NaN for fewer than two. */
export function pairwiseDistanceOf(completions: readonly Written[], maxOrder?: number): number {
  const n = completions.length;
  const kernel = ngramKernel(completions, maxOrder);
  let distance = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) distance += 1 - (kernel[i * n + j] as number);
  return (2 * distance) / (n * (n - 1));
}

export const pairwiseDistance: SampleMetric = {
  id: 'pairwise_distance',
  title: 'Pairwise distance',
  help: 'Mean of 1 - cosine over pairs of samples of one prompt, by shared tokens and token pairs, over the first 64 samples.',
  chart: 'diversity',
  unit: 'between samples',
  of: 'samples',
  compute: (set) => meanOverPrompts(atMost(set), (completions) => pairwiseDistanceOf(completions)),
};
