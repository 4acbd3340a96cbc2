import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { chanceJaccard, density, jaccard, touched } from './jaccard';
import { compare, TOLERANCES } from './movement';

const floats = (...values: number[]) => Float32Array.from(values);

describe('the weights that an update touches', () => {
  it('differ by more than the tolerance', () => {
    expect([...touched(floats(1, 1, 1), floats(1, 1.5, 1.25), 0, 'f32')]).toEqual([0, 1, 1]);
    expect([...touched(floats(1, 1, 1), floats(1, 1.5, 1.25), 0.25, 'f32')]).toEqual([0, 1, 0]);
    // 1 + 1e-4 rounds to 1 as bf16.
    expect([...touched(floats(1), floats(1 + 1e-4), 0, 'f32')]).toEqual([1]);
    expect([...touched(floats(1), floats(1 + 1e-4), 0, 'bf16')]).toEqual([0]);
    expect([...touched(floats(1), floats(Number.NaN), 1e-5, 'bf16')]).toEqual([1]);
  });

  it('are those that the tolerance curve counts', () => {
    const rng = createRng(9);
    const before = Float32Array.from({ length: 500 }, () => 0.02 * rng.normal());
    const after = before.map((weight) => weight + 10 ** (-9 + 8 * rng.uniform()));
    const counted = compare(before, after);
    for (const as of ['f32', 'bf16'] as const) {
      for (const [k, tolerance] of TOLERANCES.entries()) {
        expect(density(touched(before, after, tolerance, as)) * 500).toBeCloseTo(counted[as][k] as number, 9);
      }
    }
  });
});

describe('the Jaccard index', () => {
  it('is what both touch over what either touches', () => {
    expect(jaccard(Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 1, 1, 0))).toBeCloseTo(1 / 3, 12);
    expect(jaccard(Uint8Array.of(1, 0), Uint8Array.of(0, 1))).toBe(0);
    expect(jaccard(Uint8Array.of(1, 0), Uint8Array.of(1, 0))).toBe(1);
    expect(jaccard(Uint8Array.of(0, 0), Uint8Array.of(0, 0))).toBeNaN();
    expect(() => jaccard(Uint8Array.of(1), Uint8Array.of(1, 1))).toThrow('1 and 2 weights');
  });

  it('is p / (2 - p) by chance', () => {
    // Half of the weights each: a quarter in both, three quarters in either.
    expect(chanceJaccard(0.5, 0.5)).toBeCloseTo(1 / 3, 12);
    for (const p of [0.01, 0.3, 0.9, 1]) expect(chanceJaccard(p, p)).toBeCloseTo(p / (2 - p), 12);
    expect(chanceJaccard(0, 0.5)).toBe(0);
    const rng = createRng(10);
    const draw = (p: number) => Uint8Array.from({ length: 50_000 }, () => (rng.uniform() < p ? 1 : 0));
    expect(Math.abs(jaccard(draw(0.2), draw(0.2)) - 0.2 / 1.8)).toBeLessThan(0.01);
    expect(Math.abs(jaccard(draw(0.2), draw(0.6)) - chanceJaccard(0.2, 0.6))).toBeLessThan(0.01);
  });
});
