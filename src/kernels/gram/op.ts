import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { Slice } from '../../core/layout';
import { defineKernel } from '../kernel';
import { runKernel } from '../register';
import { type GramAttrs, type GramInput, gramReference, LOW, pairsOf } from './reference';
import { gramWebgpu } from './webgpu';

export const gramKernel = defineKernel<GramInput, 'products', GramAttrs>({
  name: 'LabGram',
  inputs: ['theta', 'start'],
  outputs: ['products'],
  outputShapes: (_inputs, { side }) => ({ products: { shape: [2 * pairsOf(side)], dtype: 'int32' } }),
  reference: gramReference,
  webgpu: gramWebgpu,
});

/**
 * The Gram matrix of θ - start for one weight matrix, in one dispatch and exact but for the rounding of the differences to about 23
 * bits of the largest. In f32 the squares would hide every singular value below 3e-4 of the largest, which is far above the
 * tolerance that a rank is counted with.
 * @param operands both vectors, [n]
 * @returns [side (side + 1)] int32: two words for each pair, which `gramMatrix` puts together
 */
export const gram = (operands: { readonly theta: Tensor1D; readonly start: Tensor1D }, attrs: GramAttrs): Tensor1D =>
  runKernel(gramKernel, operands, attrs).products as Tensor1D;

/**
 * A weight matrix [rows, columns] as the vectors of its smaller side.
 * @param max the largest difference of a weight, greater than 0 and finite
 */
export function gramAttrs({ offset, shape }: Slice, bf16: 0 | 1, max: number): GramAttrs {
  const [rows = 1, columns = 1] = shape;
  const [side, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const strides = rows <= columns ? { sideStride: columns, lengthStride: 1 } : { sideStride: 1, lengthStride: columns };
  return { offset, side, length, ...strides, scale: scaleOf(max, length), bf16 };
}

/** The greatest power of two with which differences up to `max` have 24 bits at most, and `length` products of them 53. */
function scaleOf(max: number, length: number): number {
  const bits = Math.min(24, Math.floor((53 - Math.ceil(Math.log2(length))) / 2));
  // 2^126 is the greatest that f32 can hold with room to spare; differences that small have no 24 bits.
  let exponent = Math.min(126, bits - Math.floor(Math.log2(max)));
  while (max * 2 ** exponent > 2 ** bits - 1) exponent -= 1;
  return 2 ** exponent;
}

/** The Gram matrix, [side, side] with rows end to end, from the words that the kernel gave. */
export function gramMatrix(words: ArrayLike<number>, { side, scale }: GramAttrs): Float64Array {
  const matrix = new Float64Array(side * side);
  for (let i = 0, at = 0; i < side; i++) {
    for (let j = 0; j <= i; j++, at += 2) {
      const product = ((words[at] as number) * LOW + (words[at + 1] as number)) / scale / scale;
      matrix[i * side + j] = product;
      matrix[j * side + i] = product;
    }
  }
  return matrix;
}
