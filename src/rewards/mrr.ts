import { defineReward } from '../core/reward';
import { reciprocalRank } from '../metrics/ranking';
import { RANKING_PARAMS, rankingReward } from './ndcg';

/**
 * Reciprocal rank of the first relevant result of a query, 0 where none is among the first k; its mean over queries is MRR. Malformed
 * and fruitless queries as in Rec-R1.
 */
export const mrr = defineReward({
  id: 'mrr',
  title: 'MRR',
  summary: '1 / rank of the first relevant result: finding one thing early is worth more than finding many.',
  source: 'TREC-8 question answering (Voorhees, 1999); handling of malformed queries from Rec-R1, arXiv 2503.24289',
  params: RANKING_PARAMS,
  parts: { mrr: 'Reciprocal rank of the first relevant result', format: 'Whether the completion is a query' },
  score: (judged) =>
    rankingReward(judged, 'mrr', ({ relevance, relevant }, k) => reciprocalRank({ relevance: relevance.slice(0, k), relevant })),
});
