/** θ as 16-bit floats: what a model computes with where it is asked to, while θ itself keeps 32 bits. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Tensor } from '@tensorflow/tfjs-core';
import { RunFailure } from '../core/events';
import { bufferOf, holdUntilSubmit } from '../kernels/webgpu-backend';
import { buildPlan, LANES, type Plan, planCache, runPlan, type Shader, step } from './plan';
import { MAIN, threads } from './shaders/common';
import { allocate } from './tensors';

const FIELDS = ['words'] as const;

/** Rounds pairs of numbers to 16 bits each, to the nearest as `pack2x16float` does. Binding 1 is the copy and no arena. */
export const HALVE: Shader<(typeof FIELDS)[number]> = {
  name: 'halve',
  fields: FIELDS,
  extras: [],
  code: /* wgsl */ `
@group(0) @binding(0) var<storage, read> theta: array<f32>;
@group(0) @binding(1) var<storage, read_write> halves: array<u32>;
@group(0) @binding(2) var<uniform> u: Fields;
${threads}
${MAIN} {
  let i = threadOf(group, lane);
  if (i >= u.words) { return; }
  let last = arrayLength(&theta) - 1u;
  // pack2x16float of what does not fit is undefined; the largest half is not, and such a run has diverged anyway.
  halves[i] = pack2x16float(clamp(vec2f(theta[min(2u * i, last)], theta[min(2u * i + 1u, last)]), vec2f(-65504.0), vec2f(65504.0)));
}`,
};

const plans = planCache<Plan>(({ uniforms }) => uniforms.destroy());

/** Refuses a device without 16-bit floats, before it is asked to compile what it cannot. @throws RunFailure */
export function requireHalves(device: GPUDevice): void {
  if (device.features.has('shader-f16')) return;
  throw new RunFailure(
    'bad-spec',
    'This graphics adapter cannot read 16-bit weights (it lacks shader-f16). Set the policy’s weights to 32 bits.',
  );
}

/**
 * What a model with these weights binds as θ: θ itself, or its 16-bit copy, one dispatch.
 * @param theta [n]
 */
export function weightsOf(backend: WebGPUBackend, theta: Tensor, half: boolean): Tensor {
  if (!half) return theta;
  const { device } = backend;
  // Whole vec4s of halves, so that the last one can be read.
  const words = Math.ceil(theta.size / 4) * 2;
  const halves = allocate(backend, [words]);
  const plan = plans(device, `${words}`, () => buildPlan(device, [step(HALVE, Math.ceil(words / LANES), { words })]));
  holdUntilSubmit(backend, [theta, halves]);
  runPlan(backend, plan, bufferOf(backend, theta), bufferOf(backend, halves), []);
  return halves;
}
