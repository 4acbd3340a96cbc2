import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { ranksOf, updateRankBf16, updateRankF32, updateStableRank } from './rank';

/** Products of the columns of a [length, side] matrix with rows end to end. */
function gramOf(values: readonly number[], side: number): Float64Array {
  const gram = new Float64Array(side * side);
  for (let from = 0; from < values.length; from += side) {
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        gram[i * side + j] = (gram[i * side + j] as number) + (values[from + i] as number) * (values[from + j] as number);
      }
    }
  }
  return gram;
}

const normals = (count: number, seed: number): number[] => {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.normal());
};

/** A [length, side] matrix of a rank at most `rank`. */
function lowRank(length: number, side: number, rank: number): number[] {
  const [left, right] = [normals(length * rank, 1), normals(rank * side, 2)];
  return Array.from({ length: length * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side];
    return Array.from({ length: rank }, (_, k) => (left[row * rank + k] as number) * (right[k * side + column] as number)).reduce(
      (sum, x) => sum + x,
      0,
    );
  });
}

describe('ranks', () => {
  it('of a diagonal matrix are read off it', () => {
    // Singular values 4, 2, 1 and 0: three of four, and (16 + 4 + 1) / 16.
    const { relative, stable } = ranksOf(gramOf([4, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0], 4), 4, 4);
    expect(relative).toBe(0.75);
    expect(stable).toBeCloseTo(21 / 16, 12);
  });

  it('of a matrix of two by two follow from its eigenvalues', () => {
    // Columns (3, 0) and (4, 5): the Gram matrix is 9 12 / 12 41, its eigenvalues 25 ± 20, so 45 and 5.
    const { relative, stable } = ranksOf(gramOf([3, 4, 0, 5], 2), 2, 2);
    expect(relative).toBe(1);
    expect(stable).toBeCloseTo(50 / 45, 12);
  });

  it('of one number, and of nothing', () => {
    expect(ranksOf(gramOf([-3], 1), 1, 1)).toEqual({ relative: 1, stable: 1 });
    expect(ranksOf(new Float64Array(9), 3, 5)).toEqual({ relative: 0, stable: Number.NaN });
  });

  it.each([
    [3, 3],
    [17, 40],
    [64, 64],
    [65, 257],
  ])('of normal draws, %i by %i, are full', (side, length) => {
    const { relative, stable } = ranksOf(gramOf(normals(side * length, 5), side), side, length);
    expect(relative).toBe(1);
    // The largest singular value of normal draws is near sqrt(side) + sqrt(length), their squared norm near side x length.
    const expected = (side * length) / (Math.sqrt(side) + Math.sqrt(length)) ** 2;
    if (side > 3) expect(stable / expected).toBeCloseTo(1, 0);
  });

  it.each([1, 2, 7])('find a matrix of rank %i out', (rank) => {
    expect(ranksOf(gramOf(lowRank(40, 24, rank), 24), 24, 40).relative).toBe(rank / 24);
  });

  it('do not depend on the scale', () => {
    const values = normals(8 * 12, 9);
    const small = values.map((x) => x * 2 ** -40);
    expect(ranksOf(gramOf(small, 8), 8, 12)).toEqual(ranksOf(gramOf(values, 8), 8, 12));
  });

  it('count a singular value from max(rows, columns) 2^-23 of the largest on, as torch does', () => {
    const threshold = 10 * 2 ** -23;
    expect(ranksOf(Float64Array.of(1, 0, 0, (1.01 * threshold) ** 2), 2, 10).relative).toBe(1);
    expect(ranksOf(Float64Array.of(1, 0, 0, (0.99 * threshold) ** 2), 2, 10).relative).toBe(0.5);
  });

  it('stand the multiplicity of an eigenvalue', () => {
    // The identity, and a pair of equal eigenvalues reached by a rotation.
    expect(ranksOf(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3, 3)).toEqual({ relative: 1, stable: expect.closeTo(3, 12) as number });
    expect(ranksOf(Float64Array.of(2, 1, 1, 1, 2, 1, 1, 1, 2), 3, 3).stable).toBeCloseTo(6 / 4, 12);
  });
});

describe('the metrics', () => {
  const ranks = [
    { name: 'a', f32: 1, bf16: 0.5, stable: 3 },
    { name: 'b', f32: 0.5, bf16: 0, stable: Number.NaN },
  ];

  it('are means over the matrices that have a value', () => {
    expect(updateRankF32.compute({ slices: [], ranks })).toBe(0.75);
    expect(updateRankBf16.compute({ slices: [], ranks })).toBe(0.25);
    expect(updateStableRank.compute({ slices: [], ranks })).toBe(3);
  });

  it('have no meaning where nothing was measured', () => {
    expect(updateRankF32.compute({ slices: [], ranks: null })).toBeNaN();
    expect(updateStableRank.compute({ slices: [], ranks: [] })).toBeNaN();
  });
});
