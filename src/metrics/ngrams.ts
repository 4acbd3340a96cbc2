/** Counting n-grams of completions: the common ground of the diversity metrics. */
import type { SampleSet } from '../core/metric';
import type { Completion } from '../core/world';

/** What the diversity metrics read of a completion. */
export type Written = Pick<Completion, 'tokens'>;

export interface NgramCount {
  readonly unique: number;
  readonly total: number;
}

/** How often each n-gram of tokens occurs. */
export function ngramsOf(tokens: readonly number[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Unique and total n-grams of tokens in some completions; an n-gram never spans two of them. The end token does not count. */
export function countNgrams(completions: readonly Written[], n: number): NgramCount {
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

/** The mean of the numbers that are not NaN; NaN where there are none. */
export function meanOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * The mean over prompts of a number about the completions of one prompt, over the prompts for which it has a meaning. NaN where there
 * are none. Diversity is taken within a prompt: that different prompts are answered differently says nothing about the policy's own
 * variety.
 */
export const meanOverPrompts = ({ completions }: SampleSet, of: (completions: readonly Completion[]) => number): number =>
  meanOfKnown(completions.map((samples) => of(samples)));
