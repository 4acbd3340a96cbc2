/** One optimisation step: loss and gradient over the micro-batches, then AdamW, in one submission. Nothing is read back. */
import * as tf from '@tensorflow/tfjs-core';
import { type FusedLoss, fuse } from '../engine/fuse/fuse';
import type { Loss } from '../engine/fuse/trace';
import { submitRecorded, toDevice } from '../kernels/memory';
import type { BatchByKind } from '../objectives/objective';
import { normOf, type OptimState, optimise } from '../optim/adamw';
import { runsFused } from '../policies/fused';
import type { Policy } from '../policies/policy';
import { toRows } from '../policies/rows';
import { type HostBatch, microBatches } from './batch';
import type { PreparedStage } from './lab';

/** What a step leaves on the device. */
export interface StepResult {
  readonly next: OptimState;
  /** Tensors whose numbers, one after another, `stepNumbers` can read. The caller disposes. */
  readonly packet: readonly tf.Tensor[];
}

/** The names of the numbers in a packet, with their values: loss, grad_norm and the objective's diagnostics. */
export function stepNumbers(stage: PreparedStage, values: Float32Array): Record<string, number> {
  const names = ['loss', ...Object.keys(stage.objective.diagnostics)];
  const numbers = Object.fromEntries(names.map((name, i) => [name, values[i] as number]));
  return { ...numbers, grad_norm: normOf(values.subarray(names.length)) };
}

/** Takes a step from `state`, which the caller still owns. */
export function trainStep(
  stage: PreparedStage,
  policy: Policy,
  state: OptimState,
  reference: tf.Tensor1D,
  batch: HostBatch,
  stageStep: number,
): StepResult {
  const { training } = stage.spec;
  const [theta, m, v, ...packet] = tf.tidy(() => {
    const [first, ...rest] = microBatches(batch, training.microBatches).map((part) =>
      lossAndGradient(stage, policy, state.theta, reference, part),
    );
    if (first === undefined) throw new Error('a batch without items');
    const { grad, scalars } = rest.reduce(
      (sum, part) => ({
        grad: tf.add<tf.Tensor1D>(sum.grad, part.grad), // [n]
        scalars: sum.scalars.map((scalar, i) => tf.add(scalar, part.scalars[i] as tf.Tensor)), // as they were
      }),
      first,
    );
    const { next, gradSquares } = optimise(state, grad, training, stageStep);
    return [next.theta, next.m, next.v, ...scalars, gradSquares];
  }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, ...tf.Tensor[]];
  // The device begins while the next batch is made.
  submitRecorded();
  return { next: { theta, m, v }, packet };
}

/**
 * The loss of one micro-batch with its gradient.
 * @param theta [n]
 * @returns the gradient [n], and tensors with the loss followed by the diagnostics, in all [1 + diagnostics]; tensors of
 *   the caller's tidy scope
 */
export function lossAndGradient(
  stage: PreparedStage,
  policy: Policy,
  theta: tf.Tensor1D,
  reference: tf.Tensor1D,
  batch: HostBatch,
): { grad: tf.Tensor1D; scalars: readonly tf.Tensor[] } {
  const { objective, spec } = stage;
  const rows = toRows(batch.rows);
  const given: Record<string, tf.Tensor> = { mask: rows.mask, ...batchTensors(batch) };
  if (objective.needsReference(spec.objective.params)) given.refLogp = policy.score(reference, rows).logp; // [R, T]
  const { tokens, chosenTokens } = batch.totals;
  const counts = { tokens: Math.max(tokens, 1), chosenTokens: Math.max(chosenTokens, 1) };
  const fused = fusedLoss(stage, batch, given);
  const others: tf.Scalar[] = [];
  const { value, grads } = tf.engine().gradients<tf.Tensor>(
    () => {
      const tensors = { ...given, ...policy.score(theta, rows) };
      if (fused !== null) return fused.run(tensors, counts); // [1 + diagnostics]
      const result = lossOf(stage, batch)({ ...tensors, tokens: tf.scalar(counts.tokens), chosenTokens: tf.scalar(counts.chosenTokens) });
      others.push(...result.others.map((scalar) => tf.keep(scalar)));
      return result.loss; // []
    },
    [theta],
    tf.scalar(1),
  );
  return { grad: grads[0] as tf.Tensor1D, scalars: [value, ...others.map(untilTidied)] };
}

/** A kept tensor as one of the current tidy scope. */
function untilTidied<T extends tf.Tensor>(kept: T): T {
  const copy = tf.clone(kept);
  kept.dispose();
  return copy;
}

/** The objective of a stage as a function of tensors alone. */
function lossOf({ objective, spec }: PreparedStage, { totals: { rows }, group }: HostBatch): Loss {
  return ({ logp, entropy, mask, refLogp = null, tokens, chosenTokens, ...rest }) => {
    const { loss, diagnostics } = objective.loss({
      logp: logp as tf.Tensor2D, // [R, T]
      entropy: entropy as tf.Tensor2D, // [R, T]
      mask: mask as tf.Tensor2D, // [R, T]
      refLogp: refLogp as tf.Tensor2D | null, // [R, T]
      batch: { ...rest, group } as BatchByKind[HostBatch['kind']],
      totals: { rows, tokens: tokens as tf.Scalar, chosenTokens: chosenTokens as tf.Scalar },
      params: spec.objective.params,
    });
    return { loss, others: Object.keys(objective.diagnostics).map((name) => diagnostics[name] as tf.Scalar) };
  };
}

/** Losses as one dispatch, by stage and by the shape of the batch; null for those that cannot be. */
const fusedLosses = new WeakMap<PreparedStage, Map<string, FusedLoss | null>>();

function fusedLoss(stage: PreparedStage, batch: HostBatch, given: Readonly<Record<string, tf.Tensor>>): FusedLoss | null {
  if (!runsFused()) return null;
  const size = [batch.rows.rows, batch.rows.length];
  const shapes = Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, shape]));
  const losses = fusedLosses.get(stage) ?? new Map<string, FusedLoss | null>();
  fusedLosses.set(stage, losses);
  const key = JSON.stringify([batch.totals.rows, batch.group, shapes]);
  const found = losses.get(key);
  if (found !== undefined) return found;
  const made = fuse(lossOf(stage, batch), {
    shapes: { ...shapes, logp: size, entropy: size },
    counts: ['tokens', 'chosenTokens'],
    wrt: ['logp', 'entropy'],
  });
  losses.set(key, made);
  return made;
}

/** Frees what the steps of a stage keep on the device. */
export function releaseSteps(stage: PreparedStage): void {
  for (const loss of fusedLosses.get(stage)?.values() ?? []) loss?.release();
  fusedLosses.delete(stage);
}

/** What an objective is told about the rows, but for the size of a group. */
function batchTensors(batch: HostBatch): Record<string, tf.Tensor> {
  const shape: [number, number] = [batch.rows.rows, batch.rows.length];
  switch (batch.kind) {
    case 'rollouts': {
      const { oldLogp, advantages, rewards } = present(batch.rollout);
      return {
        oldLogp: toDevice(oldLogp, shape), // [R, T]
        advantages: toDevice(advantages, shape), // [R, T]
        rewards: tf.tensor1d(rewards), // [R]
      };
    }
    case 'augmented':
      return { same: toDevice(present(batch.same), [batch.items]) }; // [N]
    case 'demonstrations':
    case 'preferences':
      return {};
    default:
      return batch.kind satisfies never;
  }
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('the batch lacks what its kind promises');
  return value;
}
