import { describe, expect, it } from 'vitest';
import { layoutOf } from '../core/layout';
import { createRng } from '../core/rng';
import { compare, movementOf, roundedToBf16, sliceMovement, TOLERANCES, toleranceCurve } from './movement';

const floats = (...values: number[]) => Float32Array.from(values);
const fromWord = (word: number) => new Float32Array(Uint32Array.of(word).buffer);
const wordOf = (values: Float32Array) => new Uint32Array(values.buffer)[0];

describe('rounding to bf16', () => {
  it('keeps 8 significant bits', () => {
    // Neighbours of 1 in bf16 are 1/128 apart above it.
    expect([...roundedToBf16(floats(1, 1 + 1 / 128, 1 + 3 / 512, 0.5, -2, 0))]).toEqual([1, 1 + 1 / 128, 1 + 1 / 128, 0.5, -2, 0]);
  });

  it('takes ties to even', () => {
    // 1 + 1/256 lies halfway between 1 (even) and 1 + 1/128 (odd); 1 + 3/256 between 1 + 1/128 (odd) and 1 + 2/128 (even).
    expect([...roundedToBf16(floats(1 + 1 / 256, 1 + 3 / 256, -1 - 1 / 256))]).toEqual([1, 1 + 2 / 128, -1]);
  });

  it('keeps NaN and infinities, and rounds the largest float to infinity', () => {
    expect([...roundedToBf16(floats(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY))]).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    // A NaN whose payload lies in the low bits alone must not become an infinity.
    expect(roundedToBf16(fromWord(0x7f800001))[0]).toBeNaN();
    expect(roundedToBf16(fromWord(0x7f7fffff))[0]).toBe(Number.POSITIVE_INFINITY);
    expect(wordOf(roundedToBf16(fromWord(0x80000001)))).toBe(0x80000000);
  });

  it('gives the nearer neighbour of every float', () => {
    const rng = createRng(2);
    for (let i = 0; i < 500; i++) {
      const value = Math.fround(rng.normal() * 10 ** (rng.below(6) - 3));
      const rounded = roundedToBf16(floats(value))[0] as number;
      // Half a unit in the last place is 2^-8 of the power of two below the value.
      expect(Math.abs(rounded - value)).toBeLessThanOrEqual(2 ** -8 * Math.abs(value));
      expect((wordOf(floats(rounded)) as number) & 0xffff).toBe(0);
    }
  });

  it('takes a part of a buffer and leaves it as it was', () => {
    const values = floats(1 + 1 / 512, 3, 1 + 1 / 512);
    expect([...roundedToBf16(values.subarray(1))]).toEqual([3, 1]);
    expect([...values]).toEqual([1 + 1 / 512, 3, 1 + 1 / 512]);
  });
});

describe('two vectors compared', () => {
  it('are counted at every tolerance, as f32 and as bf16', () => {
    // Differences of 0, 5e-9 and 2e-6, of 2^-9 beside 1, where bf16 steps are 2^-7, and of 2^-6 from a bf16 number to another.
    const { f32, bf16, max, maxBf16 } = compare(floats(0.5, 0, 0, 1, 1), floats(0.5, 5e-9, 2e-6, 1 + 2 ** -9, 1 + 2 ** -6));
    //                 0  1e-8 1e-7 1e-6 1e-5 1e-4 1e-3 1e-2 1e-1; 2^-9 = 2.0e-3 and 2^-6 = 1.6e-2
    expect(f32).toEqual([4, 3, 3, 3, 2, 2, 2, 1, 0]);
    expect(bf16).toEqual([3, 2, 2, 2, 1, 1, 1, 1, 0]);
    expect([max, maxBf16]).toEqual([2 ** -6, 2 ** -6]);
  });

  it('count a difference of exactly the tolerance, as f32, as none', () => {
    const [at, above] = [fromWord(0x3727c5ac), fromWord(0x3727c5ad)];
    expect(at[0]).toBe(Math.fround(1e-5));
    expect(compare(floats(0), at).f32.slice(3, 6)).toEqual([1, 0, 0]);
    expect(compare(floats(0), above).f32.slice(3, 6)).toEqual([1, 1, 0]);
  });

  it('show a small change as a large one where it crosses a tie of bf16', () => {
    // 1 + 2^-8 is a tie and goes to the even 1; the next f32 above it goes to 1 + 2^-7.
    const { f32, bf16, max, maxBf16 } = compare(fromWord(0x3f808000), fromWord(0x3f808001));
    expect([f32, max]).toEqual([[1, 1, 1, 0, 0, 0, 0, 0, 0], 2 ** -23]);
    expect([bf16, maxBf16]).toEqual([[1, 1, 1, 1, 1, 1, 1, 0, 0], 2 ** -7]);
  });

  it('take 0 and -0 as equal and tell denormals apart', () => {
    expect(compare(floats(0, -0), floats(-0, 0)).f32[0]).toBe(0);
    expect(compare(fromWord(1), fromWord(2)).f32.slice(0, 2)).toEqual([1, 0]);
  });

  it('count what is not a number as changed by any measure, and leave it out of the sums', () => {
    const all = TOLERANCES.map(() => 1);
    const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
    for (const [before, now] of [
      [1, nan],
      [nan, nan],
      [1, infinite],
      [infinite, 1],
      [-infinite, infinite],
    ] as const) {
      expect(compare(floats(before), floats(now)), `${before} to ${now}`).toEqual({
        f32: all,
        bf16: all,
        nonFinite: 1,
        squares: 0,
        max: 0,
        maxBf16: 0,
      });
    }
    expect(compare(floats(infinite), floats(infinite)).nonFinite).toBe(0);
    expect(compare(floats(infinite), floats(infinite)).f32[0]).toBe(0);
  });
});

describe('the movement of a slice', () => {
  it('adds its parts up', () => {
    // 3² + 4² = 5²
    const parts = [compare(floats(0, 1), floats(3, 1)), compare(floats(1), floats(-3))];
    expect(sliceMovement('w', 3, parts)).toEqual({
      name: 'w',
      size: 3,
      f32: TOLERANCES.map(() => 2),
      bf16: TOLERANCES.map(() => 2),
      l2: 5,
      max: 4,
      maxBf16: 4,
    });
  });

  it('has no finite length once a weight is not finite', () => {
    const [slice] = movementOf(layoutOf([['w', [2]]]), floats(1, 2), floats(1.5, Number.NaN));
    expect(slice).toMatchObject({ l2: Number.POSITIVE_INFINITY, max: Number.POSITIVE_INFINITY, maxBf16: Number.POSITIVE_INFINITY });
    expect(slice?.f32).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2]);
  });

  it('is taken slice by slice', () => {
    const layout = layoutOf([
      ['a', [2]],
      ['b', [2, 2]],
    ]);
    const slices = movementOf(layout, floats(0, 0, 1, 1, 1, 1), floats(0, 0, 2, 1 + 1e-6, 1, 1));
    expect(slices.map(({ name, size, f32, bf16 }) => [name, size, f32[0], bf16[0]])).toEqual([
      ['a', 2, 0, 0],
      ['b', 4, 2, 1],
    ]);
    // At 0 two of six have changed; 1 + 1e-6 is within 1e-5.
    expect(toleranceCurve(slices, 'f32').slice(0, 5)).toEqual([2 / 6, 2 / 6, 2 / 6, 1 / 6, 1 / 6]);
    expect(toleranceCurve([], 'f32')[0]).toBeNaN();
  });
});
