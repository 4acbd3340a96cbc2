/** How many different completions a prompt gets. */
import type { SampleMetric } from '../core/metric';
import { meanOverPrompts, type Written } from './ngrams';

/** Different completions over all completions of one prompt, in (0, 1]. NaN for none. */
export const uniqueFraction = (completions: readonly Written[]): number =>
  new Set(completions.map(({ tokens }) => tokens.join(' '))).size / completions.length;

export const uniqueCompletions: SampleMetric = {
  id: 'unique_completions',
  title: 'Unique completions',
  help: 'Share of the samples of one prompt that differ from one another; 1 / samples when all are the same. Mean over prompts.',
  chart: 'diversity',
  of: 'samples',
  compute: (set) => meanOverPrompts(set, uniqueFraction),
};
