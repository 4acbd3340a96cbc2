import { describe, expect, it } from 'vitest';
import { BOS, EOS } from '../core/world';
import { bins } from '../worlds/bins';
import { sums } from '../worlds/sums';
import { completionOf, encode } from '../worlds/text';
import { exactMatch } from './exact-match';
import { NO_FACTS } from './testing';
import { worldReward } from './world-reward';

const context = { dataset: () => undefined };

describe('exact match', () => {
  const world = sums.create({ format: 'angle' }, context);
  const example = { prompt: [BOS], data: { a: 12, b: 7, op: '+' } };
  const score = (text: string) =>
    exactMatch.score({
      world,
      example,
      completion: completionOf(world.vocab, [...encode(world.vocab, text), EOS], true),
      facts: NO_FACTS,
      params: {},
    });

  it('pays only for a right answer in the right form, and tells the two apart', () => {
    expect(score('<019>')).toEqual({ total: 1, parts: { format: 1, accuracy: 1 } });
    expect(score('<020>')).toEqual({ total: 0, parts: { format: 1, accuracy: 0 } });
    expect(score('019')).toEqual({ total: 0, parts: { format: 0, accuracy: 1 } });
  });

  it('reports no parts that the world does not have', () => {
    const other = bins.create({}, context);
    const completion = completionOf(other.vocab, [3 + 70], false);
    expect(exactMatch.score({ world: other, example: { prompt: [BOS, 103] }, completion, facts: NO_FACTS, params: {} })).toEqual({
      total: 1,
      parts: {},
    });
  });
});

describe("the world's own score", () => {
  it('is the reward of the bin', () => {
    const world = bins.create({}, context);
    const completion = completionOf(world.vocab, [3 + 80], false);
    const { total } = worldReward.score({ world, example: { prompt: [BOS, 103] }, completion, facts: NO_FACTS, params: {} });
    expect(total).toBeCloseTo(Math.exp(-1), 12);
  });
});
