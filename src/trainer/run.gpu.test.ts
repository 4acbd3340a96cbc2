import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoint, RunFailure } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput } from '../core/spec';
import { freeUnusedMemory } from '../kernels/memory';
import { gpuDevice } from '../test/gpu';
import type { Device } from '../worker/device';
import { catalogue } from './catalogue';
import { createRun, type TrainingRun } from './run';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const SPECS: Record<string, RunSpecInput> = {
  'bins, GRPO': {
    seed: 5,
    world: { id: 'bins', params: { bins: 30 } },
    policy: 'categorical',
    stages: [
      {
        objective: { id: 'grpo', params: { beta: 0.05 } },
        training: { source: 'samples', prompts: 2, group: 8, steps: 6, refreshEvery: 2, lr: 0.1 },
      },
    ],
    evaluation: { every: 3, prompts: 2, samples: 2 },
  },
  'sums, SFT, then GRPO': {
    seed: 5,
    world: { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: 2, width: 16, heads: 2 } },
    stages: [
      { objective: 'sft', training: { steps: 4, batchSize: 6 } },
      { objective: 'grpo', reward: 'exact-match', training: { prompts: 2, group: 4, steps: 3 } },
    ],
    evaluation: { every: 4, prompts: 3, samples: 2 },
  },
};

async function train(name: string, from: Checkpoint | null = null, until = Number.POSITIVE_INFINITY): Promise<Checkpoint> {
  const spec = resolveSpec(SPECS[name], catalogue());
  const run = createRun(spec, { context: { dataset: () => undefined }, from, deviceFailure: device.failure });
  for await (const event of run.events()) {
    if (event.type === 'step' && event.step === until) break;
  }
  await run.flush();
  const checkpoint = await run.checkpoint();
  run.dispose();
  return checkpoint;
}

describe.each(Object.keys(SPECS))('%s on the device', (name) => {
  it('gives the same bits twice, and again from a checkpoint', async () => {
    const straight = await train(name);
    expect(await train(name)).toEqual(straight);
    const half = await train(name, null, 3);
    expect(await train(name, structuredClone(half))).toEqual(straight);
    expect(device.failure()).toBeNull();
  });

  it('leaves neither tensors nor buffers behind, and gives the memory back', async () => {
    freeUnusedMemory();
    const [tensors, bytes] = [tf.memory().numTensors, device.memory().bytes];
    const spec = resolveSpec(SPECS[name], catalogue());
    const run = createRun(spec, { context: { dataset: () => undefined }, deviceFailure: device.failure });
    for await (const event of run.events()) if (event.type === 'step' && event.step === 2) break;
    expect(device.memory().bytes).toBeGreaterThan(bytes);
    await run.flush();
    run.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(device.memory().bytes).toBe(bytes);
  });
});

/** Long enough for a leak or a race to show; small enough for a software adapter. */
const LONG: Record<string, RunSpecInput> = {
  SFT: {
    seed: 7,
    world: { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
    stages: [{ objective: 'sft', training: { steps: 200, batchSize: 4 } }],
    evaluation: { every: 100, prompts: 2, samples: 1 },
  },
  'on-policy GRPO': {
    seed: 7,
    world: { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
    stages: [
      {
        objective: { id: 'grpo', params: { beta: 0.02 } },
        reward: 'exact-match',
        training: { prompts: 2, group: 3, steps: 200, refreshEvery: 1, microBatches: 2 },
      },
    ],
    evaluation: { every: 100, prompts: 2, samples: 1 },
  },
};

describe.each(Object.entries(LONG))('200 steps of %s', (_, input) => {
  const spec = resolveSpec(input, catalogue());
  const open = (from: Checkpoint | null = null) =>
    // A clock that stands still: packets are as large as they get, however fast the device is.
    createRun(spec, { context: { dataset: () => undefined }, from, deviceFailure: device.failure, now: () => 0 });

  /** Runs to the end and gives the checkpoint there; `watch` sees the run after every step. */
  async function train(from: Checkpoint | null, watch: (step: number, run: TrainingRun) => Promise<void> = async () => {}) {
    const run = open(from);
    for await (const event of run.events()) if (event.type === 'step') await watch(event.step, run);
    const checkpoint = await run.checkpoint();
    run.dispose();
    return checkpoint;
  }

  it('leave the same bits twice and from a checkpoint, and take no more memory as they go on', async () => {
    const held: object[] = [];
    const straight = await train(null, async (step, run) => {
      if (step % 20 !== 0) return;
      await run.flush();
      const { bufferManager } = tf.backend() as WebGPUBackend;
      held.push({
        tensors: tf.memory().numTensors,
        bytes: device.memory().bytes,
        used: bufferManager.getNumUsedBuffers(),
        free: bufferManager.getNumFreeBuffers(),
      });
    });
    // The second half begins with an evaluation, and holds another.
    const [warm, ...rest] = held.slice(4, 9);
    expect(rest).toEqual(rest.map(() => warm));
    let half: Checkpoint | null = null;
    const again = await train(null, async (step, run) => {
      if (step === 77) half = await run.checkpoint();
    });
    expect(again).toEqual(straight);
    expect(await train(structuredClone(half))).toEqual(straight);
    expect(device.failure()).toBeNull();
  });
});

it('ends with the sentence of the device once the device has failed', async () => {
  const spec = resolveSpec(SPECS['bins, GRPO'], catalogue());
  let failure: RunFailure | null = null;
  const run = createRun(spec, { context: { dataset: () => undefined }, deviceFailure: () => failure });
  const seen: number[] = [];
  const end = await (async () => {
    for await (const event of run.events()) {
      if (event.type !== 'step') continue;
      seen.push(event.step);
      if (event.step === 2) failure = new RunFailure('device-lost', 'The graphics device was lost: test.');
    }
  })().catch((error: unknown) => error);
  expect(end).toBe(failure);
  expect(seen.length).toBeLessThan(6);
  run.dispose();
});
