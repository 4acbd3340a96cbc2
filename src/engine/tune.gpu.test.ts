import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { gpuDevice } from '../test/gpu';
import { counted } from '../test/webgpu';
import { schemesOf } from './shaders/scheme';
import { schemeOf, tune } from './tune';

it('measures a device once, and its trials give the same bits', async () => {
  await gpuDevice();
  // The process's own device has been measured already where a run came before this.
  const { features } = (tf.backend() as WebGPUBackend).device;
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  const device = await adapter.requestDevice({ requiredFeatures: [...features] as GPUFeatureName[] });
  const errors: string[] = [];
  device.onuncapturederror = ({ error }) => errors.push(error.message);
  const first = await counted(() => tune(device));
  expect(schemesOf(device)).toContain(schemeOf(device));
  // One run to compare bits in each scheme, and at least one to find out how long it takes: fewer would mean that the bits
  // differed or that a scheme did not compile.
  expect(first.submits).toBeGreaterThanOrEqual(2 * schemesOf(device).length);
  expect(await counted(() => tune(device))).toEqual({ dispatches: 0, submits: 0 });
  expect(errors).toEqual([]);
  device.destroy();
});
