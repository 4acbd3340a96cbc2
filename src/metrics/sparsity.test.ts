import { describe, expect, it } from 'vitest';
import { layoutOf } from '../core/layout';
import { createRng } from '../core/rng';
import { movementOf } from './movement';
import { l2Movement, updatedBySlice, updatedFractionBf16, updatedFractionF32 } from './sparsity';

const floats = (...values: number[]) => Float32Array.from(values);
const moved = (start: Float32Array, now: Float32Array) => ({
  slices: movementOf(layoutOf([['w', [start.length]]]), start, now),
  ranks: null,
});

describe('updated fractions', () => {
  it('count any change as f32 and only visible ones as bf16', () => {
    // 1 + 1e-4 rounds to 1; bf16 steps at .02 are 1.2e-4, so .0203 is another weight; 1e-6 and 2e-6 differ within the tolerance.
    const movement = moved(floats(1, 0.02, 1e-6, 3), floats(1 + 1e-4, 0.0203, 2e-6, 3));
    expect(updatedFractionF32.compute(movement)).toBe(0.75);
    expect(updatedFractionBf16.compute(movement)).toBe(0.25);
  });

  it('count a weight that is no longer a number', () => {
    const movement = moved(floats(1), floats(Number.NaN));
    expect(updatedFractionF32.compute(movement)).toBe(1);
    expect(updatedFractionBf16.compute(movement)).toBe(1);
  });

  it('weigh slices by their size', () => {
    const layout = layoutOf([
      ['a', [1]],
      ['b', [3]],
    ]);
    const slices = movementOf(layout, floats(0, 0, 0, 0), floats(1, 0, 0, 0));
    expect(updatedFractionF32.compute({ slices, ranks: null })).toBe(0.25);
  });

  it('are given for each slice, with how far it is from the start', () => {
    const layout = layoutOf([
      ['a', [2]],
      ['b', [2, 2]],
    ]);
    const slices = movementOf(layout, floats(0, 0, 1, 1, 1, 1), floats(0, 0, 2, 1 + 1e-6, 1, 1));
    const { l2, ...rest } = updatedBySlice(slices);
    expect(rest).toEqual({ names: ['a', 'b'], f32: [0, 0.5], bf16: [0, 0.25], max: [0, 1] });
    expect(l2).toEqual([0, expect.closeTo(1, 9)]);
  });

  it('shrink from f32 to bf16 under noise of a small step, as precision alone predicts', () => {
    const rng = createRng(3);
    const start = Float32Array.from({ length: 4000 }, () => 0.02 * rng.normal());
    const movement = moved(
      start,
      start.map((w) => w + 1e-5 * rng.normal()),
    );
    expect(updatedFractionF32.compute(movement)).toBeGreaterThan(0.99);
    expect(updatedFractionBf16.compute(movement)).toBeLessThan(0.6);
    expect(updatedFractionBf16.compute(movement)).toBeGreaterThan(0.02);
  });
});

describe('L2 movement', () => {
  it('is the Euclidean distance over all slices', () => {
    const layout = layoutOf([
      ['a', [1]],
      ['b', [1]],
    ]);
    expect(l2Movement.compute({ slices: movementOf(layout, floats(1, 1), floats(4, 5)), ranks: null })).toBe(5);
    expect(l2Movement.compute(moved(floats(1, 1), floats(1, 1)))).toBe(0);
  });
});
