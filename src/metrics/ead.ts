/**
 * Expectation-adjusted distinct (Liu et al., arXiv 2202.13587): unique tokens against the number that as many draws from a uniform
 * vocabulary would give. Unlike distinct-1 it does not fall with length alone; it can exceed 1 by chance.
 */
import type { SampleMetric } from '../core/metric';
import { SPECIAL_TOKENS } from '../core/world';
import { countNgrams, meanOverPrompts, type Written } from './ngrams';

/**
 * N / (V (1 - ((V - 1) / V)^C)).
 * @param unique N, unique tokens.
 * @param total C, all tokens. NaN for 0.
 * @param vocabulary V, tokens that could have been written.
 */
export function expectationAdjusted(unique: number, total: number, vocabulary: number): number {
  return unique / (vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** total));
}

/** EAD of the completions of one prompt. NaN where they have no token. */
export function eadOf(completions: readonly Written[], vocabulary: number): number {
  const { unique, total } = countNgrams(completions, 1);
  return expectationAdjusted(unique, total, vocabulary);
}

export const ead: SampleMetric = {
  id: 'ead',
  title: 'EAD',
  help: 'Unique tokens in the samples of one prompt against those expected of uniform draws; does not fall with length alone.',
  chart: 'diversity',
  of: 'samples',
  compute: (set) => {
    const vocabulary = set.world.sampleable?.length ?? set.world.vocab.tokens.length - SPECIAL_TOKENS.length;
    return meanOverPrompts(set, (completions) => eadOf(completions, vocabulary));
  },
};
