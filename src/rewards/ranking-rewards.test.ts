import { describe, expect, it } from 'vitest';
import { defaultsOf, SpecError } from '../core/params';
import type { Ranking, WorldInstance } from '../core/world';
import { mrr } from './mrr';
import { ndcg, RANKING_PARAMS } from './ndcg';
import { recall } from './recall';
import { NO_FACTS } from './testing';

/** A world whose search engine always answers the same. */
const worldWith = (ranking: Ranking | null): WorldInstance => ({
  vocab: { tokens: [], joiner: ' ' },
  promptLength: 1,
  completionLength: 1,
  sample: () => ({ prompt: [] }),
  verify: () => ({ correct: false, score: 0, parts: {} }),
  rank: () => ranking,
});
const judged = (ranking: Ranking | null, params: Partial<ReturnType<typeof defaultsOf<typeof RANKING_PARAMS>>> = {}) => ({
  world: worldWith(ranking),
  example: { prompt: [] },
  completion: { tokens: [], text: '', ended: true },
  facts: NO_FACTS,
  params: { ...defaultsOf(RANKING_PARAMS), ...params },
});
// DCG 0/1 + 2/log2 3 = 1.26186; best 2 + 1/log2 3 = 2.63093: NDCG .479625. One of two relevant books: recall .5.
const partly: Ranking = { relevance: [0, 2, 0], relevant: [1, 2] };

describe('rewards for rankings', () => {
  it('pay the metric and the bonus', () => {
    expect(ndcg.score(judged(partly)).total).toBeCloseTo(0.579625, 5);
    expect(ndcg.score(judged(partly)).parts.ndcg).toBeCloseTo(0.479625, 5);
    expect(ndcg.score(judged(partly)).parts.format).toBe(1);
    expect(recall.score(judged(partly))).toEqual({ total: 0.6, parts: { recall: 0.5, format: 1 } });
    // The first relevant result is the second.
    expect(mrr.score(judged(partly))).toEqual({ total: 0.6, parts: { mrr: 0.5, format: 1 } });
  });

  it('pay nothing for a query that finds nothing relevant', () => {
    expect(ndcg.score(judged({ relevance: [0, 0], relevant: [1] }))).toEqual({ total: 0, parts: { ndcg: 0, format: 1 } });
    expect(recall.score(judged({ relevance: [], relevant: [1] }))).toEqual({ total: 0, parts: { recall: 0, format: 1 } });
  });

  it('fine what is no query', () => {
    expect(ndcg.score(judged(null))).toEqual({ total: -2, parts: { ndcg: 0, format: 0 } });
    expect(recall.score(judged(null))).toEqual({ total: -2, parts: { recall: 0, format: 0 } });
  });

  it('follow their settings', () => {
    expect(ndcg.score(judged(partly, { k: 1 })).total).toBe(0);
    expect(mrr.score(judged(partly, { k: 1 })).total).toBe(0);
    expect(ndcg.score(judged(partly, { bonus: 0 })).total).toBeCloseTo(0.479625, 5);
    expect(recall.score(judged(null, { malformed: -0.5 })).total).toBe(-0.5);
  });

  it('say so where there is no search engine', () => {
    const { rank: _, ...silent } = worldWith(null);
    expect(() => ndcg.score({ ...judged(null), world: silent })).toThrow(SpecError);
  });
});
