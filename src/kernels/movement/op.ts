import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { defineKernel } from '../kernel';
import { runKernel } from '../register';
import { COLUMNS, type MovementInput, movementReference } from './reference';
import { movementWebgpu } from './webgpu';

export const movementKernel = defineKernel<MovementInput, 'table', object>({
  name: 'LabMovement',
  inputs: ['theta', 'start', 'chunks'],
  outputs: ['table'],
  outputShapes: ({ chunks }) => ({ table: { shape: [chunks.shape[0] ?? 0, COLUMNS], dtype: 'float32' } }),
  reference: movementReference,
  webgpu: movementWebgpu,
});

/**
 * How far θ is from the θ of the start, chunk by chunk, in one dispatch; `reference.ts` names the columns.
 * @param operands both vectors [n]; the chunks' first weights and lengths [chunks, 2] int32, at most 2,048 weights in each
 * @returns [chunks, 22]; counts are whole numbers
 */
export const movement = (operands: { readonly theta: Tensor1D; readonly start: Tensor1D; readonly chunks: Tensor2D }): Tensor2D =>
  runKernel(movementKernel, operands, {}).table as Tensor2D;
