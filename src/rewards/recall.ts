import { defineReward } from '../core/reward';
import { recallAtK } from '../metrics/ranking';
import { RANKING_PARAMS, rankingReward } from './ndcg';

/** Recall@k of the results of a query, with Rec-R1's handling of malformed and fruitless queries. */
export const recall = defineReward({
  id: 'recall',
  title: 'Recall',
  summary: 'The share of everything relevant that is among the first k results, whatever its order there.',
  source: 'Rec-R1, arXiv 2503.24289, with Recall@k in place of NDCG@k',
  params: RANKING_PARAMS,
  parts: { recall: 'Recall@k of the results', format: 'Whether the completion is a query' },
  score: (judged) => rankingReward(judged, 'recall', recallAtK),
});
