import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { completion, randomSamples, setOf } from './sample-set.fixture';
import { selfBleu, selfBleuOf } from './self-bleu';

const of = (...samples: number[][]) => selfBleuOf(samples.map(completion));

/** BLEU of one sample against references, straight from the definition. */
function bleu(sample: readonly number[], references: readonly (readonly number[])[]): number {
  const grams = (tokens: readonly number[], n: number) =>
    Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, i) => tokens.slice(i, i + n).join());
  const count = (all: readonly string[], gram: string) => all.filter((one) => one === gram).length;
  let log = 0;
  const orders = Math.min(4, sample.length);
  for (let n = 1; n <= orders; n++) {
    const own = grams(sample, n);
    const matches = [...new Set(own)].reduce(
      (sum, gram) => sum + Math.min(count(own, gram), Math.max(...references.map((one) => count(grams(one, n), gram)))),
      0,
    );
    log += Math.log((matches === 0 && n > 1 ? 0.1 : matches) / own.length) / orders;
  }
  const [nearest] = references
    .map(({ length }) => length)
    .sort((a, b) => Math.abs(a - sample.length) - Math.abs(b - sample.length) || a - b);
  return Math.exp(log + Math.min(0, 1 - (nearest as number) / sample.length));
}

describe('self-BLEU', () => {
  it('is 1 where all samples are the same, however short', () => {
    expect(of([3, 4, 5, 3, 4], [3, 4, 5, 3, 4])).toBeCloseTo(1, 12);
    expect(of([3], [3], [3])).toBeCloseTo(1, 12);
    expect(of([], [])).toBe(1);
  });

  it('is 0 where no two share a token', () => {
    expect(of([3, 3], [4, 4], [5])).toBe(0);
    expect(of([], [3])).toBe(0);
  });

  it('has its hand-derived values', () => {
    // 3 4 5 and 3 4 6, either against the other: 2 of 3 tokens, 1 of 2 pairs, no triple (.1 of 1), same length.
    expect(of([3, 4, 5], [3, 4, 6])).toBeCloseTo((2 / 3 / 2 / 10) ** (1 / 3), 12);
    // 3 4 against 3 4 5 6: all 2 tokens and the pair match, penalty e^(1 - 4 / 2). The other way: 2 of 4, 1 of 3, none of 2, none of 1.
    expect(of([3, 4], [3, 4, 5, 6])).toBeCloseTo((Math.exp(-1) + ((1 / 2 / 3) * (0.1 / 2) * 0.1) ** (1 / 4)) / 2, 12);
    // 3 3 against 3 4 and 4 3: the token 3 counts once, although two others have it; no pair: (1/2 * .1)^(1/2).
    // 3 4 against 3 3 and 4 3: both tokens match, its pair does not: (1 * .1)^(1/2); the same for 4 3.
    expect(of([3, 3], [3, 4], [4, 3])).toBeCloseTo((Math.sqrt(0.05) + 2 * Math.sqrt(0.1)) / 3, 12);
  });

  it('agrees with the definition, stays in [0, 1] and does not depend on the order', () => {
    const rng = createRng(2);
    for (let seed = 0; seed < 40; seed++) {
      const samples = randomSamples(seed, 2 + (seed % 6), 7, 3).filter(({ tokens }) => tokens.length > 0);
      if (samples.length < 2) continue;
      const tokens = samples.map((sample) => sample.tokens);
      const direct = tokens.map((sample, i) => bleu(sample, [...tokens.slice(0, i), ...tokens.slice(i + 1)]));
      const value = selfBleuOf(samples);
      expect(value).toBeCloseTo(direct.reduce((sum, one) => sum + one, 0) / direct.length, 12);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1 + 1e-12);
      expect(selfBleuOf(rng.shuffle(samples))).toBeCloseTo(value, 12);
    }
  });

  it('has no meaning for one sample, and leaves such prompts out of the mean', () => {
    expect(of([3])).toBeNaN();
    expect(selfBleu.compute(setOf([[[3]], [[3], [3]]]))).toBe(1);
    expect(selfBleu.compute(setOf([]))).toBeNaN();
  });
});
