import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DataKind } from '../core/catalogue';
import { defaultsOf, type Params } from '../core/params';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import type { RunSpecInput } from '../core/spec';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { type PlainBatch, randomBatch, totalsOf, unitsOf } from '../objectives/testing';
import { initialState } from '../optim/adamw';
import type { Policy } from '../policies/policy';
import { gpuDevice } from '../test/gpu';
import { counted, onProcessor } from '../test/webgpu';
import type { Device } from '../worker/device';
import { type HostBatch, poolBatch, worldBatch } from './batch';
import { catalogue } from './catalogue';
import { drawnAlone } from './draw';
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
    const { pool } = await drawPool({ policy, stage, ...drawnAlone(theta, reference), rng: createRng(3), seed: 1, stageStep: step });
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
const openPolicy = (policy: Policy, parts: number): Policy => ({
  ...policy,
  score(theta, { tokens }) {
    const [logp, entropy, head] = tf.split(theta, parts).map((part) => tf.reshape<tf.Rank.R2>(part, tokens.shape)) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D?,
    ]; // [R, T] each
    return head === undefined ? { logp, entropy } : { logp, entropy, head };
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

/** A stage of any objective; what its policy and world are plays no part in its loss. */
function stageOf(id: string, params: Params): { policy: Policy; stage: PreparedStage } {
  const { policy, stage } = prepared('sft', {});
  return { policy, stage: { ...stage, objective: REGISTRY[id] as Objective, spec: { ...stage.spec, objective: { id, params } } } };
}

/** What each kind is told of an item. */
const TOLD: Readonly<Partial<Record<DataKind, 'margins' | 'labels' | 'wins' | 'same'>>> = {
  preferences: 'margins',
  unpaired: 'labels',
  duels: 'wins',
  augmented: 'same',
};

/** A random batch of ragged rows as the trainer hands it on. */
function hostBatchOf(plain: PlainBatch, withHead: boolean, withDraws: boolean): HostBatch {
  const flat = (matrix: readonly (readonly number[])[] | null): Float32Array => Float32Array.from((matrix ?? []).flat());
  const [rows, length] = [plain.mask.length, plain.mask[0]?.length ?? 0];
  const told = TOLD[plain.kind];
  const values = {
    ...(withHead ? { returns: flat(plain.returns), oldValues: flat(plain.oldValues) } : {}),
    ...(withDraws ? { draws: flat(plain.draws) } : {}),
  };
  return {
    kind: plain.kind,
    rows: { rows, length, tokens: new Int32Array(rows * length), mask: flat(plain.mask) },
    items: unitsOf(plain).length,
    group: plain.group,
    totals: totalsOf(plain),
    perToken: plain.kind === 'rollouts' ? { oldLogp: flat(plain.oldLogp), advantages: flat(plain.advantages), ...values } : {},
    perRow: plain.kind === 'rollouts' ? { rewards: Float32Array.from(plain.rewards) } : {},
    perItem: told === undefined ? {} : { [told]: Float32Array.from(plain[told]) },
  };
}

async function lossOf(stage: PreparedStage, policy: Policy) {
  const { objective, spec } = stage;
  const plain = randomBatch(objective.data, createRng(8).fork(objective.data));
  const withHead = objective.needsHead?.(spec.objective.params as never) ?? false;
  // The head speaks one place before the value that it is.
  const head = (plain.values as number[][]).map((row) => [...row.slice(1), 0.5]);
  const pieces = (logp: PlainBatch['refLogp']) => [logp as number[][], plain.entropy, ...(withHead ? [head] : [])].flat(2);
  const [grad, ...scalars] = tf.tidy(() => {
    const carried = objective.carries === undefined ? null : tf.tensor1d([...objective.carries]); // [S]
    const [theta, reference] = [tf.tensor1d(pieces(plain.logp as number[][])), tf.tensor1d(pieces(plain.refLogp))];
    const open = openPolicy(policy, withHead ? 3 : 2);
    const result = lossAndGradient(stage, open, theta, reference, hostBatchOf(plain, withHead, objective.draws === true), carried);
    return [result.grad, ...result.scalars];
  }) as [tf.Tensor1D, ...tf.Tensor[]];
  const values = (await Promise.all(scalars.map(async (x) => Array.from(await x.data())))).flat();
  const result = { numbers: stepNumbers(stage, Float32Array.from(values)), grad: Float32Array.from(await grad.data()) };
  tf.dispose([grad, ...scalars]);
  return result;
}

describe('the loss of every objective in one dispatch', () => {
  it.each(losses)('$name', async ({ id, params }) => {
    const { policy, stage } = stageOf(id, params);
    const before = tf.memory().numTensors;
    const actual = await lossOf(stage, policy);
    // Pieces of θ, their gradients put together, the loss; and as much again for a reference.
    const work = await counted(async () => expect(await lossOf(stage, policy)).toEqual(actual));
    expect(work.dispatches).toBeLessThanOrEqual(
      (stage.objective.needsReference(params as never) ? 6 : 4) + (stage.objective.needsHead?.(params as never) ? 3 : 0),
    );
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
