/** How spread out the completions of a prompt are, from samples alone. */
import type { SampleMetric } from '../core/metric';
import { entropy } from './exact';
import { meanOverPrompts, type Written } from './ngrams';

/**
 * Entropy of the frequencies of whole completions, in nats, in [0, log n]. From few samples it lies below the policy's own entropy,
 * which can be anything while this cannot exceed the logarithm of their number. NaN for none.
 */
export function completionEntropyOf(completions: readonly Written[]): number {
  if (completions.length === 0) return Number.NaN;
  const counts = new Map<string, number>();
  for (const { tokens } of completions) {
    const key = tokens.join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return entropy([...counts.values()].map((count) => count / completions.length));
}

export const completionEntropy: SampleMetric = {
  id: 'completion_entropy',
  title: 'Entropy of completions',
  help: 'Entropy of the frequencies of whole completions among the samples of one prompt; at most the logarithm of their number.',
  chart: 'entropy',
  onDemand: true,
  of: 'samples',
  compute: (set) => meanOverPrompts(set, completionEntropyOf),
};

export const sampledEntropy: SampleMetric = {
  id: 'eval/entropy',
  title: 'Entropy, sampled',
  help: 'Mean of -log p of whole held-out samples: estimates the entropy of the policy without bias.',
  chart: 'entropy',
  of: 'samples',
  compute: ({ likelihood = [] }) => {
    const all = likelihood.flat();
    return all.reduce((sum, { policy }) => sum - policy, 0) / all.length;
  },
};
