import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { BOS } from '../core/world';
import { binReward, bins, referenceHistogram } from './bins';
import { completionOf } from './text';

const context = { dataset: () => undefined };
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const expected = (reference: readonly number[], centre: number) =>
  sum(reference.map((p, k) => p * binReward(k, reference.length, centre, 10)));

describe('the reference of 100 bins', () => {
  const reference = referenceHistogram(100);

  it('sums to one', () => {
    expect(sum(reference)).toBeCloseTo(1, 12);
  });

  it('has the figures that were worked out for arXiv 2404.14367', () => {
    const inner = reference.slice(1, -1);
    expect(inner.indexOf(Math.max(...inner)) + 1).toBe(16);
    expect(reference[16]).toBeCloseTo(0.0268, 4);
    expect(reference[0]).toBeCloseTo(0.078, 3);
    expect(reference[99]).toBeCloseTo(0.042, 3);
    expect(reference[70]).toBeCloseTo(0.0021, 4);
    expect(reference[20]).toBeCloseTo(0.024, 3);
    expect(-sum(reference.map((p) => p * Math.log(p)))).toBeCloseTo(4.117, 3);
    expect(sum(reference.slice(60, 81))).toBeCloseTo(0.046, 3);
    expect(sum(reference.slice(10, 31))).toBeCloseTo(0.454, 3);
  });

  it('expects .039 of the misaligned reward and .377 of the aligned one', () => {
    expect(expected(reference, 70)).toBeCloseTo(0.039, 3);
    expect(expected(reference, 20)).toBeCloseTo(0.377, 3);
  });

  it('keeps its shape for other numbers of bins: two neighbours of 200 make one of 100', () => {
    const fine = referenceHistogram(200);
    for (let k = 0; k < 100; k++) {
      expect((fine[2 * k] as number) + (fine[2 * k + 1] as number)).toBeCloseTo(reference[k] as number, 12);
    }
  });
});

describe('bins', () => {
  const world = bins.create({}, context);
  const judge = (token: number) => world.verify({ prompt: [BOS, 103] }, completionOf(world.vocab, [token], false));

  it('lays out bins from id 3 and the contexts after them', () => {
    expect(world.sampleable).toHaveLength(100);
    expect(world.vocab.tokens[world.sampleable?.[0] as number]).toBe('0');
    expect(world.vocab.tokens[102]).toBe('99');
    expect(world.vocab.tokens.slice(103)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9']);
    const contexts = new Set(Array.from({ length: 200 }, (_, i) => world.sample(createRng(i), 'train').prompt[1]));
    expect([...contexts].sort((a, b) => (a as number) - (b as number))).toEqual([103, 104, 105, 106, 107, 108, 109, 110, 111, 112]);
  });

  it('pays 1 at the centre, 1/e one width away, and calls more than half right', () => {
    expect(judge(3 + 70)).toEqual({ correct: true, score: 1, parts: {} });
    expect(judge(3 + 80).score).toBeCloseTo(Math.exp(-1), 12);
    // exp(-.64) = .527 and exp(-.81) = .445.
    expect(judge(3 + 78).correct).toBe(true);
    expect(judge(3 + 79).correct).toBe(false);
  });

  it('pays nothing for a context, or for more or less than one token', () => {
    expect(judge(103).score).toBe(0);
    expect(world.verify({ prompt: [BOS, 103] }, { tokens: [], text: '', ended: true }).score).toBe(0);
    expect(world.verify({ prompt: [BOS, 103] }, { tokens: [73, 73], text: '70 70', ended: true }).score).toBe(0);
  });

  it('moves the centre with the number of bins', () => {
    expect(binReward(35, 50, 70, 10)).toBe(1);
    expect(binReward(140, 200, 70, 10)).toBe(1);
  });
});
