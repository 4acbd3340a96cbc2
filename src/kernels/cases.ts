/** Shared inputs of the conformance suite. */
import { createRng } from '../core/rng';
import type { HostTensor } from './kernel';

/** Sizes around the edges of workgroups, tiles and vectors. */
export const ODD_SIZES = [1, 3, 17, 63, 64, 65, 257] as const;

/** Normal draws of a given scale, the same for the same name. */
export function normals(name: string, shape: readonly number[], scale = 1): HostTensor {
  const rng = createRng(7).fork(name);
  const values = Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => rng.normal() * scale);
  return { shape, dtype: 'float32', values };
}

/** Whole numbers as an int32 tensor. */
export const integers = (shape: readonly number[], values: readonly number[]): HostTensor => ({
  shape,
  dtype: 'int32',
  values: Int32Array.from(values),
});
