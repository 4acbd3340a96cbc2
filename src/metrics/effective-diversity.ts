/**
 * Effective semantic diversity (Shypula et al., arXiv 2504.12522): how many different things are said among the samples that meet a
 * quality threshold, over all samples. It rises with quality as with variety, where lexical metrics reward nonsense.
 */
import type { SampleMetric } from '../core/metric';
import { meanOfKnown } from './ngrams';

/** One sample: what it amounts to, and whether it meets the threshold. */
export interface Outcome {
  readonly outcome: string;
  readonly good: boolean;
}

export interface EffectiveDiversity {
  /** Different outcomes of good samples over all samples, in [0, 1]. */
  readonly distinct: number;
  /** Share of all pairs of samples that are both good and differ in outcome, in [0, 1]; NaN for fewer than two samples. */
  readonly pairs: number;
}

/** Both forms for the samples of one prompt; NaN for none. */
export function effectiveDiversityOf(samples: readonly Outcome[]): EffectiveDiversity {
  const counts = new Map<string, number>();
  for (const { outcome, good } of samples) if (good) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const [n, sizes] = [samples.length, [...counts.values()]];
  const right = sizes.reduce((sum, size) => sum + size, 0);
  // Ordered pairs of good samples, less those within one outcome.
  const apart = right ** 2 - sizes.reduce((sum, size) => sum + size ** 2, 0);
  return { distinct: counts.size / n, pairs: apart / (n * (n - 1)) };
}

export const effectiveDiversity: SampleMetric = {
  id: 'effective_diversity',
  title: 'Effective diversity',
  help: 'Different right completions over all samples of one prompt; mean over prompts.',
  chart: 'diversity',
  of: 'samples',
  compute: ({ completions, correct }) =>
    meanOfKnown(
      completions.map(
        (samples, i) =>
          effectiveDiversityOf(samples.map(({ tokens }, j) => ({ outcome: tokens.join(' '), good: correct[i]?.[j] === true }))).distinct,
      ),
    ),
};
