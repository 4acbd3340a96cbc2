import type { SampleMetric } from '../core/metric';
import { meanOfKnown } from './ngrams';

/**
 * The probability that at least one of k samples is right, from n samples of which c were: 1 - C(n - c, k) / C(n, k) (Chen et al.,
 * arXiv 2107.03374), as a product so that no binomial overflows.
 * @returns NaN where k > n: it cannot be estimated from fewer samples.
 */
export function passAtK(n: number, c: number, k: number): number {
  if (k > n) return Number.NaN;
  if (n - c < k) return 1;
  let allWrong = 1;
  for (let i = n - c + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/** The metric for one k: mean over the prompts with at least k samples. */
const passAt = (k: number): SampleMetric => ({
  id: `pass@${k}`,
  title: `pass@${k}`,
  help:
    k === 1
      ? 'Probability that a sample for a held-out prompt is right; mean over prompts.'
      : `Probability that at least one of ${k} samples for a held-out prompt is right, estimated without bias; mean over prompts.`,
  chart: 'accuracy',
  unit: 'pass@k',
  ...([1, 2, 8, 32].includes(k) ? {} : { onDemand: true }),
  of: 'samples',
  compute: ({ correct }) => meanOfKnown(correct.map((samples) => passAtK(samples.length, samples.filter(Boolean).length, k))),
});

export const pass1 = passAt(1);
export const pass2 = passAt(2);
export const pass4 = passAt(4);
export const pass8 = passAt(8);
export const pass16 = passAt(16);
export const pass32 = passAt(32);
export const pass64 = passAt(64);
