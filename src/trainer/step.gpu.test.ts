import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultsOf, type Params } from '../core/params';
import { createRng } from '../core/rng';
import { type RunSpecInput, resolveSpec } from '../core/spec';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { initialState } from '../optim/adamw';
import type { Policy } from '../policies/policy';
import { gpuDevice } from '../test/gpu';
import { counted, onProcessor } from '../test/webgpu';
import type { Device } from '../worker/device';
import { type HostBatch, poolBatch, worldBatch } from './batch';
import { catalogue } from './catalogue';
import { type PreparedStage, prepare } from './lab';
import { drawPool, orderStream } from './pool';
import { lossAndGradient, releaseSteps, stepNumbers, trainStep } from './step';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const LAYERS = 2;
const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;

function prepared(objective: string, params: Params, training: object = {}) {
  const input: RunSpecInput = {
    world: objective === 'rlag' ? 'facts' : { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: LAYERS, width: 8, heads: 2 } },
    stages: [{ objective: { id: objective, params }, training: { steps: 4, prompts: 2, group: 3, batchSize: 2, ...training } }],
  };
  const { policy, stages } = prepare(resolveSpec(input, catalogue()), { dataset: () => undefined });
  return { policy, stage: stages[0] as PreparedStage };
}

describe('the commands of a step', () => {
  /** Commands of the third step, and of scoring a batch and differentiating it alone. */
  async function commands(objective: string, params: Params = {}) {
    const { policy, stage } = prepared(objective, params);
    const theta = policy.init(createRng(1));
    const reference = tf.tensor1d(theta); // [n]
    let state = initialState(theta);
    let work = { dispatches: 0, submits: 0 };
    for (let step = 0; step < 3; step++) {
      const batch = await batchFor(stage, policy, state.theta, reference, step);
      await state.theta.data();
      work = await counted(() => {
        const { next, packet } = trainStep(stage, policy, state, reference, batch, step);
        tf.dispose([state.theta, state.m, state.v, ...packet]);
        state = next;
      });
    }
    tf.dispose([state.theta, state.m, state.v, reference]);
    releaseSteps(stage);
    expect(device.failure()).toBeNull();
    return work;
  }

  async function batchFor(stage: PreparedStage, policy: Policy, theta: tf.Tensor1D, reference: tf.Tensor1D, step: number) {
    if (stage.spec.training.source === 'world') return worldBatch(stage, policy, theta, createRng(3).fork(step));
    const { pool } = await drawPool({ policy, stage, theta, reference, rng: createRng(3), seed: 1, stageStep: step });
    return poolBatch(stage, pool, step, orderStream(1, 0, step));
  }

  it('are few and one submission, whatever the objective', async () => {
    const sft = await commands('sft');
    // The bar of the fused engine for the step that imitates.
    expect(sft.dispatches).toBeLessThanOrEqual(6 + 13 * LAYERS);
    for (const [objective, params, forwards] of [
      ['sft', {}, 0],
      ['best-of-n', {}, 0],
      ['reinforce', {}, 0],
      ['grpo', {}, 0],
      ['rlag', {}, 0],
      ['grpo', { beta: 0.1 }, 1],
      ['dpo', {}, 1],
    ] as const) {
      const work = await commands(objective, params);
      expect(work.submits, objective).toBe(1);
      // The loss is one dispatch whatever it is; only a reference adds its forward pass.
      if (forwards === 0) expect(work.dispatches, objective).toBe(sft.dispatches);
      expect(work.dispatches, objective).toBeLessThanOrEqual(1.5 * sft.dispatches);
    }
  });
});

/** A policy whose θ is the log-probabilities and entropies of a batch of R rows of T tokens themselves, [2 R T]. */
const openPolicy = (policy: Policy): Policy => ({
  ...policy,
  score(theta, { tokens }) {
    const [logp, entropy] = tf.split(theta, 2) as [tf.Tensor1D, tf.Tensor1D];
    return { logp: tf.reshape(logp, tokens.shape), entropy: tf.reshape(entropy, tokens.shape) }; // [R, T] both
  },
});

/** The defaults, then every other value of every choice, each also with the reference where beta would leave it out. */
function settingsOf(objective: Objective): Params[] {
  const defaults: Params = defaultsOf(objective.params);
  const choices = Object.entries(objective.params).flatMap(([key, spec]) =>
    spec.kind === 'choice' ? spec.options.map(({ value }) => ({ ...defaults, [key]: value })) : [],
  );
  const settings = [defaults, ...choices.filter((params) => JSON.stringify(params) !== JSON.stringify(defaults))];
  return settings.flatMap((params) => (params.beta === 0 ? [params, { ...params, beta: 0.3 }] : [params]));
}

const losses = Object.entries(REGISTRY).flatMap(([id, objective]) =>
  settingsOf(objective).map((params) => ({ id, params, name: `${id} ${JSON.stringify(params)}` })),
);

/** Six items of ragged rows, with log-ratios up to about one. */
function randomBatch({ objective }: PreparedStage): { batch: HostBatch; theta: Float32Array; reference: Float32Array } {
  const rng = createRng(8);
  const [items, blocks, group, length] = [6, { demonstrations: 1, preferences: 2, rollouts: 1, augmented: 3 }[objective.data], 3, 7];
  const isRollout = objective.data === 'rollouts';
  const rows = items * blocks * (isRollout ? group : 1);
  const size = rows * length;
  const mask = Float32Array.from({ length: size }, (_, i) => (i % length > 1 && i % length < 3 + (((i / length) | 0) % 5) ? 1 : 0));
  const draw = (one: (i: number) => number): Float32Array => Float32Array.from({ length: size }, (_, i) => (mask[i] as number) * one(i));
  const logp = draw(() => -0.05 - 2 * rng.uniform());
  const near = (): Float32Array => draw((i) => Math.min((logp[i] as number) + 0.4 * rng.normal(), -0.01));
  const entropy = draw(() => 2 * rng.uniform());
  const tokens = mask.reduce((sum, m) => sum + m, 0);
  const rollout = {
    oldLogp: near(),
    advantages: draw(() => rng.normal()),
    rewards: Float32Array.from({ length: rows }, () => rng.uniform()),
  };
  return {
    theta: Float32Array.from([...logp, ...entropy]),
    reference: Float32Array.from([...near(), ...entropy]),
    batch: {
      kind: objective.data,
      rows: { rows, length, tokens: new Int32Array(size), mask },
      items,
      group: isRollout ? group : 1,
      totals: { rows, tokens, chosenTokens: Math.round(tokens / blocks) },
      rollout: isRollout ? rollout : null,
      same: objective.data === 'augmented' ? Float32Array.from({ length: items }, (_, i) => i % 2) : null,
    },
  };
}

async function lossOf(stage: PreparedStage, policy: Policy) {
  const { batch, theta, reference } = randomBatch(stage);
  const [grad, ...scalars] = tf.tidy(() => {
    const result = lossAndGradient(stage, openPolicy(policy), tf.tensor1d(theta), tf.tensor1d(reference), batch);
    return [result.grad, ...result.scalars];
  }) as [tf.Tensor1D, ...tf.Tensor[]];
  const values = (await Promise.all(scalars.map(async (x) => Array.from(await x.data())))).flat();
  const result = { numbers: stepNumbers(stage, Float32Array.from(values)), grad: Float32Array.from(await grad.data()) };
  tf.dispose([grad, ...scalars]);
  return result;
}

describe('the loss of every objective in one dispatch', () => {
  it.each(losses)('$name', async ({ id, params }) => {
    const { policy, stage } = prepared(id, params);
    const before = tf.memory().numTensors;
    const actual = await lossOf(stage, policy);
    // Two pieces of θ, their gradients put together, the loss; and as much again for a reference.
    const work = await counted(async () => expect(await lossOf(stage, policy)).toEqual(actual));
    expect(work.dispatches).toBeLessThanOrEqual(stage.objective.needsReference(params as never) ? 6 : 4);
    releaseSteps(stage);
    expect(tf.memory().numTensors).toBe(before);
    const expected = await onProcessor(() => lossOf(stage, policy));
    for (const [name, right] of Object.entries(expected.numbers)) {
      const value = actual.numbers[name] as number;
      if (Number.isNaN(right)) expect(value, name).toBeNaN();
      else expect(Math.abs(value - right), `${name}: ${value}, not ${right}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(right)));
    }
    const scale = expected.grad.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    actual.grad.forEach((x, i) => {
      expect(Math.abs(x - (expected.grad[i] as number)) / scale, `gradient ${i}`).toBeLessThan(1e-5);
    });
    expect(device.failure()).toBeNull();
  });
});
