/**
 * The rank of an update. Relative rank follows the code of Mukherjee et al. (arXiv 2505.11711): torch.linalg.matrix_rank of the
 * difference as f32, over the smaller side, mean over the weight matrices. So a singular value counts when it is greater than
 * max(rows, columns) 2^-23 times the largest. The stable rank, ||Δ||_F² / σ₁² (Rudelson and Vershynin, arXiv math/0503442), does not
 * hang on a threshold.
 */
import type { ThetaMetric, UpdateRank } from '../core/metric';

/** Machine epsilon of f32, as torch.finfo gives it. */
const EPSILON = 2 ** -23;
/** Halvings that leave nothing of a double's 53 bits to find. */
const HALVINGS = 60;

/** A symmetric tridiagonal matrix: its diagonal [n] and the squares beside it [n - 1]. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly squares: Float64Array;
}

/** Both ranks of one matrix. */
export interface Ranks {
  /** Rank over the smaller side. */
  readonly relative: number;
  /** NaN for a matrix of zeros. */
  readonly stable: number;
}

/**
 * Relative and stable rank of a matrix whose sides are `side` <= `longer`.
 * @param gram [side, side] its products with itself along the longer side, symmetric; used up as scratch memory
 */
export function ranksOf(gram: Float64Array, side: number, longer: number): Ranks {
  let trace = 0;
  for (let i = 0; i < side; i++) trace += gram[i * side + i] as number;
  if (trace === 0) return { relative: 0, stable: Number.NaN };
  const reduced = tridiagonal(gram, side);
  // The largest of `side` eigenvalues >= 0 lies between their mean and their sum.
  let [low, high] = [trace / side, trace];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (countAbove(reduced, middle) > 0) low = middle;
    else high = middle;
  }
  return { relative: countAbove(reduced, high * (longer * EPSILON) ** 2) / side, stable: trace / high };
}

/** Reduces a symmetric matrix [n, n] by Householder reflections; its eigenvalues stay what they are. */
function tridiagonal(a: Float64Array, n: number): Tridiagonal {
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
function countAbove({ diagonal, squares }: Tridiagonal, x: number): number {
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

function meanOf(ranks: readonly UpdateRank[] | null, side: Exclude<keyof UpdateRank, 'name'>): number {
  const known = (ranks ?? []).map((rank) => rank[side]).filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

export const updateRankF32: ThetaMetric = {
  id: 'update_rank/f32',
  title: 'Rank of the update, f32',
  help: 'Rank of the change of a weight matrix over its smaller side; mean over the matrices. Measured at the end of a stage.',
  chart: 'sparsity',
  unit: 'of full rank',
  of: 'theta',
  compute: ({ ranks }) => meanOf(ranks, 'f32'),
};

export const updateRankBf16: ThetaMetric = {
  id: 'update_rank/bf16',
  title: 'Rank of the update, bf16',
  help: 'The same for weights rounded to bf16, as published figures have it. Measured at the end of a stage.',
  chart: 'sparsity',
  unit: 'of full rank',
  of: 'theta',
  compute: ({ ranks }) => meanOf(ranks, 'bf16'),
};

export const updateStableRank: ThetaMetric = {
  id: 'update_stable_rank',
  title: 'Stable rank of the update',
  help: 'Squared Frobenius norm of the change of a weight matrix over its largest squared singular value; mean over the matrices. Measured at the end of a stage.',
  chart: 'sparsity',
  unit: 'stable rank',
  of: 'theta',
  compute: ({ ranks }) => meanOf(ranks, 'stable'),
};
