import { number, SpecError, type ValuesOf } from '../core/params';
import { defineReward, type Judged, type Score } from '../core/reward';
import type { Ranking } from '../core/world';
import { ndcgAtK } from '../metrics/ranking';

/** Settings shared by the rewards that score a query by its results. */
export const RANKING_PARAMS = {
  k: number({ title: 'Results that count', help: 'Depth k of the ranking.', default: 10, min: 1, max: 1000, integer: true }),
  malformed: number({
    title: 'Malformed',
    help: 'Reward of a completion that is not a query.',
    default: -2,
    min: -10,
    max: 0,
    step: 0.1,
  }),
  bonus: number({
    title: 'Bonus',
    help: 'Added as soon as the results hold anything relevant.',
    default: 0.1,
    min: 0,
    max: 1,
    step: 0.05,
  }),
} as const;

/**
 * Rec-R1's rule around a ranking metric: `malformed` where the completion is not a query, 0 where the metric is 0, else
 * `bonus` plus the metric.
 * @param quality a metric in [0, 1] of the ranking and k
 * @throws SpecError where the world has no search engine.
 */
export function rankingReward(
  { world, example, completion, params }: Judged<ValuesOf<typeof RANKING_PARAMS>>,
  part: string,
  quality: (ranking: Ranking, k: number) => number,
): Score {
  if (world.rank === undefined) throw new SpecError('reward', 'this reward scores search results, and the world has no search engine');
  const ranking = world.rank(example, completion);
  if (ranking === null) return { total: params.malformed, parts: { [part]: 0, format: 0 } };
  const value = quality(ranking, params.k);
  return { total: value > 0 ? params.bonus + value : 0, parts: { [part]: value, format: 1 } };
}

/** NDCG@k of the results of a query, as Rec-R1 rewards it. */
export const ndcg = defineReward({
  id: 'ndcg',
  title: 'NDCG',
  summary:
    'How near the ranking that the query fetches comes to the best possible one: 0.1 + NDCG@k, 0 for nothing relevant, -2 for no query.',
  source: 'Rec-R1, arXiv 2503.24289 (there at k = 1000)',
  params: RANKING_PARAMS,
  parts: { ndcg: 'NDCG@k of the results', format: 'Whether the completion is a query' },
  score: (judged) => rankingReward(judged, 'ndcg', ndcgAtK),
});
