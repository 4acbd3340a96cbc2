import { roundedToBf16 } from '../../metrics/movement';
import type { HostTensor, Values } from '../kernel';

export type GramInput = 'theta' | 'start';

/** A weight matrix inside θ, seen as `side` vectors of `length` numbers. */
export interface GramAttrs {
  /** First weight. */
  readonly offset: number;
  readonly side: number;
  readonly length: number;
  /** Weights from one vector to the next, and from one number of a vector to the next. */
  readonly sideStride: number;
  readonly lengthStride: number;
  /** What differences are multiplied with before they are rounded to whole numbers: a power of two. */
  readonly scale: number;
  /** 1 rounds the weights to bf16 first, 0 does not. */
  readonly bf16: 0 | 1;
}

/** Pairs of vectors, each with itself included. */
export const pairsOf = (side: number): number => (side * (side + 1)) / 2;

/** Values of the low word of a product. */
export const LOW = 2 ** 24;

/** To the nearest whole number, ties to even, as WGSL's round. */
function round(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/**
 * Products of the vectors of θ - start with one another, in whole numbers: pair (i, j <= i) is number i (i + 1) / 2 + j, and its
 * product is high 2^24 + low. The sum is exact while it stays below 2^53, which is the caller's part (`scaleOf`).
 */
export function gramReference(
  { theta, start }: Readonly<Record<GramInput, HostTensor>>,
  { offset, side, length, sideStride, lengthStride, scale, bf16 }: GramAttrs,
  { products }: Readonly<Record<'products', Values>>,
): void {
  const prepared = (values: Values): Float32Array => {
    const matrix = (values as Float32Array).subarray(offset, offset + side * length);
    return bf16 === 1 ? roundedToBf16(matrix) : matrix;
  };
  const [before, now] = [prepared(start.values), prepared(theta.values)];
  const vectors = Array.from({ length: side }, (_, i) =>
    Float64Array.from({ length }, (_, l) => {
      const at = i * sideStride + l * lengthStride;
      return round(Math.fround((now[at] as number) - (before[at] as number)) * scale);
    }),
  );
  let pair = 0;
  for (const [i, x] of vectors.entries()) {
    for (const y of vectors.slice(0, i + 1)) {
      let sum = 0;
      for (let l = 0; l < length; l++) sum += (x[l] as number) * (y[l] as number);
      const high = Math.floor(sum / LOW);
      products[2 * pair] = high;
      products[2 * pair + 1] = sum - high * LOW;
      pair += 1;
    }
  }
}
