import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { ndcgAtK, recallAtK, reciprocalRank } from './ranking';
import { type ScoredRanking, tiedNdcgAtK, tiedRecallAtK, tiedReciprocalRank } from './ranking-ties';

/** Every order of some items. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => orders([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}

/** Five results with scores of three levels, so that some tie; not everything relevant was found. */
function random(seed: number): ScoredRanking {
  const rng = createRng(seed);
  const relevance = Array.from({ length: 5 }, () => rng.below(3));
  return { relevance, scores: relevance.map(() => rng.below(3)), relevant: [...relevance.filter((grade) => grade > 0), 1] };
}

/** The mean of a metric over all orders that the scores allow. */
function meanOverOrders(
  { relevance, scores, relevant }: ScoredRanking,
  of: (relevance: number[], relevant: readonly number[]) => number,
): number {
  const results = relevance.map((grade, i) => ({ grade, score: scores[i] as number }));
  const allowed = orders(results).filter((order) => order.every(({ score }, i) => i === 0 || score <= (order[i - 1]?.score as number)));
  return (
    allowed.reduce(
      (sum, order) =>
        sum +
        of(
          order.map(({ grade }) => grade),
          relevant,
        ),
      0,
    ) / allowed.length
  );
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe('ties in a ranking', () => {
  it('count by the mean over their orders: hand-derived', () => {
    // Grades 0, 1, 1 tie above a 0. NDCG@1: the first is relevant in 2 of 3 orders.
    const tie: ScoredRanking = { relevance: [0, 1, 1, 0], scores: [1, 1, 1, 0], relevant: [1, 1] };
    expect(tiedNdcgAtK(tie, 1)).toBeCloseTo(2 / 3, 12);
    // Two of the three tied results are among the first two: 2 * 2/3 of 2.
    expect(tiedRecallAtK(tie, 2)).toBeCloseTo(2 / 3, 12);
    // First with 2/3, else second: 2/3 + 1/3 * 1/2.
    expect(tiedReciprocalRank(tie)).toBeCloseTo(5 / 6, 12);
    expect(tiedReciprocalRank(tie, 1)).toBeCloseTo(2 / 3, 12);
  });

  it('agree with counting all orders', () => {
    for (const seed of seeds) {
      const ranking = random(seed);
      for (const k of [1, 2, 3, 10]) {
        const mean = (of: typeof ndcgAtK) => meanOverOrders(ranking, (relevance, relevant) => of({ relevance, relevant }, k));
        expect(tiedNdcgAtK(ranking, k)).toBeCloseTo(mean(ndcgAtK), 12);
        expect(tiedRecallAtK(ranking, k)).toBeCloseTo(mean(recallAtK), 12);
        const first = meanOverOrders(ranking, (relevance, relevant) => reciprocalRank({ relevance: relevance.slice(0, k), relevant }));
        expect(tiedReciprocalRank(ranking, k)).toBeCloseTo(first, 12);
      }
    }
  });

  it('are no different from a plain ranking where there are none', () => {
    for (const seed of seeds) {
      const { relevance, relevant } = random(seed);
      const scored = { relevance, relevant, scores: relevance.map((_, i) => -i) };
      expect(tiedNdcgAtK(scored, 3)).toBeCloseTo(ndcgAtK({ relevance, relevant }, 3), 12);
      expect(tiedRecallAtK(scored, 3)).toBeCloseTo(recallAtK({ relevance, relevant }, 3), 12);
      expect(tiedReciprocalRank(scored)).toBeCloseTo(reciprocalRank({ relevance, relevant }), 12);
    }
  });

  it('do not depend on the order in which results are given', () => {
    const rng = createRng(8);
    for (const seed of seeds) {
      const { relevance, scores, relevant } = random(seed);
      const order = rng.shuffle(relevance.map((_, i) => i));
      const shuffled = { relevance: order.map((i) => relevance[i] as number), scores: order.map((i) => scores[i] as number), relevant };
      expect(tiedNdcgAtK(shuffled, 3)).toBeCloseTo(tiedNdcgAtK({ relevance, scores, relevant }, 3), 12);
      expect(tiedReciprocalRank(shuffled)).toBeCloseTo(tiedReciprocalRank({ relevance, scores, relevant }), 12);
    }
  });

  it('are 0 where nothing is relevant', () => {
    const nothing: ScoredRanking = { relevance: [0, 0], scores: [1, 1], relevant: [] };
    expect([tiedNdcgAtK(nothing, 10), tiedRecallAtK(nothing, 10), tiedReciprocalRank(nothing)]).toEqual([0, 0, 0]);
  });
});
