import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import type { Ranking } from '../core/world';
import { dcg, ndcgAtK, recallAtK, reciprocalRank } from './ranking';

/** Some results of a small collection in a random order, grades 0 to 2. */
function randomRanking(seed: number): Ranking {
  const rng = createRng(seed);
  const grades = Array.from({ length: 12 }, () => rng.below(3));
  return { relevance: rng.shuffle(grades).slice(0, rng.below(13)), relevant: grades.filter((grade) => grade > 0) };
}
const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe('DCG', () => {
  it('discounts by the logarithm of the rank', () => {
    // 2 / log2 2 + 0 / log2 3 + 1 / log2 4 = 2 + 0 + 1/2
    expect(dcg([2, 0, 1], 10)).toBeCloseTo(2.5, 12);
    // 1 / log2 8 at rank 7
    expect(dcg([0, 0, 0, 0, 0, 0, 1], 10)).toBeCloseTo(1 / 3, 12);
  });

  it('looks no deeper than k', () => {
    expect(dcg([2, 0, 1], 2)).toBe(2);
    expect(dcg([2, 0, 1], 0)).toBe(0);
    expect(dcg([], 10)).toBe(0);
  });
});

describe('NDCG', () => {
  it('divides by the best possible list', () => {
    // Best is 2, 1: 2 + 1 / log2 3 = 2.6309. Found: 1 + 2 / log2 3 = 2.2619.
    expect(ndcgAtK({ relevance: [1, 2], relevant: [1, 2] }, 10)).toBeCloseTo((1 + 2 / Math.log2(3)) / (2 + 1 / Math.log2(3)), 12);
    expect(ndcgAtK({ relevance: [1, 2], relevant: [1, 2] }, 10)).toBeCloseTo(0.8597, 4);
  });

  it('counts what was not found', () => {
    // Best is 1, 1, 1: 1 + .63093 + .5 = 2.13093. Found: 1.
    expect(ndcgAtK({ relevance: [1], relevant: [1, 1, 1] }, 10)).toBeCloseTo(1 / 2.13093, 5);
    // Only the first of the best list counts at k = 1.
    expect(ndcgAtK({ relevance: [1], relevant: [1, 1, 1] }, 1)).toBe(1);
  });

  it('is 0 where nothing is relevant or found', () => {
    expect(ndcgAtK({ relevance: [0, 0], relevant: [] }, 10)).toBe(0);
    expect(ndcgAtK({ relevance: [], relevant: [1] }, 10)).toBe(0);
  });

  it('lies in [0, 1] and is 1 for the best order', () => {
    for (const seed of seeds) {
      const ranking = randomRanking(seed);
      for (const k of [1, 3, 10, 100]) {
        const value = ndcgAtK(ranking, k);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        const best = [...ranking.relevant].sort((x, y) => y - x);
        if (best.length > 0) expect(ndcgAtK({ relevance: best, relevant: ranking.relevant }, k)).toBeCloseTo(1, 12);
      }
    }
  });

  it('never falls when a better result moves up', () => {
    for (const seed of seeds) {
      const { relevance, relevant } = randomRanking(seed);
      const worse = relevance.findIndex((grade, i) => i > 0 && grade > (relevance[i - 1] as number));
      if (worse === -1) continue;
      const swapped = [...relevance];
      [swapped[worse - 1], swapped[worse]] = [relevance[worse] as number, relevance[worse - 1] as number];
      expect(ndcgAtK({ relevance: swapped, relevant }, 10)).toBeGreaterThanOrEqual(ndcgAtK({ relevance, relevant }, 10));
    }
  });
});

describe('recall and reciprocal rank', () => {
  it('count any grade above 0', () => {
    const ranking: Ranking = { relevance: [0, 2, 0, 1], relevant: [2, 1, 1, 2] };
    expect(recallAtK(ranking, 10)).toBe(0.5);
    expect(recallAtK(ranking, 3)).toBe(0.25);
    expect(recallAtK(ranking, 1)).toBe(0);
    expect(reciprocalRank(ranking)).toBe(0.5);
  });

  it('are 0 where nothing is relevant', () => {
    expect(recallAtK({ relevance: [0], relevant: [] }, 10)).toBe(0);
    expect(reciprocalRank({ relevance: [0], relevant: [] })).toBe(0);
    expect(reciprocalRank({ relevance: [], relevant: [1] })).toBe(0);
  });

  it('never fall with depth, and reach 1 when everything is found', () => {
    for (const seed of seeds) {
      const ranking = randomRanking(seed);
      const values = [1, 2, 5, 12].map((k) => recallAtK(ranking, k));
      expect(values).toEqual([...values].sort((x, y) => x - y));
      if (ranking.relevance.length === 12 && ranking.relevant.length > 0) expect(values.at(-1)).toBe(1);
    }
  });
});
