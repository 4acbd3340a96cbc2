import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DataKind } from '../../core/catalogue';
import { defaultsOf, type Params } from '../../core/params';
import { createRng } from '../../core/rng';
import { OBJECTIVES } from '../../objectives';
import type { BatchByKind, Objective } from '../../objectives/objective';
import { BLOCKS, type PlainBatch, totalsOf } from '../../objectives/plain';
import { randomBatch } from '../../objectives/testing';
import { gpuDevice } from '../../test/gpu';
import { onProcessor } from '../../test/webgpu';
import { headOutput } from '../../trainer/samples';
import type { Device } from '../../worker/device';
import { type FusedLoss, fuse } from './fuse';
import type { Loss } from './trace';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;

/** Objectives whose loss does not become one shader, each with the reason. They run as the ops that they are. */
const IN_OPS: readonly string[] = [];

interface Case {
  readonly objective: Objective;
  readonly params: Params;
  readonly batch: PlainBatch;
  /** By name, as the trainer hands them over */
  readonly tensors: Readonly<Record<string, { readonly values: Float32Array; readonly shape: readonly number[] }>>;
  readonly wrt: readonly string[];
}

/** Everything that a loss is given, at the default settings but for some, out of a random batch with ragged masks. */
function caseOf(objective: Objective, settings: Params = {}): Case {
  const params: Params = { ...defaultsOf(objective.params), ...settings };
  const batch = randomBatch(objective.data, createRng(8).fork(objective.data));
  const [rows, length] = [batch.mask.length, batch.mask[0]?.length ?? 0];
  const headed = objective.needsHead?.(params as never) === true;
  const matrix = (values: readonly (readonly number[])[]) => ({ values: Float32Array.from(values.flat()), shape: [rows, length] });
  const list = (values: readonly number[]) => ({ values: Float32Array.from(values), shape: [values.length] });
  const rng = createRng(2);
  const byKind: Readonly<Record<DataKind, Case['tensors']>> = {
    demonstrations: {},
    preferences: { margins: list(batch.margins) },
    unpaired: { labels: list(batch.labels) },
    duels: { wins: list(batch.wins) },
    contrasts: {},
    augmented: { same: list(batch.same) },
    rollouts: {
      oldLogp: matrix(batch.oldLogp),
      advantages: matrix(batch.advantages),
      rewards: list(batch.rewards),
      ...(headed ? { returns: matrix(batch.returns ?? []), oldValues: matrix(batch.oldValues ?? []) } : {}),
      ...(objective.draws === true ? { draws: matrix(batch.draws ?? []) } : {}),
    },
  };
  return {
    objective,
    params,
    batch,
    wrt: headed ? ['logp', 'entropy', 'head'] : ['logp', 'entropy'],
    tensors: {
      logp: matrix(batch.logp),
      entropy: matrix(batch.entropy),
      mask: matrix(batch.mask),
      ...(headed ? { head: { values: Float32Array.from({ length: rows * length }, () => rng.normal()), shape: [rows, length] } } : {}),
      ...(objective.needsReference(params as never) ? { refLogp: matrix(batch.refLogp ?? []) } : {}),
      ...(objective.carries === undefined ? {} : { carried: list(objective.carries) }),
      ...byKind[objective.data],
    },
  };
}

/** The loss as the trainer gives it to the engine. */
const lossOf =
  ({ objective, params, batch }: Case, rows: number): Loss =>
  ({ logp, entropy, head, mask, refLogp = null, carried = null, tokens, chosenTokens, ...rest }) => {
    const {
      loss,
      diagnostics,
      carry = [],
    } = objective.loss({
      logp: logp as tf.Tensor2D,
      entropy: entropy as tf.Tensor2D,
      head: head === undefined ? null : headOutput(head as tf.Tensor2D, mask as tf.Tensor2D),
      mask: mask as tf.Tensor2D,
      refLogp: refLogp as tf.Tensor2D | null,
      carried: carried as tf.Tensor1D | null,
      batch: { ...rest, group: batch.group } as BatchByKind[DataKind],
      totals: { rows, tokens: tokens as tf.Scalar, chosenTokens: chosenTokens as tf.Scalar },
      params: params as never,
    });
    return { loss, others: [...Object.keys(objective.diagnostics).map((name) => diagnostics[name] as tf.Scalar), ...carry] };
  };

const COUNTS = ['tokens', 'chosenTokens'];

function fused(made: Case): FusedLoss | null {
  const shapes = Object.fromEntries(Object.entries(made.tensors).map(([name, { shape }]) => [name, shape]));
  return fuse(lossOf(made, made.batch.mask.length), { shapes, counts: COUNTS, wrt: made.wrt });
}

/** Loss, diagnostics and carried sums, then the gradients, on the current backend. */
async function numbersOf(made: Case, loss: FusedLoss | null): Promise<number[]> {
  const { tokens, chosenTokens } = totalsOf(made.batch);
  const counts = { tokens, chosenTokens };
  const results = tf.tidy(() => {
    const given = Object.fromEntries(
      Object.entries(made.tensors).map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]),
    );
    const xs = made.wrt.map((name) => given[name] as tf.Tensor);
    const kept: tf.Tensor[] = [];
    const { value, grads } = tf.engine().gradients<tf.Tensor>(
      () => {
        if (loss !== null) return loss.run(given, counts);
        const ops = lossOf(made, made.batch.mask.length)({ ...given, tokens: tf.scalar(tokens), chosenTokens: tf.scalar(chosenTokens) });
        kept.push(...ops.others.map((other) => tf.keep(other)));
        return ops.loss;
      },
      xs,
      tf.scalar(1),
      true,
    );
    return [value, ...kept, ...grads.map((grad, i) => grad ?? tf.zerosLike(xs[i] as tf.Tensor))];
  });
  const numbers = await Promise.all(results.map(async (tensor) => Array.from(await tensor.data())));
  tf.dispose(results);
  return numbers.flat();
}

const entries = Object.entries(REGISTRY);

describe('every objective as one shader', () => {
  it('is what all are but these', () => {
    const inOps = entries.filter(([, objective]) => {
      const loss = fused(caseOf(objective));
      loss?.release();
      return loss === null;
    });
    expect(inOps.map(([id]) => id)).toEqual(IN_OPS);
  });

  async function expectSame(made: Case): Promise<void> {
    const loss = fused(made) as FusedLoss;
    const actual = await numbersOf(made, loss);
    loss.release();
    const expected = await onProcessor(() => numbersOf(made, null));
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      const right = expected[i] as number;
      if (Number.isNaN(right)) expect(value, `number ${i}`).toBeNaN();
      else expect(Math.abs(value - right) / Math.max(1, Math.abs(right)), `number ${i}: ${value}, not ${right}`).toBeLessThan(1e-5);
    });
    expect(device.failure()).toBeNull();
  }

  it.each(entries.filter(([id]) => !IN_OPS.includes(id)))(
    '%s: loss, diagnostics and gradients are those of the ops',
    async (_, objective) => {
      await expectSame(caseOf(objective));
    },
  );

  // At their defaults they choose one token of so small a batch, or none.
  it.each([
    ['clip-cov', { clip_cov_ratio: 0.3, clip_cov_lb: -5 }],
    ['kl-cov', { kl_cov_ratio: 0.3 }],
  ] as const)('%s: the same where many tokens are chosen', async (id, settings) => {
    await expectSame(caseOf(REGISTRY[id] as Objective, settings));
  });

  it.each(entries.filter(([id]) => !IN_OPS.includes(id)))('%s: a batch of 64 rows of 64 fits too', (_, objective) => {
    const made = caseOf(objective);
    const [rows, items] = [made.batch.mask.length, made.batch.mask.length / BLOCKS[objective.data]];
    // A multiple of whatever lies together.
    const times = Math.ceil(64 / rows);
    const shapes = Object.fromEntries(
      Object.entries(made.tensors).map(([name, { shape }]) => {
        if (name === 'carried') return [name, shape];
        return [name, shape.length === 2 ? [rows * times, 64] : [(shape[0] === items ? items : rows) * times]];
      }),
    );
    const loss = fuse(lossOf(made, rows * times), { shapes, counts: COUNTS, wrt: made.wrt });
    expect(loss).not.toBeNull();
    loss?.release();
  });
});
