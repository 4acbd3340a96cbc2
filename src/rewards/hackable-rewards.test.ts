import { describe, expect, it } from 'vitest';
import { defaultsOf, SpecError } from '../core/params';
import { BOS, EOS } from '../core/world';
import { bins } from '../worlds/bins';
import { sums } from '../worlds/sums';
import { completionOf, encode } from '../worlds/text';
import { format } from './format';
import { length } from './length';
import { NO_FACTS } from './testing';

const world = sums.create({ format: 'angle' }, { dataset: () => undefined });
const judged = (text: string) => ({
  world,
  example: { prompt: [BOS], data: { a: 12, b: 7, op: '+' } },
  completion: completionOf(world.vocab, [...encode(world.vocab, text), EOS], true),
  facts: NO_FACTS,
});

describe('length', () => {
  const score = (text: string, params: Partial<ReturnType<typeof defaultsOf<typeof length.params>>>) =>
    length.score({ ...judged(text), params: { ...defaultsOf(length.params), ...params } }).total;

  it('pays for every token but the last one, whatever they say', () => {
    expect(score('<0', { perToken: 0.5 })).toBe(1);
    expect(score('999999', { perToken: 0.5 })).toBe(3);
    expect(score('', { perToken: 0.5 })).toBe(0);
  });

  it('costs the distance from a target', () => {
    // |5 - 3|, |3 - 3|, |0 - 3|
    expect(score('<019>', { towards: 'target', target: 3, perToken: 0.5 })).toBe(-1);
    expect(score('019', { towards: 'target', target: 3 })).toBeCloseTo(0, 12);
    expect(score('', { towards: 'target', target: 3, perToken: 1 })).toBe(-3);
  });
});

describe('format', () => {
  it('pays for the form of a wrong answer, and not for the answer without the form', () => {
    expect(format.score({ ...judged('<999>'), params: {} })).toEqual({ total: 1, parts: {} });
    expect(format.score({ ...judged('019'), params: {} })).toEqual({ total: 0, parts: {} });
  });

  it('says so where a world asks for no form', () => {
    const other = bins.create({}, { dataset: () => undefined });
    expect(() => format.score({ ...judged(''), world: other, params: {} })).toThrow(SpecError);
  });
});
