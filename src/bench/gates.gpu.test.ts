/** The counts that the engine must keep: at these sizes the number of dispatches is the time. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import type { StageInput } from '../core/spec';
import { initialState } from '../optim/adamw';
import type { Policy } from '../policies/policy';
import { gpuDevice } from '../test/gpu';
import { type HostBatch, poolBatch, worldBatch } from '../trainer/batch';
import { catalogue } from '../trainer/catalogue';
import { drawnAlone } from '../trainer/draw';
import { type PreparedStage, prepare } from '../trainer/lab';
import { drawPool } from '../trainer/pool';
import { releaseSteps, trainStep } from '../trainer/step';
import type { BenchSession } from './engine';
import { labEngine } from './lab';
import { countWork, type Work } from './measure';
import { rolloutTask, trainTask } from './workloads';

beforeAll(async () => {
  await gpuDevice();
});

/** The work of a step after the first, and of reading its outcome. */
async function afterWarmUp(session: BenchSession): Promise<{ step: Work; reading: Work }> {
  await session.step();
  await session.settle();
  const { work: step } = await countWork(() => session.step());
  const { work: reading } = await countWork(() => session.settle());
  session.dispose();
  return { step, reading };
}

/** What some work makes on the device that has to be freed again. */
async function madeBy(work: () => Promise<void>): Promise<{ createBuffer: number; createBindGroup: number }> {
  const made = { createBuffer: 0, createBindGroup: 0 };
  const devices = GPUDevice.prototype;
  const { createBuffer, createBindGroup } = devices;
  devices.createBuffer = function (descriptor) {
    made.createBuffer += 1;
    return createBuffer.call(this, descriptor);
  };
  devices.createBindGroup = function (descriptor) {
    made.createBindGroup += 1;
    return createBindGroup.call(this, descriptor);
  };
  try {
    await work();
  } finally {
    Object.assign(devices, { createBuffer, createBindGroup });
  }
  return made;
}

describe.each([1, 2, 3])('with %i layers', (layers) => {
  const sizes = { layers, width: 16, heads: 2, vocabSize: 13 };

  it('a step of imitation takes at most 6 + 13 L dispatches and 3 submissions, and reads nothing', async () => {
    const session = await labEngine.open(trainTask('train-2x64', { ...sizes, length: 8, batch: 4 }));
    const { step, reading } = await afterWarmUp(session);
    expect(step.dispatches).toBeLessThanOrEqual(6 + 13 * layers);
    expect(step.submits + reading.submits).toBeLessThanOrEqual(3);
    expect(step.readBacks).toBe(0);
    expect(reading).toMatchObject({ dispatches: 0, readBacks: 1 });
  });

  it('steps after the first few make no buffer, and bind what they have bound before', async () => {
    const session = await labEngine.open(trainTask('train-2x64', { ...sizes, length: 8, batch: 4 }));
    const steps = 10;
    const walk = async (): Promise<void> => {
      for (let step = 0; step < steps; step++) await session.step();
      await session.settle();
    };
    await walk();
    const { createBuffer, createBindGroup } = await madeBy(walk);
    expect(createBuffer).toBe(0);
    // Of the dozens that a step binds; the pools give their buffers out in changing order for a while.
    expect(createBindGroup).toBeLessThan(2 * steps);
    session.dispose();
  });

  it('a rollout takes one submission and one read-back', async () => {
    const session = await labEngine.open(rolloutTask('rollout-2x64', { ...sizes, rows: 5, prompt: 3, newTokens: 4 }));
    const { step, reading } = await afterWarmUp(session);
    expect(step).toMatchObject({ submits: 1, readBacks: 1 });
    expect(reading).toMatchObject({ dispatches: 0, submits: 0, readBacks: 0 });
  });
});

/** Dispatches of one step on sums, objective included. Of a step on samples, those of the drawing are counted too, less the rollout's. */
async function dispatches(stage: StageInput): Promise<number> {
  const spec = resolveSpec(
    { world: { id: 'sums', params: { digits: 1 } }, policy: { id: 'gpt', params: { layers: 2, width: 16, heads: 2 } }, stages: [stage] },
    catalogue(),
  );
  const { policy, stages } = prepare(spec, { dataset: () => undefined });
  const prepared = stages[0] as PreparedStage;
  const theta = policy.init(createRng(1));
  let state = initialState(theta);
  const reference = tf.tensor1d(theta);
  let rollouts = 0;
  const watched: Policy = {
    ...policy,
    async sample(at, request) {
      const { work, value } = await countWork(() => policy.sample(at, request));
      rollouts += work.dispatches;
      return value;
    },
  };
  const nextBatch = async (step: number): Promise<HostBatch> => {
    const rng = createRng(2);
    if (stage.training?.source !== 'samples') return worldBatch(prepared, policy, state.theta, rng.fork(step));
    const drawn = await drawPool({
      policy: watched,
      stage: prepared,
      ...drawnAlone(state.theta, reference),
      rng,
      seed: 3,
      stageStep: step,
    });
    return poolBatch(prepared, drawn.pool, step, rng.fork('order'));
  };
  const step = async (i: number): Promise<void> => {
    const { next, packet } = trainStep(prepared, policy, state, reference, await nextBatch(i), i);
    tf.dispose([state.theta, state.m, state.v, ...packet]);
    state = next;
  };
  await step(0);
  rollouts = 0;
  const { work } = await countWork(() => step(1));
  tf.dispose([state.theta, state.m, state.v, reference]);
  releaseSteps(prepared);
  policy.release?.();
  return work.dispatches - rollouts;
}

describe('an objective', () => {
  const training = { prompts: 2, group: 4, batchSize: 2 };

  it('makes a step at most two and a half times as many dispatches as imitation alone', async () => {
    const sft = await dispatches({ objective: 'sft', training: { batchSize: 4 } });
    const dpo = await dispatches({ objective: 'dpo', training: { batchSize: 4 } });
    const grpo = await dispatches({ objective: 'grpo', training: { ...training, source: 'samples' } });
    expect(sft).toBeLessThanOrEqual(6 + 13 * 2);
    expect(dpo).toBeLessThanOrEqual(2.5 * sft);
    expect(grpo).toBeLessThanOrEqual(2.5 * sft);
  });
});
