import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { bufferOf } from '../kernels/webgpu-backend';
import { gpuDevice } from '../test/gpu';
import { buildPlan, compileShaders, MAX_GROUPS, planCache, runPlan, type Shader, step } from './plan';
import { common, MAIN } from './shaders/common';
import { allocate } from './tensors';

let backend: WebGPUBackend;
beforeAll(async () => {
  await gpuDevice();
  backend = tf.backend() as WebGPUBackend;
});

/** Writes its number into the vec4 of every workgroup. */
const count = (name: string): Shader<'groups' | 'plus'> => ({
  name,
  fields: ['groups', 'plus'],
  extras: [],
  code: `${common()}${MAIN} {
  let here = groupOf(group);
  if (lane == 0u && here < u.groups) { arena[here] += vec4f(f32(here + u.plus)); }
}`,
});

it('counts workgroups on into a second dimension, and runs dispatches in order', async () => {
  const groups = MAX_GROUPS + 1_000;
  const shader = count('count');
  const plan = buildPlan(backend.device, [step(shader, groups, { groups, plus: 0 }), step(shader, groups, { groups, plus: 1 })]);
  expect(plan.steps.map(({ grid }) => grid)).toEqual([
    [MAX_GROUPS, 2],
    [MAX_GROUPS, 2],
  ]);
  const values = await tf
    .tidy(() => {
      const arena = tf.add(tf.zeros([groups * 4]), 0);
      runPlan(backend, plan, bufferOf(backend, allocate(backend, [4])), bufferOf(backend, arena), []);
      return arena;
    })
    .data();
  plan.uniforms.destroy();
  for (const here of [0, 1, MAX_GROUPS - 1, MAX_GROUPS, groups - 1]) expect(values[4 * here]).toBe(2 * here + 1);
});

it('compiles every shader once, and says how many are ready', async () => {
  const shaders = ['count-a', 'count-b', 'count-c'].map(count);
  const reports: [number, number][] = [];
  await compileShaders(backend.device, shaders, (...report) => reports.push(report));
  expect(reports).toEqual([
    [0, 3],
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  reports.length = 0;
  await compileShaders(backend.device, shaders, (...report) => reports.push(report));
  expect(reports).toEqual([[0, 0]]);
});

it('says which shader does not compile', async () => {
  const broken = { ...count('broken'), code: 'fn main( {' };
  // The module's own error would end the device that other tests share.
  backend.device.pushErrorScope('validation');
  await expect(compileShaders(backend.device, [broken])).rejects.toThrow(/broken/);
  await backend.device.popErrorScope();
});

it('keeps plans by shape, and frees them when asked', () => {
  const freed: string[] = [];
  const plans = planCache<string>((plan) => freed.push(plan));
  const make = (name: string) => plans(backend.device, name, () => name);
  expect([make('a'), make('b'), make('a')]).toEqual(['a', 'b', 'a']);
  plans.release();
  expect(freed).toEqual(['a', 'b']);
});
