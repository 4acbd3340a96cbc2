import { createRequire } from 'node:module';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ObjectiveEntry, WorldEntry } from '../core/catalogue';
import type { Checkpoint, RunEvent } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpec, RunSpecInput } from '../core/spec';
import type { Dataset } from '../core/world';
import { gpuDevice } from '../test/gpu';
import type { Device } from '../worker/device';
import { catalogue } from './catalogue';
import { createRun } from './run';

const available = catalogue();

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
  // The wasm loader is CommonJS and asks for this once.
  const require = createRequire(import.meta.url);
  Object.assign(globalThis, { require });
  setWasmPaths(require.resolve('@tensorflow/tfjs-backend-wasm').replace(/[^/\\]*$/, ''));
  await onWasm(async () => expect(tf.getBackend()).toBe('wasm'));
  Reflect.deleteProperty(globalThis, 'require');
});

/** Work on the wasm backend, where every policy is composed of stock ops. */
async function onWasm<T>(work: () => Promise<T>): Promise<T> {
  await tf.setBackend('wasm');
  try {
    return await work();
  } finally {
    await tf.setBackend('webgpu');
  }
}

/** Steps that are compared, after a first one that both runs have in common. */
const STEPS = 200;

/** What a world that reads a file gets. */
const FILE: Dataset = {
  id: 'pairs',
  name: 'pairs.jsonl',
  kind: 'preference',
  rows: Array.from({ length: 40 }, (_, i) => ({ prompt: `${i}+1=`, chosen: `${i + 1}`, rejected: `${i}` })),
};
const context = { dataset: (id: string) => (id === FILE.id ? FILE : undefined) };

/** Small enough for two hundred steps in a second or two; a policy that is not named here comes as it is. */
const POLICIES: Record<string, RunSpecInput['policy']> = {
  mlp: { id: 'mlp', params: { contextSize: 8, narrow: 8, wide: 16 } },
  gpt: { id: 'gpt', params: { layers: 1, width: 12, heads: 3 } },
};

/**
 * The learning rate is a moderate one. At 0.01 two backends of stock ops, or two runs whose first θ differ by one part in
 * ten million, are a tenth apart after a hundred and fifty steps: there the distance says nothing of the engine.
 */
const TRAINING = { batchSize: 2, prompts: 8, group: 6, steps: STEPS + 2, lr: 0.003 };

/** One objective of each kind: what it does to logp, entropy and head is all that the engine sees of it. */
const COMPARED = ['sft', 'dpo', 'kto', 'grpo', 'reinforce', 'ppo', 'rlag'];

/** Those that learn from what a world has; where it has nothing, from samples drawn once, before the first step. */
function objectivesOf({ provides }: WorldEntry): ObjectiveEntry[] {
  const compared = available.objectives.filter(({ id }) => COMPARED.includes(id));
  const own = compared.filter(({ data }) => provides.includes(data));
  return own.length > 0 ? own : compared.filter(({ data }) => data !== 'augmented');
}

/** The last step and the evaluation with it are never reached, and the samples of a run are drawn once. */
function specOf(world: WorldEntry, policy: string, objective: ObjectiveEntry): RunSpec {
  const files = Object.entries(world.params).filter(([, { kind }]) => kind === 'text');
  return resolveSpec(
    {
      seed: 3,
      world: { id: world.id, params: Object.fromEntries(files.map(([key]) => [key, FILE.id])) },
      policy: POLICIES[policy] ?? policy,
      stages: [{ objective: objective.id, training: { ...TRAINING, refreshEvery: 0 } }],
      evaluation: { every: 10_000, prompts: 1, samples: 1 },
    },
    available,
  );
}

const COMBINATIONS = available.worlds.flatMap((world) =>
  world.policies.flatMap((policy) =>
    objectivesOf(world).map((objective) => ({ world: world.id, policy, objective: objective.id, spec: specOf(world, policy, objective) })),
  ),
);

/** What a run leaves: its checkpoints after the first step and at the end, and the losses of the steps between. */
interface Trajectory {
  readonly first: Checkpoint;
  readonly last: Checkpoint;
  readonly losses: number[];
}

async function train(spec: RunSpec, from: Checkpoint | null): Promise<Trajectory> {
  const run = createRun(spec, { context, from, deviceFailure: device.failure });
  const byStep = new Map<number, number>();
  const note = (event: RunEvent | null): void => {
    if (event?.type !== 'metrics') return;
    event.columns.loss?.forEach((loss, i) => {
      byStep.set(event.steps[i] as number, loss);
    });
  };
  let first = from;
  for await (const event of run.events()) {
    note(event);
    if (event.type !== 'step') continue;
    if (event.step === 1) first = await run.checkpoint();
    if (event.step === STEPS + 1) break;
  }
  note(await run.flush());
  const last = await run.checkpoint();
  run.dispose();
  if (first === null) throw new Error('the run took no step');
  return { first, last, losses: Array.from({ length: STEPS }, (_, i) => byStep.get(i + 2) ?? Number.NaN) };
}

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

describe('two hundred steps on the device and on stock ops', () => {
  it.each(COMBINATIONS)('are the same to one per cent of the loss: $world, $policy, $objective', async ({ spec }) => {
    const fused = await train(spec, null);
    // From the same θ, moments and samples, so that no rounding in a starting θ or a draw is taken for one of a step.
    const stock = await onWasm(() => train(spec, structuredClone(fused.first)));
    // Every single step, against the mean level of the loss: a loss of samples changes its sign on the way.
    const level = stock.losses.reduce((sum, loss) => sum + Math.abs(loss), 0) / STEPS;
    stock.losses.forEach((loss, i) => {
      expect(Math.abs((fused.losses[i] as number) - loss), `step ${i + 2} of level ${level}`).toBeLessThan(0.01 * level);
    });
    const moved = stock.last.theta.map((value, i) => value - (stock.first.theta[i] as number));
    expect(norm(moved)).toBeGreaterThan(0.02 * norm(stock.first.theta));
    expect(device.failure()).toBeNull();
  });
});
