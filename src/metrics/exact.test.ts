import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { bestOfN, entropy, expectedValue, kl, tilted, totalVariation } from './exact';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A random distribution over k completions. */
function randomDistribution(seed: number, k: number): number[] {
  const rng = createRng(seed);
  const weights = Array.from({ length: k }, () => -Math.log(1 - rng.uniform()));
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

describe('expectation, entropy and distances', () => {
  it('have their textbook values', () => {
    expect(expectedValue([0.25, 0.75], [4, 8])).toBe(7);
    expect(entropy([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(Math.log(4), 12);
    expect(entropy([1, 0])).toBe(0);
    // .5 log(.5/.25) + .5 log(.5/.75) = .5 log(4/3)
    expect(kl([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.5 * Math.log(4 / 3), 12);
    expect(kl([1, 0], [0.5, 0.5])).toBeCloseTo(Math.log(2), 12);
    expect(kl([0.5, 0.5], [1, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(totalVariation([0.5, 0.5], [0.25, 0.75])).toBe(0.25);
    expect(totalVariation([1, 0], [0, 1])).toBe(1);
  });

  it('keep their bounds and orders', () => {
    for (let seed = 0; seed < 50; seed++) {
      const p = randomDistribution(seed, 7);
      const q = randomDistribution(seed + 1000, 7);
      expect(entropy(p)).toBeLessThanOrEqual(Math.log(7));
      expect(kl(p, p)).toBe(0);
      // Pinsker: TV^2 <= KL / 2.
      expect(totalVariation(p, q) ** 2).toBeLessThanOrEqual(kl(p, q) / 2);
      expect(totalVariation(p, q)).toBeCloseTo(totalVariation(q, p), 12);
    }
  });
});

describe('the tilted distribution', () => {
  it('multiplies odds by e^(difference in reward / beta)', () => {
    const [a, b] = tilted([0.2, 0.8], [Math.log(4), 0], 1) as [number, number];
    // .2 * 4 against .8: even odds.
    expect(a).toBeCloseTo(0.5, 12);
    expect(b).toBeCloseTo(0.5, 12);
  });

  it('is the best that can be done: no other distribution has a higher reward less KL', () => {
    const reference = randomDistribution(1, 6);
    const reward = [0.1, 0.9, 0.3, 0.9, 0, 0.5];
    const objective = (p: readonly number[]) => expectedValue(p, reward) - 0.2 * kl(p, reference);
    const best = objective(tilted(reference, reward, 0.2));
    for (let seed = 0; seed < 100; seed++) expect(objective(randomDistribution(seed, 6))).toBeLessThan(best);
  });

  it('does not overflow for a tiny beta and keeps zeros', () => {
    expect(tilted([0.5, 0.5, 0], [0, 1, 2], 1e-4)).toEqual([0, 1, 0]);
  });
});

describe('best of n', () => {
  it('has its hand-derived value', () => {
    // Best of 2 of a fair coin with rewards 0 and 1: the 0 wins only when drawn twice.
    expect(bestOfN([0.5, 0.5], [0, 1], 2)).toEqual([0.25, 0.75]);
  });

  it('shares a tie out as the reference does', () => {
    // The two best hold .5 together, so 1 - .5^3 = .875 falls on them, 3 to 2.
    const best = bestOfN([0.5, 0.3, 0.2], [0, 1, 1], 3);
    expect(best[0]).toBeCloseTo(0.125, 12);
    expect(best[1]).toBeCloseTo(0.525, 12);
    expect(best[2]).toBeCloseTo(0.35, 12);
  });

  it('is the reference for n = 1 and for equal rewards', () => {
    const reference = randomDistribution(3, 9);
    const reward = reference.map((_, k) => (k * 5) % 4);
    bestOfN(reference, reward, 1).forEach((p, k) => {
      expect(p).toBeCloseTo(reference[k] as number, 12);
    });
    bestOfN(
      reference,
      reference.map(() => 1),
      8,
    ).forEach((p, k) => {
      expect(p).toBeCloseTo(reference[k] as number, 12);
    });
  });

  it('agrees with counting every outcome of three draws', () => {
    const reference = randomDistribution(4, 4);
    const reward = [0.2, 0.7, 0.7, 0.1];
    const counted = [0, 0, 0, 0];
    for (let i = 0; i < 64; i++) {
      const draws = [i & 3, (i >> 2) & 3, (i >> 4) & 3];
      const probability = draws.reduce((product, k) => product * (reference[k] as number), 1);
      // The first of the best, as an argmax would take it.
      const winner = draws.reduce((best, k) => ((reward[k] as number) > (reward[best] as number) ? k : best));
      counted[winner] = (counted[winner] as number) + probability;
    }
    bestOfN(reference, reward, 3).forEach((p, k) => {
      expect(p).toBeCloseTo(counted[k] as number, 12);
    });
  });

  it('sums to one and never expects less reward for more draws', () => {
    const reference = randomDistribution(5, 20);
    const reward = reference.map((_, k) => Math.sin(k));
    let last = Number.NEGATIVE_INFINITY;
    for (const n of [1, 2, 5, 10, 100]) {
      const best = bestOfN(reference, reward, n);
      expect(sum(best)).toBeCloseTo(1, 12);
      expect(expectedValue(best, reward)).toBeGreaterThan(last);
      last = expectedValue(best, reward);
    }
  });
});
