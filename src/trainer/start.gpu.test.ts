import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import { kl } from '../metrics/exact';
import { gpuDevice } from '../test/gpu';
import { counted } from '../test/webgpu';
import type { Device } from '../worker/device';
import { catalogue } from './catalogue';
import { prepare } from './lab';
import { exactProbabilities, startingTheta } from './start';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

it('fits a network to the reference in a hundred submissions of eleven dispatches', async () => {
  const spec = resolveSpec(
    {
      world: { id: 'bins', params: { bins: 10 } },
      policy: { id: 'mlp', params: { contextSize: 4, narrow: 8, wide: 16 } },
      stages: [{ objective: 'grpo', training: { source: 'samples', steps: 1 } }],
    },
    catalogue(),
  );
  const { policy, world } = prepare(spec, { dataset: () => undefined });
  const exact = world.enumerate?.();
  if (exact === undefined) throw new Error('bins can be enumerated');
  const before = tf.memory().numTensors;
  let theta = new Float32Array();
  const work = await counted(async () => {
    theta = new Float32Array(await startingTheta(policy, world, 3));
  });
  // Forward 4, loss 1, backward 4, AdamW 2; the last submission reads θ.
  expect(work).toEqual({ dispatches: 100 * 11, submits: 101 });
  expect(tf.memory().numTensors).toBe(before);
  const { prompt } = world.sample(createRng(3), 'test');
  const fitted = tf.tensor1d(theta); // [n]
  const started = tf.tensor1d(policy.init(createRng(3).fork('init'))); // [n]
  const [near, far] = [await exactProbabilities(policy, fitted, prompt, exact), await exactProbabilities(policy, started, prompt, exact)];
  tf.dispose([fitted, started]);
  expect(kl(near, exact.reference)).toBeLessThan(0.25 * kl(far, exact.reference));
  expect(device.failure()).toBeNull();
});
