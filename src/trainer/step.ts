/** One optimisation step: loss and gradient over the micro-batches, then AdamW, in one submission. Nothing is read back. */
import * as tf from '@tensorflow/tfjs-core';
import { type FusedLoss, fuse } from '../engine/fuse/fuse';
import type { Loss } from '../engine/fuse/trace';
import { submitRecorded, toDevice } from '../kernels/memory';
import type { BatchByKind, LossOutput } from '../objectives/objective';
import { normOf, type OptimState, optimise } from '../optim/adamw';
import { runsFused } from '../policies/fused';
import type { Policy, Rows } from '../policies/policy';
import { toRows } from '../policies/rows';
import { type HostBatch, microBatches } from './batch';
import type { PreparedStage } from './lab';
import { headOutput } from './samples';

/** What a step leaves on the device. */
export interface StepResult {
  readonly next: OptimState;
  /** [S] the sums that the objective carries, after this step; null where it carries none. */
  readonly carried: tf.Tensor1D | null;
  /** Tensors whose numbers, one after another, `stepNumbers` can read. The caller disposes. */
  readonly packet: readonly tf.Tensor[];
}

/** The names of the numbers in a packet, with their values: loss, grad_norm and the objective's diagnostics. */
export function stepNumbers(stage: PreparedStage, values: Float32Array): Record<string, number> {
  const names = ['loss', ...Object.keys(stage.objective.diagnostics)];
  const numbers = Object.fromEntries(names.map((name, i) => [name, values[i] as number]));
  return { ...numbers, grad_norm: normOf(values.subarray(names.length + carriedBy(stage).length)) };
}

/** What the sums that a stage's objective carries begin with, [S]. */
export const carriedBy = ({ objective }: PreparedStage): readonly number[] => objective.carries ?? [];

/**
 * Takes a step from `state`, which the caller still owns.
 * @param carried [S] the sums that the objective carries, which stay the caller's; null where it carries none
 */
export function trainStep(
  stage: PreparedStage,
  policy: Policy,
  state: OptimState,
  reference: tf.Tensor1D,
  batch: HostBatch,
  stageStep: number,
  carried: tf.Tensor1D | null = null,
): StepResult {
  const { training } = stage.spec;
  const parts = stage.objective.wholeBatch === true ? 1 : training.microBatches;
  const [theta, m, v, ...packet] = tf.tidy(() => {
    const [first, ...rest] = microBatches(batch, parts).map((part) =>
      lossAndGradient(stage, policy, state.theta, reference, part, carried),
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
  const next = carried === null ? null : tf.tidy(() => carriedOn(stage, carried, packet));
  // The device begins while the next batch is made.
  submitRecorded();
  return { next: { theta, m, v }, carried: next, packet };
}

/** The sums with what the step has added to them, which stands behind the loss and the diagnostics in its packet. */
function carriedOn(stage: PreparedStage, carried: tf.Tensor1D, packet: readonly tf.Tensor[]): tf.Tensor1D {
  const numbers = tf.concat1d(packet.map((tensor) => tf.reshape<tf.Rank.R1>(tensor, [-1]))); // [1 + D + S + ...]
  const first = 1 + Object.keys(stage.objective.diagnostics).length;
  return tf.add(carried, tf.slice1d(numbers, first, carried.size)); // [S]
}

/**
 * The loss of one micro-batch with its gradient.
 * @param theta [n]
 * @param carried [S], or null where the objective carries nothing
 * @returns the gradient [n], and tensors with the loss followed by the diagnostics and what is to be carried, in all
 *   [1 + diagnostics + S]; tensors of the caller's tidy scope
 */
export function lossAndGradient(
  stage: PreparedStage,
  policy: Policy,
  theta: tf.Tensor1D,
  reference: tf.Tensor1D,
  batch: HostBatch,
  carried: tf.Tensor1D | null = null,
): { grad: tf.Tensor1D; scalars: readonly tf.Tensor[] } {
  const rows = toRows(batch.rows);
  const given = givenTensors(stage, policy, reference, batch, rows, carried);
  const counts = countsOf(batch);
  const fused = fusedLoss(stage, batch, given);
  const others: tf.Scalar[] = [];
  const { value, grads } = tf.engine().gradients<tf.Tensor>(
    () => {
      const tensors = { ...given, ...scored(stage, policy, theta, rows) };
      if (fused !== null) return fused.run(tensors, counts); // [1 + diagnostics]
      const result = lossOf(stage, batch)({ ...tensors, ...onDevice(counts) });
      others.push(...result.others.map((scalar) => tf.keep(scalar)));
      return result.loss; // []
    },
    [theta],
    tf.scalar(1),
  );
  return { grad: grads[0] as tf.Tensor1D, scalars: [value, ...others.map(untilTidied)] };
}

/**
 * The gradient of each part of the loss of one micro-batch, [n] each, by the part's name; of none where the loss has but one. In
 * tfjs's ops: for a look now and then, not for a step.
 */
export function termGradients(
  stage: PreparedStage,
  policy: Policy,
  theta: tf.Tensor1D,
  reference: tf.Tensor1D,
  batch: HostBatch,
  carried: tf.Tensor1D | null,
): Record<string, tf.Tensor1D> {
  const rows = toRows(batch.rows);
  const given = { ...givenTensors(stage, policy, reference, batch, rows, carried), ...onDevice(countsOf(batch)) };
  const termsFrom = (read: Record<string, tf.Tensor>) => outputOf(stage, batch)({ ...given, ...read }).terms ?? {};
  const names = Object.keys(termsFrom(scored(stage, policy, theta, rows)));
  if (names.length < 2) return {};
  return Object.fromEntries(
    names.map((name) => {
      const { grads } = tf.engine().gradients<tf.Tensor>(
        () => {
          const read = scored(stage, policy, theta, rows);
          // tfjs refuses a part that depends on no parameter; 0 times the log-probabilities leaves every gradient as it is.
          return tf.add(termsFrom(read)[name] as tf.Scalar, tf.mul(0, tf.sum(read.logp as tf.Tensor))); // []
        },
        [theta],
        tf.scalar(1),
      );
      return [name, grads[0] as tf.Tensor1D];
    }),
  );
}

/** Everything that a loss is told of a micro-batch but the counts and what the policy says of it. */
function givenTensors(
  { objective, spec }: PreparedStage,
  policy: Policy,
  reference: tf.Tensor1D,
  batch: HostBatch,
  rows: Rows,
  carried: tf.Tensor1D | null,
): Record<string, tf.Tensor> {
  const given: Record<string, tf.Tensor> = { mask: rows.mask, ...batchTensors(batch) };
  if (objective.needsReference(spec.objective.params)) given.refLogp = policy.score(reference, rows).logp; // [R, T]
  if (carried !== null) given.carried = carried; // [S]
  return given;
}

type Counts = Record<'tokens' | 'chosenTokens', number>;

const countsOf = ({ totals: { tokens, chosenTokens } }: HostBatch): Counts => ({
  tokens: Math.max(tokens, 1),
  chosenTokens: Math.max(chosenTokens, 1),
});

const onDevice = ({ tokens, chosenTokens }: Counts): Record<keyof Counts, tf.Scalar> => ({
  tokens: tf.scalar(tokens),
  chosenTokens: tf.scalar(chosenTokens),
});

/** What an objective reads of the policy: the head only where it asks for one. */
function scored({ objective, spec }: PreparedStage, policy: Policy, theta: tf.Tensor1D, rows: Rows): Record<string, tf.Tensor> {
  const { logp, entropy, head } = policy.score(theta, rows);
  return head !== undefined && objective.needsHead?.(spec.objective.params as never) === true ? { logp, entropy, head } : { logp, entropy };
}

/** A kept tensor as one of the current tidy scope. */
function untilTidied<T extends tf.Tensor>(kept: T): T {
  const copy = tf.clone(kept);
  kept.dispose();
  return copy;
}

/** The objective of a stage as a function of tensors alone: the loss, then the diagnostics and what is to be carried. */
function lossOf(stage: PreparedStage, batch: HostBatch): Loss {
  const output = outputOf(stage, batch);
  return (tensors) => {
    const { loss, diagnostics, carry = [] } = output(tensors);
    return { loss, others: [...Object.keys(stage.objective.diagnostics).map((name) => diagnostics[name] as tf.Scalar), ...carry] };
  };
}

/** All that an objective says of a batch. */
function outputOf(
  { objective, spec }: PreparedStage,
  { totals: { rows }, group }: HostBatch,
): (tensors: Parameters<Loss>[0]) => LossOutput<string> {
  return ({ logp, entropy, head, mask, refLogp = null, carried = null, tokens, chosenTokens, ...rest }) =>
    objective.loss({
      logp: logp as tf.Tensor2D, // [R, T]
      entropy: entropy as tf.Tensor2D, // [R, T]
      head: head === undefined ? null : headOutput(head as tf.Tensor2D, mask as tf.Tensor2D),
      mask: mask as tf.Tensor2D, // [R, T]
      refLogp: refLogp as tf.Tensor2D | null, // [R, T]
      carried: carried as tf.Tensor1D | null, // [S]
      batch: { ...rest, group } as BatchByKind[HostBatch['kind']],
      totals: { rows, tokens: tokens as tf.Scalar, chosenTokens: chosenTokens as tf.Scalar },
      params: spec.objective.params,
    });
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
  const wrt =
    stage.objective.needsHead?.(stage.spec.objective.params as never) === true ? ['logp', 'entropy', 'head'] : ['logp', 'entropy'];
  const made = fuse(lossOf(stage, batch), {
    shapes: { ...shapes, ...Object.fromEntries(wrt.map((name) => [name, size])) },
    counts: ['tokens', 'chosenTokens'],
    wrt,
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
function batchTensors({ rows: { rows, length }, perToken, perRow, perItem }: HostBatch): Record<string, tf.Tensor> {
  const uploaded = (values: Readonly<Record<string, Float32Array>>, upload: (value: Float32Array) => tf.Tensor) =>
    Object.entries(values).map(([name, value]): [string, tf.Tensor] => [name, upload(value)]);
  return Object.fromEntries([
    ...uploaded(perToken, (matrix) => toDevice(matrix, [rows, length])), // [R, T]
    ...uploaded({ ...perRow, ...perItem }, (values) => toDevice(values, [values.length])), // [R] or [items]
  ]);
}
