/** Distinct-n: unique n-grams / all n-grams (Li et al., arXiv 1510.03055), within the samples of one prompt. */
import type { SampleMetric } from '../core/metric';
import { countNgrams, meanOverPrompts, type Written } from './ngrams';

const NAMES = { 1: 'tokens', 2: 'token pairs', 3: 'token triples', 4: 'runs of four tokens' } as const;

/** Unique n-grams over all n-grams of the samples of one prompt, in (0, 1]. NaN where no completion is n tokens long. */
export function distinctN(completions: readonly Written[], n: number): number {
  const { unique, total } = countNgrams(completions, n);
  return unique / total;
}

/** The metric for one n. NaN where no completion is n tokens long. */
const distinct = (n: keyof typeof NAMES): SampleMetric => ({
  id: `distinct_${n}`,
  title: `Distinct-${n}`,
  help: `Share of ${NAMES[n]} in the samples of one prompt that are unique; mean over prompts.`,
  chart: 'diversity',
  ...(n === 1 ? {} : { onDemand: true }),
  of: 'samples',
  compute: (set) => meanOverPrompts(set, (completions) => distinctN(completions, n)),
});

export const distinct1 = distinct(1);
export const distinct2 = distinct(2);
export const distinct3 = distinct(3);
export const distinct4 = distinct(4);
