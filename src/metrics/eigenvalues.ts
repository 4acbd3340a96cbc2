/**
 * Eigenvalues of symmetric matrices, by Householder reflections to tridiagonal form and bisection with Sylvester's law of inertia
 * (Golub and Van Loan, Matrix Computations, 8.3 and 8.4).
 */

/** Halvings that leave nothing of a double's 53 bits to find. */
export const HALVINGS = 60;

/** A symmetric tridiagonal matrix: its diagonal [n] and the squares beside it [n - 1]. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly squares: Float64Array;
}

/**
 * All eigenvalues in descending order, to about 1e-15 of the largest.
 * @param matrix [n, n], symmetric; used up as scratch memory
 */
export function eigenvalues(matrix: Float64Array, n: number): number[] {
  const reduced = tridiagonal(matrix, n);
  // Gershgorin: no eigenvalue lies further from 0 than the largest sum of magnitudes in a row.
  let reach = 0;
  for (let i = 0; i < n; i++) {
    const beside = Math.sqrt(reduced.squares[i] ?? 0) + Math.sqrt(i === 0 ? 0 : (reduced.squares[i - 1] as number));
    reach = Math.max(reach, Math.abs(reduced.diagonal[i] as number) + beside);
  }
  return Array.from({ length: n }, (_, rank) => {
    let [low, high] = [-reach, reach];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if (countAbove(reduced, middle) > rank) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  });
}

/** Reduces a symmetric matrix [n, n] by Householder reflections; its eigenvalues stay what they are. */
export function tridiagonal(a: Float64Array, n: number): Tridiagonal {
  const [diagonal, squares] = [new Float64Array(n), new Float64Array(Math.max(0, n - 1))];
  const [v, w] = [new Float64Array(n), new Float64Array(n)];
  const at = (row: number, column: number): number => a[row * n + column] as number;
  for (let k = 0; k < n - 1; k++) {
    let square = 0;
    for (let i = k + 1; i < n; i++) square += at(i, k) ** 2;
    squares[k] = square;
    const first = at(k + 1, k);
    // The reflection takes the rest of the column to one entry; v is its normal, and |v|² / 2 is this:
    const half = square + Math.abs(first) * Math.sqrt(square);
    if (half === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = at(i, k);
    v[k + 1] = first + (first < 0 ? -1 : 1) * Math.sqrt(square);
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += at(i, j) * (v[j] as number);
      w[i] = sum / half;
      along += (sum / half) * (v[i] as number);
    }
    for (let i = k + 1; i < n; i++) w[i] = (w[i] as number) - (along / (2 * half)) * (v[i] as number);
    for (let i = k + 1; i < n; i++) {
      const [vi, wi] = [v[i] as number, w[i] as number];
      for (let j = k + 1; j < n; j++) a[i * n + j] = at(i, j) - vi * (w[j] as number) - wi * (v[j] as number);
    }
  }
  for (let i = 0; i < n; i++) diagonal[i] = at(i, i);
  return { diagonal, squares };
}

/** Number of eigenvalues greater than `x`: the positive pivots of T - x I (Sylvester's law of inertia). */
export function countAbove({ diagonal, squares }: Tridiagonal, x: number): number {
  let above = 0;
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    const square = i === 0 ? 0 : (squares[i - 1] as number);
    pivot = (diagonal[i] as number) - x - (square === 0 ? 0 : square / pivot);
    if (pivot > 0) above += 1;
    // As if x were a little greater: then the next pivot is positive, and the two count as one.
    if (pivot === 0) pivot = -Number.MIN_VALUE;
  }
  return above;
}
