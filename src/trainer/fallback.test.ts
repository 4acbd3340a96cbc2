import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { DataKind } from '../core/catalogue';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput } from '../core/spec';
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

/** The cheapest world that has what a kind of example is made of. */
const worldFor = (data: DataKind): string => (data === 'augmented' ? 'facts' : data === 'contrasts' ? 'principles' : 'bins');

/** Every objective once, and in every world each of its policies with an objective on samples and, where it has any, on its examples. */
const combinations = [
  ...available.objectives.map(({ id, data }) => {
    const world = worldFor(data);
    return { world, policy: available.worlds.find((entry) => entry.id === world)?.policies[0] as string, objective: id };
  }),
  ...available.worlds
    .filter(({ id }) => id !== 'file')
    .flatMap((world) =>
      world.policies.flatMap((policy) =>
        ['grpo', ...(world.provides.includes('demonstrations') ? ['sft'] : [])].map((objective) => ({
          world: world.id,
          policy,
          objective,
        })),
      ),
    ),
];

it.each(combinations)('$world, $policy, $objective trains on wasm and leaves no tensor behind', async ({ world, policy, objective }) => {
  const training = { batchSize: 2, prompts: 2, group: 4, steps: 2, lr: 0.01 };
  // A teacher has to have been one.
  const teacher = ['distillation', 'iw-opd'].includes(objective) ? [{ objective: 'grpo', training }] : [];
  const spec = resolveSpec(
    {
      world,
      policy: POLICIES[policy] ?? policy,
      stages: [...teacher, { objective, training }],
      evaluation: { every: 2, prompts: 2, samples: 2 },
    },
    available,
  );
  const before = tf.memory().numTensors;
  const run = createRun(spec, { context: { dataset: () => undefined } });
  const steps: number[] = [];
  for await (const event of run.events()) if (event.type === 'step') steps.push(event.step);
  run.dispose();
  expect(steps).toEqual(teacher.length === 0 ? [1, 2] : [1, 2, 3, 4]);
  expect(tf.memory().numTensors).toBe(before);
});
