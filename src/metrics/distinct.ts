/** Distinct-n: unique n-grams / all n-grams (Li et al., arXiv 1510.03055), within the samples of one prompt. */
import type { SampleMetric } from '../core/metric';
import { countNgrams, meanOverPrompts } from './ngrams';

const NAMES = { 1: 'tokens', 2: 'token pairs', 3: 'token triples' } as const;

/** The metric for one n. NaN where no completion is n tokens long. */
const distinct = (n: 1 | 2 | 3): SampleMetric => ({
  id: `distinct_${n}`,
  title: `Distinct-${n}`,
  help: `Share of ${NAMES[n]} in the samples of one prompt that are unique; mean over prompts.`,
  chart: 'diversity',
  of: 'samples',
  compute: (set) =>
    meanOverPrompts(set, (completions) => {
      const { unique, total } = countNgrams(completions, n);
      return unique / total;
    }),
});

export const distinct1 = distinct(1);
export const distinct2 = distinct(2);
export const distinct3 = distinct(3);
