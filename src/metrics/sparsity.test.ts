import { describe, expect, it } from 'vitest';
import { layoutOf } from '../core/layout';
import { createRng } from '../core/rng';
import { distance, l2Movement, roundToBf16, updatedAsBf16, updatedAsF32, updatedBySlice, updatedFractionBf16 } from './sparsity';

const floats = (...values: number[]) => Float32Array.from(values);
const fromWord = (word: number) => new Float32Array(Uint32Array.of(word).buffer);
const wordOf = (values: Float32Array) => new Uint32Array(values.buffer)[0];

describe('rounding to bf16', () => {
  it('keeps 8 significant bits', () => {
    // Neighbours of 1 in bf16 are 1/128 apart above it.
    expect([...roundToBf16(floats(1, 1 + 1 / 128, 1 + 3 / 512, 0.5, -2, 0))]).toEqual([1, 1 + 1 / 128, 1 + 1 / 128, 0.5, -2, 0]);
  });

  it('takes ties to even', () => {
    // 1 + 1/256 lies halfway between 1 (even) and 1 + 1/128 (odd); 1 + 3/256 between 1 + 1/128 (odd) and 1 + 2/128 (even).
    expect([...roundToBf16(floats(1 + 1 / 256, 1 + 3 / 256, -1 - 1 / 256))]).toEqual([1, 1 + 2 / 128, -1]);
  });

  it('keeps NaN and infinities, and rounds the largest float to infinity', () => {
    expect([...roundToBf16(floats(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY))]).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    // A NaN whose payload lies in the low bits alone must not become an infinity.
    expect(roundToBf16(fromWord(0x7f800001))[0]).toBeNaN();
    expect(roundToBf16(fromWord(0x7f7fffff))[0]).toBe(Number.POSITIVE_INFINITY);
    expect(wordOf(roundToBf16(fromWord(0x80000001)))).toBe(0x80000000);
  });

  it('gives the nearer neighbour of every float', () => {
    const rng = createRng(2);
    for (let i = 0; i < 500; i++) {
      const value = Math.fround(rng.normal() * 10 ** (rng.below(6) - 3));
      const rounded = roundToBf16(floats(value))[0] as number;
      // Half a unit in the last place is 2^-8 of the power of two below the value.
      expect(Math.abs(rounded - value)).toBeLessThanOrEqual(2 ** -8 * Math.abs(value));
      expect((wordOf(floats(rounded)) as number) & 0xffff).toBe(0);
    }
  });

  it('works on a part of a buffer', () => {
    const values = floats(1 + 1 / 512, 1 + 1 / 512, 1 + 1 / 512);
    roundToBf16(values.subarray(1, 2));
    expect([...values]).toEqual([1 + 1 / 512, 1, 1 + 1 / 512]);
  });
});

describe('updated fractions', () => {
  it('count any change as f32 and only visible ones as bf16', () => {
    // 1 + 1e-4 rounds to 1; bf16 steps at .02 are 1.2e-4, so .0203 is another weight; 1e-6 and 2e-6 differ within the tolerance.
    const start = floats(1, 0.02, 1e-6, 3);
    const now = floats(1 + 1e-4, 0.0203, 2e-6, 3);
    expect(updatedAsF32(start, now)).toBe(0.75);
    expect(updatedAsBf16(start, now)).toBe(0.25);
    expect(updatedAsBf16(start, now, 0)).toBe(0.5);
  });

  it('leave both vectors as they were', () => {
    const start = floats(1 + 1 / 512);
    updatedFractionBf16.compute({ layout: layoutOf([['w', [1]]]), start, now: start });
    expect(start[0]).toBe(1 + 1 / 512);
  });

  it('count a weight that is no longer a number', () => {
    expect(updatedAsF32(floats(1), floats(Number.NaN))).toBe(1);
    expect(updatedAsBf16(floats(1), floats(Number.NaN))).toBe(1);
  });

  it('are given for each slice', () => {
    const layout = layoutOf([
      ['a', [2]],
      ['b', [2, 2]],
    ]);
    const slices = updatedBySlice(layout, floats(0, 0, 1, 1, 1, 1), floats(0, 0, 2, 1 + 1e-6, 1, 1));
    expect(slices).toEqual({ names: ['a', 'b'], f32: [0, 0.5], bf16: [0, 0.25] });
  });

  it('shrink from f32 to bf16 under noise of a small step, as precision alone predicts', () => {
    const rng = createRng(3);
    const start = Float32Array.from({ length: 4000 }, () => 0.02 * rng.normal());
    const now = start.map((w) => w + 1e-5 * rng.normal());
    expect(updatedAsF32(start, now)).toBeGreaterThan(0.99);
    expect(updatedAsBf16(start, now)).toBeLessThan(0.6);
    expect(updatedAsBf16(start, now)).toBeGreaterThan(0.02);
  });
});

describe('L2 movement', () => {
  it('is the Euclidean distance', () => {
    expect(distance(floats(1, 1), floats(4, 5))).toBe(5);
    expect(l2Movement.compute({ layout: layoutOf([['w', [2]]]), start: floats(1, 1), now: floats(1, 1) })).toBe(0);
  });
});
