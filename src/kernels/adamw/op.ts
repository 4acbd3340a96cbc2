import type { Tensor1D } from '@tensorflow/tfjs-core';
import { defineKernel } from '../kernel';
import { runKernel } from '../register';
import { type AdamwAttrs, type AdamwInput, type AdamwOutput, adamwReference } from './reference';
import { adamwWebgpu } from './webgpu';

export const adamwKernel = defineKernel<AdamwInput, AdamwOutput, AdamwAttrs>({
  name: 'LabAdamw',
  inputs: ['theta', 'grad', 'm', 'v', 'gradSquares'],
  outputs: ['thetaNext', 'mNext', 'vNext'],
  outputShapes: ({ theta }) => {
    const like = { shape: theta.shape, dtype: 'float32' } as const;
    return { thetaNext: like, mNext: like, vNext: like };
  },
  reference: adamwReference,
  webgpu: adamwWebgpu,
});

/**
 * One AdamW step over all of θ in one dispatch, the global-norm clipping included.
 * @param operands θ, its gradient and both moments, each [n]; the gradient's partial sums of squares [64]
 * @returns the next θ and moments, each [n]; the given ones stay as they are
 */
export const adamw = (operands: Readonly<Record<AdamwInput, Tensor1D>>, attrs: AdamwAttrs): Record<AdamwOutput, Tensor1D> =>
  runKernel(adamwKernel, operands, attrs) as Record<AdamwOutput, Tensor1D>;
