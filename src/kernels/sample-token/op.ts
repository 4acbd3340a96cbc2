import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { defineKernel } from '../kernel';
import { runKernel } from '../register';
import { type SampleTokenAttrs, type SampleTokenInput, sampleTokenReference } from './reference';
import { sampleTokenWebgpu } from './webgpu';

export const sampleTokenKernel = defineKernel<SampleTokenInput, 'token', SampleTokenAttrs>({
  name: 'LabSampleToken',
  inputs: ['logits', 'forced'],
  outputs: ['token'],
  outputShapes: ({ logits }) => ({ token: { shape: [logits.shape[0] ?? 0], dtype: 'int32' } }),
  reference: sampleTokenReference,
  webgpu: sampleTokenWebgpu,
});

/**
 * Draws one token per row from softmax(logits / temperature). The draw is a pure function of the logits and of
 * (seed, step, row, position); `tf.multinomial` is not used because on WebGPU its first sample is always outcome 0.
 * @param logits [R, V]
 * @param forced [R] int32: the token to pass through, or -1 to draw
 * @returns [R] int32
 */
export const sampleToken = (logits: Tensor2D, forced: Tensor1D, attrs: SampleTokenAttrs): Tensor1D =>
  runKernel(sampleTokenKernel, { logits, forced }, attrs).token as Tensor1D;
