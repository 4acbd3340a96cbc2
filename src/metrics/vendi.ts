/**
 * The Vendi score (Friedman and Dieng, arXiv 2210.02410): e to the entropy of the eigenvalues of K / n, K being the similarities of n
 * samples. The effective number of different samples: 1 where all are the same, n where no two share anything.
 */
import type { SampleMetric } from '../core/metric';
import { eigenvalues } from './eigenvalues';
import { entropy } from './exact';
import { meanOverPrompts, type Written } from './ngrams';
import { atMost } from './pick';
import { ngramKernel } from './similarity';

/**
 * The score of a kernel.
 * @param kernel [n, n] symmetric, positive semi-definite, 1 on the diagonal
 * @returns in [1, n]; NaN for n = 0
 */
export function vendiScore(kernel: Float64Array, n: number): number {
  if (n === 0) return Number.NaN;
  // Rounding leaves eigenvalues of a singular kernel a little on either side of 0.
  return Math.exp(entropy(eigenvalues(Float64Array.from(kernel), n).map((value) => Math.max(0, value / n))));
}

/** The Vendi score of the completions of one prompt by shared n-grams. */
export const vendiOf = (completions: readonly Written[], maxOrder?: number): number =>
  vendiScore(ngramKernel(completions, maxOrder), completions.length);

export const vendi: SampleMetric = {
  id: 'vendi',
  title: 'Vendi score',
  help: 'Effective number of different samples of one prompt, by shared tokens and token pairs, over the first 64 samples; mean over prompts.',
  chart: 'diversity',
  unit: 'effective samples',
  of: 'samples',
  compute: (set) => meanOverPrompts(atMost(set), (completions) => vendiOf(completions)),
};
