/**
 * Self-BLEU (Zhu et al., Texygen, arXiv 1802.01886): the mean BLEU of each sample against all others of the same prompt. High where
 * the samples repeat each other.
 *
 * BLEU is that of Papineni et al. (2002) with equal weights: clipped precision against the largest count in any reference, and the
 * brevity penalty against the reference of the nearest length, the shorter of two. As Texygen does, an order above 1 without a match
 * counts as .1 matches (method 1 of Chen and Cherry, 2014). Samples here can be shorter than four tokens, so only the orders that a
 * sample has take part: else the repeat of a short sample would not score 1.
 */
import type { SampleMetric } from '../core/metric';
import { meanOverPrompts, ngramsOf, type Written } from './ngrams';
import { atMost } from './pick';

const MAX_ORDER = 4;
const SMOOTHING = 0.1;

/** The two largest counts of one n-gram over the samples, and which sample has the largest. */
interface Peak {
  readonly owner: number;
  readonly most: number;
  readonly next: number;
}

const NO_PEAK: Peak = { owner: -1, most: 0, next: 0 };

/**
 * BLEU of each sample against all others, in [0, 1]. An empty sample scores 1 where another is empty too, else 0. Linear in the number
 * of samples.
 */
function eachAgainstRest(samples: readonly Written[], maxOrder: number): number[] {
  const orders = Array.from({ length: maxOrder }, (_, i) => i + 1);
  const counts = orders.map((n) => samples.map(({ tokens }) => ngramsOf(tokens, n)));
  const peaks = counts.map(peaksOf);
  return samples.map(({ tokens }, i) => {
    const nearest = nearestLength(samples, i);
    if (tokens.length === 0) return nearest === 0 ? 1 : 0;
    const logs = orders
      .filter((n) => n <= tokens.length)
      .map((n) => {
        let matches = 0;
        for (const [gram, count] of counts[n - 1]?.[i] ?? []) {
          const { owner, most, next } = peaks[n - 1]?.get(gram) ?? NO_PEAK;
          matches += Math.min(count, owner === i ? next : most);
        }
        return Math.log((matches === 0 && n > 1 ? SMOOTHING : matches) / (tokens.length - n + 1));
      });
    const penalty = Math.min(0, 1 - nearest / tokens.length);
    return Math.exp(penalty + logs.reduce((sum, log) => sum + log, 0) / logs.length);
  });
}

function peaksOf(counts: readonly Map<string, number>[]): Map<string, Peak> {
  const peaks = new Map<string, Peak>();
  for (const [i, own] of counts.entries()) {
    for (const [gram, count] of own) {
      const peak = peaks.get(gram) ?? NO_PEAK;
      if (count > peak.most) peaks.set(gram, { owner: i, most: count, next: peak.most });
      else if (count > peak.next) peaks.set(gram, { ...peak, next: count });
    }
  }
  return peaks;
}

/** Length of the other sample whose length is nearest to that of sample i; the shorter of two. */
function nearestLength(samples: readonly Written[], i: number): number {
  const length = samples[i]?.tokens.length ?? 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [j, { tokens }] of samples.entries()) {
    if (j === i) continue;
    const [now, before] = [Math.abs(tokens.length - length), Math.abs(nearest - length)];
    if (now < before || (now === before && tokens.length < nearest)) nearest = tokens.length;
  }
  return nearest;
}

/** Mean BLEU of each sample of one prompt against the others, in [0, 1]; NaN for fewer than two. */
export function selfBleuOf(samples: readonly Written[], maxOrder = MAX_ORDER): number {
  if (samples.length < 2) return Number.NaN;
  return eachAgainstRest(samples, maxOrder).reduce((sum, value) => sum + value, 0) / samples.length;
}

export const selfBleu: SampleMetric = {
  id: 'self_bleu',
  title: 'Self-BLEU',
  help: 'Mean BLEU of each sample against the others of its prompt, over the first 64 samples: 1 where they repeat each other.',
  chart: 'diversity',
  unit: 'between samples',
  of: 'samples',
  compute: (set) => meanOverPrompts(atMost(set), selfBleuOf),
};
