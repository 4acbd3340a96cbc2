import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { BOS, EOS, type Example, type WorldInstance } from '../core/world';
import { facts } from '../worlds/facts';
import { completionOf, encode } from '../worlds/text';
import { rlagStyle } from './rlag-style';
import { NO_FACTS } from './testing';

const world = facts.create({}, { dataset: () => undefined });
const example: Example = {
  prompt: [BOS],
  data: {
    kind: 'question',
    key: 'name',
    target: 'symbol',
    snippet: {
      name: 'iron',
      symbol: 'Fe',
      number: '26',
      period: 'period-4',
      group: 'group-8',
      block: 'd-block',
      category: 'transition-metal',
      state: 'solid',
    },
  },
};
const score = (text: string, params = {}) => {
  const completion = completionOf(world.vocab, [...encode(world.vocab, text), EOS], true);
  return rlagStyle.score({ world, example, completion, facts: NO_FACTS, params: { ...defaultsOf(rlagStyle.params), ...params } });
};

describe('the RLAG-style reward', () => {
  it('adds up accuracy, rationality and format by their weights', () => {
    // 1 + .5 + .1, 1 + 0 + .1, 0 + 0 + .1, 0.
    expect(score('because iron symbol Fe so Fe').total).toBeCloseTo(1.6, 12);
    expect(score('Fe').total).toBeCloseTo(1.1, 12);
    expect(score('because iron symbol Au so Au').total).toBeCloseTo(0.1, 12);
    expect(score('Fe Fe').total).toBe(0);
    expect(score('because iron symbol Fe so Fe', { accuracy: 2, rationality: 3, format: 0 }).total).toBe(5);
  });

  it('reports the parts unweighted', () => {
    expect(score('because iron symbol Fe so Fe', { accuracy: 2 }).parts).toEqual({ accuracy: 1, rationality: 1, format: 1 });
    expect(score('because iron symbol Au so Fe').parts).toEqual({ accuracy: 1, rationality: 0, format: 1 });
  });

  it('counts a part that the world does not judge as 0', () => {
    const plain: WorldInstance = { ...world, verify: () => ({ correct: true, score: 1, parts: { accuracy: 1 } }) };
    const completion = { tokens: [], text: '', ended: true };
    const judged = { world: plain, example, completion, facts: NO_FACTS, params: defaultsOf(rlagStyle.params) };
    expect(rlagStyle.score(judged)).toEqual({ total: 1, parts: { accuracy: 1, rationality: 0, format: 0 } });
  });
});
