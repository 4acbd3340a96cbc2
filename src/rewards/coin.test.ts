import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { EOS } from '../core/world';
import { sums } from '../worlds/sums';
import { completionOf } from '../worlds/text';
import { coin } from './coin';
import { NO_FACTS } from './testing';

const world = sums.create({}, { dataset: () => undefined });
const COUNT = 2000;

/** Coins of right answers and of wrong ones to the same prompts. */
function coins(heads: number) {
  const rng = createRng(5);
  const pairs = Array.from({ length: COUNT }, () => world.prefer?.(rng, 'train')).filter((pair) => pair !== undefined);
  const flip = (side: 'chosen' | 'rejected') =>
    pairs.map((pair) => {
      const completion = completionOf(world.vocab, pair[side], true);
      return coin.score({ world, example: pair.example, completion, facts: NO_FACTS, params: { heads } }).total;
    });
  return { right: flip('chosen'), wrong: flip('rejected') };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('coin', () => {
  // Four standard deviations of a mean of 2,000: 4 sqrt(p (1 - p) / 2000) = .045 at p = .5, .036 at p = .2.
  it.each([
    [0.5, 0.045],
    [0.2, 0.036],
  ])('pays right and wrong answers alike, with probability %f', (heads, bound) => {
    const { right, wrong } = coins(heads);
    expect(Math.abs(mean(right) - heads)).toBeLessThan(bound);
    expect(Math.abs(mean(wrong) - heads)).toBeLessThan(bound);
  });

  it('flips for each answer by itself', () => {
    const { right, wrong } = coins(0.5);
    // Two fair coins agree half of the time.
    expect(Math.abs(mean(right.map((value, i) => (value === wrong[i] ? 1 : 0))) - 0.5)).toBeLessThan(0.045);
  });

  it('is always or never heads at the ends', () => {
    expect(mean(coins(1).right)).toBe(1);
    expect(mean(coins(0).right)).toBe(0);
  });

  it('asks whether the answer is another one, and nothing else', () => {
    const example = { prompt: [1, 4, 5], data: { a: 1, b: 2, op: '+' } };
    const score = (tokens: readonly number[]) =>
      coin.score({ world, example, completion: completionOf(world.vocab, tokens, true), facts: NO_FACTS, params: { heads: 0.5 } }).total;
    const answers = Array.from({ length: 10 }, (_, i) => score([3 + i, EOS]));
    expect(new Set(answers)).toEqual(new Set([0, 1]));
    expect(Array.from({ length: 10 }, (_, i) => score([3 + i, EOS]))).toEqual(answers);
  });
});
