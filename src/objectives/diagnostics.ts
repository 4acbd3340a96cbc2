/** Diagnostics that several objectives report. One id means one thing on the page, whichever objective logs it. */
import type { MetricSpec } from '../core/charts';

export const ENTROPY: MetricSpec = {
  title: 'Entropy',
  help: 'Mean entropy of the next-token distribution on the completion tokens of the training batch.',
  chart: 'entropy',
  unit: 'nats',
};

export const KL: MetricSpec = {
  title: 'KL (k3, per token)',
  help: 'Mean over the sampled tokens of k3, an estimate of KL(policy || reference) that is never negative.',
  chart: 'kl',
  unit: 'nats',
};
