import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { ObjectiveEntry, WorldEntry } from '../core/catalogue';
import { type RunSpecInput, resolveSpec } from '../core/spec';
import { openDevice } from '../worker/device';
import { catalogue } from './catalogue';
import { createRun } from './run';

const available = catalogue();

beforeAll(async () => {
  const require = createRequire(import.meta.url);
  // The wasm loader is CommonJS.
  Object.assign(globalThis, { require });
  const wasmPaths = require.resolve('@tensorflow/tfjs-backend-wasm').replace(/[^/\\]*$/, '');
  const device = await openDevice({ prefer: 'wasm', strict: true, wasmPaths });
  expect(device.info.backend).toBe('wasm');
});

/** Small enough for a second. */
const POLICIES: Record<string, RunSpecInput['policy']> = {
  categorical: 'categorical',
  mlp: { id: 'mlp', params: { contextSize: 4, narrow: 5, wide: 6 } },
  gpt: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
};

const fits = (world: WorldEntry, { data, samplesOnly }: ObjectiveEntry): boolean =>
  data !== 'augmented' || (world.provides.includes(data) && !samplesOnly);

const combinations = available.worlds
  .filter(({ id }) => id !== 'file')
  .flatMap((world) =>
    world.policies.flatMap((policy) =>
      available.objectives
        .filter((objective) => fits(world, objective))
        .map((objective) => ({ world: world.id, policy, objective: objective.id })),
    ),
  );

it.each(combinations)('$world, $policy, $objective trains on wasm and leaves no tensor behind', async ({ world, policy, objective }) => {
  const spec = resolveSpec(
    {
      world,
      policy: POLICIES[policy] ?? policy,
      stages: [{ objective, training: { batchSize: 2, prompts: 2, group: 3, steps: 2, lr: 0.01 } }],
      evaluation: { every: 2, prompts: 2, samples: 2 },
    },
    available,
  );
  const before = tf.memory().numTensors;
  const run = createRun(spec, { context: { dataset: () => undefined } });
  const steps: number[] = [];
  for await (const event of run.events()) if (event.type === 'step') steps.push(event.step);
  run.dispose();
  expect(steps).toEqual([1, 2]);
  expect(tf.memory().numTensors).toBe(before);
});
