import { describe, expect, it } from 'vitest';
import { rewardMetrics } from '../core/reward';
import { weightedSum } from './weighted-sum';

const exact = { id: 'exact-match', score: { total: 1, parts: { format: 1, accuracy: 1 } } };
const length = { id: 'length', score: { total: 0.4, parts: {} } };
const format = { id: 'format', score: { total: 1, parts: {} } };
const ndcg = { id: 'ndcg', score: { total: 0.6, parts: { ndcg: 0.5, format: 1 } } };

describe('the weighted sum of rewards', () => {
  it('adds the totals up by their weights', () => {
    // 2 x 1 - .5 x .4
    const score = weightedSum([
      { ...exact, weight: 2 },
      { ...length, weight: -0.5 },
    ]);
    expect(score.total).toBeCloseTo(1.8, 12);
    expect(score.parts).toEqual({ 'exact-match': 1, format: 1, accuracy: 1, length: 0.4 });
  });

  it('leaves the parts of a single reward as they are, and weighs its total', () => {
    expect(weightedSum([{ ...ndcg, weight: 2 }])).toEqual({ total: 1.2, parts: { ndcg: 0.5, format: 1 } });
  });

  it('keeps apart what goes by one name', () => {
    const { parts } = weightedSum([
      { ...exact, weight: 1 },
      { ...format, weight: 1 },
      { ...ndcg, weight: 1 },
    ]);
    expect(parts).toEqual({
      ...{ 'exact-match': 1, format: 1, ndcg: 0.6 },
      ...{ 'exact-match/format': 1, accuracy: 1, 'ndcg/ndcg': 0.5, 'ndcg/format': 1 },
    });
  });

  it('logs nothing that has no title', () => {
    const named = rewardMetrics([
      { id: 'exact-match', title: 'Exact match', parts: { format: 'The form', accuracy: 'The answer' } },
      { id: 'format', title: 'Format', parts: {} },
      { id: 'ndcg', title: 'NDCG', parts: { ndcg: 'NDCG@k', format: 'The form' } },
    ]);
    const { parts } = weightedSum([exact, format, ndcg].map((one) => ({ ...one, weight: 1 })));
    for (const part of Object.keys(parts)) expect(named).toHaveProperty([`reward/${part}`]);
  });
});
