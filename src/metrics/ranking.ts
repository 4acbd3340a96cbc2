/** Ranking metrics: plain numbers from a ranked list, used by the rewards that score queries. */
import type { Ranking } from '../core/world';

/**
 * Discounted cumulative gain of the first `k` results: sum of rel / log2(rank + 1), rank from 1. The gain is the grade
 * itself, as in Rec-R1 (arXiv 2503.24289), not 2^rel - 1.
 */
export function dcg(relevance: readonly number[], k: number): number {
  return relevance.slice(0, k).reduce((sum, grade, index) => sum + grade / Math.log2(index + 2), 0);
}

/**
 * DCG of the first `k` results over the DCG of the best possible list, in [0, 1] for grades >= 0 (Järvelin and
 * Kekäläinen, 2002). 0 where nothing is relevant.
 */
export function ndcgAtK(ranking: Ranking, k: number): number {
  const best = dcg(
    [...ranking.relevant].sort((x, y) => y - x),
    k,
  );
  return best === 0 ? 0 : dcg(ranking.relevance, k) / best;
}

/** Fraction of everything relevant that is among the first `k` results; any grade above 0 counts. 0 where nothing is relevant. */
export function recallAtK(ranking: Ranking, k: number): number {
  if (ranking.relevant.length === 0) return 0;
  return ranking.relevance.slice(0, k).filter((grade) => grade > 0).length / ranking.relevant.length;
}

/** 1 / rank of the first relevant result, 0 where there is none. */
export function reciprocalRank(ranking: Ranking): number {
  const first = ranking.relevance.findIndex((grade) => grade > 0);
  return first === -1 ? 0 : 1 / (first + 1);
}
