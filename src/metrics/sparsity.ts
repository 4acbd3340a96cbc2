/**
 * How much of θ training has touched. "Updated" follows Mukherjee et al. (arXiv 2505.11711): bf16 weights that differ by more than
 * 1e-5. As f32 every weight that differs at all counts, which AdamW makes of nearly every weight in one step: the two stand side by
 * side because the precision alone can make the difference (arXiv 2511.08567).
 */
import type { SliceMovement, ThetaMetric } from '../core/metric';
import { PUBLISHED, toleranceCurve } from './movement';

/** What is shown of every slice: the two fractions below, the Euclidean distance and the largest difference. */
export const updatedBySlice = (slices: readonly SliceMovement[]) => ({
  names: slices.map(({ name }) => name),
  f32: slices.map(({ f32, size }) => (f32[0] as number) / size),
  bf16: slices.map(({ bf16, size }) => (bf16[PUBLISHED] as number) / size),
  l2: slices.map(({ l2 }) => l2),
  max: slices.map(({ max }) => max),
});

export const updatedFractionF32: ThetaMetric = {
  id: 'updated_fraction/f32',
  title: 'Updated, f32',
  help: 'Fraction of the parameters that differ at all from the start of the run.',
  chart: 'sparsity',
  of: 'theta',
  compute: ({ slices }) => toleranceCurve(slices, 'f32')[0] as number,
};

export const updatedFractionBf16: ThetaMetric = {
  id: 'updated_fraction/bf16',
  title: 'Updated, bf16 (> 1e-5)',
  help: 'Fraction of the parameters that differ from the start of the run by more than 1e-5 when both are rounded to bf16.',
  chart: 'sparsity',
  of: 'theta',
  compute: ({ slices }) => toleranceCurve(slices, 'bf16')[PUBLISHED] as number,
};

export const l2Movement: ThetaMetric = {
  id: 'l2_movement',
  title: 'L2 movement',
  help: 'Euclidean distance of the parameters from the start of the run.',
  chart: 'gradient',
  unit: 'distance',
  of: 'theta',
  compute: ({ slices }) => Math.hypot(...slices.map(({ l2 }) => l2)),
};
