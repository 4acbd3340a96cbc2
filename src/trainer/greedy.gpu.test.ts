import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { Checkpoint } from '../core/events';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import type { RunSpecInput } from '../core/spec';
import { gpuDevice } from '../test/gpu';
import { onProcessor } from '../test/webgpu';
import type { Device } from '../worker/device';
import { catalogue } from './catalogue';
import { drawnAlone } from './draw';
import { type PreparedStage, prepare } from './lab';
import { drawPool } from './pool';
import { createRun } from './run';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const PLACES: Readonly<Record<string, Pick<RunSpecInput, 'world' | 'policy'>>> = {
  mlp: { world: { id: 'bins', params: { bins: 20 } }, policy: { id: 'mlp', params: { contextSize: 8, narrow: 8, wide: 16 } } },
  gpt: { world: { id: 'sums', params: { digits: 1 } }, policy: { id: 'gpt', params: { layers: 1, width: 16, heads: 2 } } },
};
const TRAINING = { source: 'samples', prompts: 4, group: 2, batchSize: 4, lr: 0.01 };
const context = { dataset: () => undefined };

const specOf = (place: string, objective: string, training = {}) =>
  resolveSpec(
    {
      seed: 6,
      ...PLACES[place],
      stages: [{ objective, training: { ...TRAINING, ...training } }],
      evaluation: { every: 100, prompts: 1, samples: 1 },
    } as RunSpecInput,
    catalogue(),
  );

async function train(spec: ReturnType<typeof specOf>, from: Checkpoint | null = null, until = Number.POSITIVE_INFINITY) {
  const run = createRun(spec, { context, from, deviceFailure: device.failure });
  for await (const event of run.events()) if (event.type === 'step' && event.step === until) break;
  await run.flush();
  const checkpoint = await run.checkpoint();
  run.dispose();
  return structuredClone(checkpoint);
}

it.each(Object.keys(PLACES))('%s has the baseline that the processor has', async (place) => {
  const drawn = async () => {
    const { policy, stages } = prepare(specOf(place, 'remax'), context);
    const theta = tf.tensor1d(policy.init(createRng(3)));
    const stage = stages[0] as PreparedStage;
    const { metrics, pool } = await drawPool({ policy, stage, ...drawnAlone(theta, theta), rng: createRng(5), seed: 5, stageStep: 0 });
    theta.dispose();
    policy.release?.();
    return { baseline: metrics.reward_baseline as number, rows: pool.rows };
  };
  const actual = await drawn();
  const expected = await onProcessor(drawn);
  expect(actual).toEqual({ ...expected, baseline: expect.closeTo(expected.baseline, 6) });
});

it.each([
  ['mlp', 'remax'],
  ['gpt', 'remax'],
  ['gpt', 'clip-cov'],
] as const)('%s, %s: the same bits straight and from a checkpoint', async (place, objective) => {
  const spec = specOf(place, objective, { refreshEvery: 3, steps: 4 });
  const straight = await train(spec);
  const half = await train(spec, null, 2);
  expect(await train(spec, half)).toEqual(straight);
  expect(device.failure()).toBeNull();
});
