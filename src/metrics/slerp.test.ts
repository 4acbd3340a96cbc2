import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { angleBetween, slerp } from './slerp';

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

function unit(seed: number, n = 5): number[] {
  const rng = createRng(seed);
  const values = Array.from({ length: n }, () => rng.normal());
  return values.map((value) => value / norm(values));
}

const close = (values: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(values.length).toBe(expected.length);
  for (let i = 0; i < values.length; i++) expect(values[i]).toBeCloseTo(expected[i] as number, 12);
};

describe('the angle between tensors', () => {
  it('is exact for right, small, straight and no angles', () => {
    expect(angleBetween([1, 0], [0, 5])).toBeCloseTo(Math.PI / 2, 12);
    expect(angleBetween([1, 0], [-2, 0])).toBeCloseTo(Math.PI, 12);
    // acos of the cosine would give 0 here.
    expect(angleBetween([1, 0], [1, 1e-9])).toBeCloseTo(1e-9, 15);
    expect(angleBetween([1, 2], [2, 4])).toBeCloseTo(0, 12);
    expect(angleBetween([0, 0], [1, 0])).toBeNaN();
  });
});

describe('SLERP', () => {
  it('turns: half-way through a right angle stands at 45 degrees, on the circle', () => {
    close(slerp([1, 0], [0, 1], 0.5), [Math.SQRT1_2, Math.SQRT1_2]);
    // A third of the way: 30 degrees.
    close(slerp([1, 0], [0, 1], 1 / 3), [Math.sqrt(3) / 2, 0.5]);
    // Lengths are not normalised: sin 45 degrees of each.
    close(slerp([2, 0], [0, 1], 0.5), [2 * Math.SQRT1_2, Math.SQRT1_2]);
  });

  it('keeps the length of unit tensors and turns in proportion to t', () => {
    for (let seed = 0; seed < 30; seed++) {
      const [a, b] = [unit(seed), unit(seed + 100)];
      const angle = angleBetween(a, b);
      for (const t of [0.1, 0.5, 0.8]) {
        const between = slerp(a, b, t);
        expect(norm(between)).toBeCloseTo(1, 12);
        expect(angleBetween(a, between)).toBeCloseTo(t * angle, 10);
        close(between, slerp(b, a, 1 - t));
      }
      close(slerp(a, b, 0), a);
      close(slerp(a, b, 1), b);
    }
  });

  it('is linear where there is no direction to turn in', () => {
    close(slerp([1, 1], [3, 3], 0.25), [1.5, 1.5]);
    close(slerp([1, 0], [1, 1e-4], 0.5), [1, 5e-5]);
    close(slerp([1, 0], [-1, 0], 0.25), [0.5, 0]);
    close(slerp([0, 0], [2, 4], 0.5), [1, 2]);
  });

  it('is of whole tensors: entry by entry it would be linear', () => {
    expect([...slerp([1, 0], [0, 1], 0.5)]).not.toEqual([0.5, 0.5]);
    close(slerp([1], [3], 0.5), [2]);
  });

  it('refuses tensors of different sizes', () => {
    expect(() => slerp([1], [1, 2], 0.5)).toThrow('1 and 2 entries');
  });
});
