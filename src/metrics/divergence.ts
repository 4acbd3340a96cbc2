/** How far the policy is from its reference, beside the divergences that the trainer logs itself. */
import type { DistributionMetric, SampleMetric } from '../core/metric';
import { totalVariation } from './exact';
import { k2 } from './kl-estimators';

export const klK2: SampleMetric = {
  id: 'eval/kl_k2',
  title: 'KL, k2',
  help: 'Mean of half the squared log-ratio to the reference over held-out samples: biased, with little variance.',
  chart: 'kl',
  of: 'samples',
  compute: ({ likelihood = [] }) => {
    const all = likelihood.flat();
    return k2(
      all.map(({ policy }) => policy),
      all.map(({ reference }) => reference),
    );
  },
};

export const totalVariationToReference: DistributionMetric = {
  id: 'eval/total_variation',
  title: 'Total variation, exact',
  help: 'Half the sum of the differences to the reference over every completion: the share of its mass that the policy has moved.',
  chart: 'kl',
  unit: 'mass moved',
  of: 'distribution',
  compute: ({ policy, reference }) => totalVariation(policy, reference),
};
