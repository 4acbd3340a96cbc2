/** Mean reciprocal rank of what the policy's queries fetch. */
import type { SampleMetric } from '../core/metric';
import type { Example } from '../core/world';
import { meanOfKnown } from './ngrams';
import { reciprocalRank } from './ranking';

export const mrr: SampleMetric = {
  id: 'eval/mrr',
  title: 'Held-out MRR',
  help: 'Mean of 1 / rank of the first relevant result of the queries written for held-out prompts; 0 where nothing relevant is fetched.',
  chart: 'reward',
  onDemand: true,
  of: 'samples',
  compute: ({ world, examples, completions }) => {
    if (world.rank === undefined) return Number.NaN;
    const ranks = completions.flatMap((samples, i) =>
      samples.map((completion) => {
        const ranking = world.rank?.(examples[i] as Example, completion) ?? null;
        return ranking === null ? 0 : reciprocalRank(ranking);
      }),
    );
    return meanOfKnown(ranks);
  },
};
