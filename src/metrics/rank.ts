/**
 * The rank of an update. Relative rank follows the code of Mukherjee et al. (arXiv 2505.11711): torch.linalg.matrix_rank of the
 * difference as f32, over the smaller side, mean over the weight matrices. So a singular value counts when it is greater than
 * max(rows, columns) 2^-23 times the largest. The stable rank, ||Δ||_F² / σ₁² (Rudelson and Vershynin, arXiv math/0503442), does not
 * hang on a threshold.
 */
import type { ThetaMetric, UpdateRank } from '../core/metric';
import { countAbove, HALVINGS, tridiagonal } from './eigenvalues';

/** Machine epsilon of f32, as torch.finfo gives it. */
const EPSILON = 2 ** -23;

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
