/**
 * How much of θ training has touched. "Updated" follows Mukherjee et al. (arXiv 2505.11711): bf16 weights that differ by more than
 * 1e-5. As f32 every weight that differs at all counts, which AdamW makes of nearly every weight in one step: the two stand side by
 * side because the precision alone can make the difference (arXiv 2511.08567).
 */
import { type Layout, sliceSize } from '../core/layout';
import type { ThetaMetric } from '../core/metric';

/** Largest difference of two bf16 weights that counts as none. */
export const TOLERANCE = 1e-5;

/** Rounds f32 values to bf16, to nearest with ties to even, in place. NaN and infinities stay what they are. */
export function roundToBf16(values: Float32Array): Float32Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    const notNumber = (word & 0x7fffffff) > 0x7f800000;
    words[i] = notNumber ? word : (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
  return values;
}

/** Fraction of weights whose f32 value is not what it was. NaN for no weights; both arrays have one length. */
export function updatedAsF32(start: Float32Array, now: Float32Array): number {
  let changed = 0;
  for (let i = 0; i < start.length; i++) if (start[i] !== now[i]) changed += 1;
  return changed / start.length;
}

/** Fraction of weights that differ by more than `tolerance` once both are rounded to bf16. */
export function updatedAsBf16(start: Float32Array, now: Float32Array, tolerance = TOLERANCE): number {
  const before = roundToBf16(start.slice());
  const after = roundToBf16(now.slice());
  let changed = 0;
  // Written so that a weight that has become NaN counts as changed.
  for (let i = 0; i < before.length; i++) if (!(Math.abs((after[i] as number) - (before[i] as number)) <= tolerance)) changed += 1;
  return changed / before.length;
}

/** Updated fractions of each slice of θ. */
export interface SliceFractions {
  readonly names: readonly string[];
  readonly f32: readonly number[];
  readonly bf16: readonly number[];
}

/** The two fractions slice by slice, in the layout's order. Both arrays have `layout.size` floats. */
export function updatedBySlice(layout: Layout, start: Float32Array, now: Float32Array): SliceFractions {
  const parts = layout.slices.map((slice) => {
    const end = slice.offset + sliceSize(slice);
    return [start.subarray(slice.offset, end), now.subarray(slice.offset, end)] as const;
  });
  return {
    names: layout.slices.map((slice) => slice.name),
    f32: parts.map(([before, after]) => updatedAsF32(before, after)),
    bf16: parts.map(([before, after]) => updatedAsBf16(before, after)),
  };
}

/** Euclidean distance between two parameter vectors of one length. */
export function distance(start: Float32Array, now: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < start.length; i++) sum += ((now[i] as number) - (start[i] as number)) ** 2;
  return Math.sqrt(sum);
}

export const updatedFractionF32: ThetaMetric = {
  id: 'updated_fraction/f32',
  title: 'Updated, f32',
  help: 'Fraction of the parameters that differ at all from the start of the run.',
  chart: 'sparsity',
  of: 'theta',
  compute: ({ start, now }) => updatedAsF32(start, now),
};

export const updatedFractionBf16: ThetaMetric = {
  id: 'updated_fraction/bf16',
  title: 'Updated, bf16 (> 1e-5)',
  help: 'Fraction of the parameters that differ from the start of the run by more than 1e-5 when both are rounded to bf16.',
  chart: 'sparsity',
  of: 'theta',
  compute: ({ start, now }) => updatedAsBf16(start, now),
};

export const l2Movement: ThetaMetric = {
  id: 'l2_movement',
  title: 'L2 movement',
  help: 'Euclidean distance of the parameters from the start of the run.',
  chart: 'gradient',
  unit: 'distance',
  of: 'theta',
  compute: ({ start, now }) => distance(start, now),
};
