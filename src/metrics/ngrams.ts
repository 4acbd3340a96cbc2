/** Counting n-grams of completions: the common ground of the diversity metrics. */
import type { SampleSet } from '../core/metric';
import type { Completion } from '../core/world';

export interface NgramCount {
  readonly unique: number;
  readonly total: number;
}

/** Unique and total n-grams of tokens in some completions; an n-gram never spans two of them. The end token does not count. */
export function countNgrams(completions: readonly Completion[], n: number): NgramCount {
  const seen = new Set<string>();
  let total = 0;
  for (const { tokens } of completions) {
    for (let i = 0; i + n <= tokens.length; i++) {
      seen.add(tokens.slice(i, i + n).join(' '));
      total += 1;
    }
  }
  return { unique: seen.size, total };
}

/**
 * The mean over prompts of a number about the completions of one prompt, over the prompts for which it has a meaning. NaN where there
 * are none. Diversity is taken within a prompt: that different prompts are answered differently says nothing about the policy's own
 * variety.
 */
export function meanOverPrompts({ completions }: SampleSet, of: (completions: readonly Completion[]) => number): number {
  const values = completions.map(of).filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
