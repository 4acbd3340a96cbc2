import { layoutOf } from '../../core/layout';
import { compare } from '../../metrics/movement';
import { normals, ODD_SIZES } from '../cases';
import type { KernelCase } from '../kernel';
import { gramAttrs } from './op';
import type { GramAttrs, GramInput } from './reference';

/** The update of a matrix that does not begin on a multiple of four, among other weights. */
function withMatrix(rows: number, columns: number, scale: number, bf16: 0 | 1, before = 0.1): KernelCase<GramInput, GramAttrs> {
  const { size, slices } = layoutOf([
    ['before', [5]],
    ['matrix', [rows, columns]],
    ['after', [3]],
  ]);
  const start = normals('start', [size], before);
  const steps = normals('steps', [size], scale);
  const theta = { ...start, values: Float32Array.from(start.values, (x, i) => x + (steps.values[i] as number)) };
  const { max, maxBf16 } = compare(start.values as Float32Array, theta.values);
  return {
    title: `${rows} x ${columns}, weights of ${before}, updates of ${scale}${bf16 === 1 ? ', bf16' : ''}`,
    inputs: { theta, start },
    attrs: gramAttrs(slices[1] as (typeof slices)[number], bf16, bf16 === 1 ? maxBf16 : max),
    tolerance: 0,
  };
}

export const gramCases: KernelCase<GramInput, GramAttrs>[] = [
  ...ODD_SIZES.map((n) => withMatrix(n, 17, 0.01, 0)),
  ...ODD_SIZES.map((n) => withMatrix(17, n, 0.01, 1)),
  withMatrix(64, 64, 1e-4, 0),
  withMatrix(64, 64, 1e-4, 1),
  withMatrix(3, 1025, 10, 0),
  // Differences of 24 bits: nothing is left to round where they are kept whole, and halves are common where they are not.
  withMatrix(21, 17, 1, 0, 0),
  withMatrix(21, 84, 1, 0, 0),
];
