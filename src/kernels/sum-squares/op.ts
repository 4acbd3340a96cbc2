import type { Tensor1D } from '@tensorflow/tfjs-core';
import { defineKernel } from '../kernel';
import { runKernel } from '../register';
import { PARTIALS, sumSquaresReference } from './reference';
import { sumSquaresWebgpu } from './webgpu';

export const sumSquaresKernel = defineKernel<'x', 'partials', object>({
  name: 'LabSumSquares',
  inputs: ['x'],
  outputs: ['partials'],
  outputShapes: () => ({ partials: { shape: [PARTIALS], dtype: 'float32' } }),
  reference: sumSquaresReference,
  webgpu: sumSquaresWebgpu,
});

/**
 * The squared L2 norm of a vector as partial sums, in one dispatch.
 * @param x [n]
 * @returns [64]; their sum is the squared norm.
 */
export const sumSquares = (x: Tensor1D): Tensor1D => runKernel(sumSquaresKernel, { x }, {}).partials as Tensor1D;
