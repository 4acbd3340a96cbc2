import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { eigenvalues } from './eigenvalues';

/** A random symmetric matrix [n, n]. */
function symmetric(seed: number, n: number): Float64Array {
  const rng = createRng(seed);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = rng.normal();
  return matrix;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('eigenvalues', () => {
  it('are those of matrices that are known', () => {
    // [[2, 1], [1, 2]] turns (1, 1) into 3 (1, 1) and (1, -1) into itself.
    expect(eigenvalues(Float64Array.of(2, 1, 1, 2), 2)).toEqual([expect.closeTo(3, 12), expect.closeTo(1, 12)]);
    // Ones everywhere: the constant vector is tripled, everything orthogonal to it vanishes.
    expect(eigenvalues(new Float64Array(9).fill(1), 3)).toEqual([expect.closeTo(3, 12), expect.closeTo(0, 12), expect.closeTo(0, 12)]);
    expect(eigenvalues(Float64Array.of(-4, 0, 0, 5), 2)).toEqual([expect.closeTo(5, 12), expect.closeTo(-4, 12)]);
    expect(eigenvalues(new Float64Array(4), 2)).toEqual([0, 0]);
    expect(eigenvalues(new Float64Array(0), 0)).toEqual([]);
  });

  it('add up to the trace, their squares to the squared Frobenius norm, and they descend', () => {
    for (let seed = 0; seed < 20; seed++) {
      const n = 1 + (seed % 9);
      const matrix = symmetric(seed, n);
      const trace = sum(Array.from({ length: n }, (_, i) => matrix[i * n + i] as number));
      const squares = sum([...matrix].map((entry) => entry ** 2));
      const values = eigenvalues(Float64Array.from(matrix), n);
      expect(sum(values)).toBeCloseTo(trace, 10);
      expect(sum(values.map((value) => value ** 2))).toBeCloseTo(squares, 10);
      expect(values).toEqual([...values].sort((a, b) => b - a));
    }
  });
});
