/** One optimisation step: loss and gradient over the micro-batches, then AdamW. Nothing is read back. */
import * as tf from '@tensorflow/tfjs-core';
import type { BatchByKind } from '../objectives/objective';
import { type OptimState, optimise } from '../optim/adamw';
import type { Policy } from '../policies/policy';
import { toRows } from '../policies/rows';
import { type HostBatch, microBatches } from './batch';
import type { PreparedStage } from './lab';

/** What a step leaves on the device. */
export interface StepResult {
  readonly next: OptimState;
  /** [2 + diagnostics]: loss, gradient norm, then the objective's diagnostics in the order of `packetNames`. */
  readonly packet: tf.Tensor1D;
}

/** Names of the numbers in a packet. */
export const packetNames = (stage: PreparedStage): string[] => ['loss', 'grad_norm', ...Object.keys(stage.objective.diagnostics)];

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
  const [theta, m, v, packet] = tf.tidy(() => {
    let grad: tf.Tensor1D | null = null;
    let sums: tf.Tensor1D | null = null;
    for (const part of microBatches(batch, training.microBatches)) {
      const result = lossAndGradient(stage, policy, state.theta, reference, part);
      grad = grad === null ? result.grad : tf.add<tf.Tensor1D>(grad, result.grad); // [n]
      sums = sums === null ? result.scalars : tf.add<tf.Tensor1D>(sums, result.scalars); // [1 + diagnostics]
    }
    if (grad === null || sums === null) throw new Error('a batch without items');
    const { next, gradNorm } = optimise(state, grad, training, stageStep);
    const [loss, diagnostics] = tf.split(sums, [1, sums.size - 1]) as [tf.Tensor1D, tf.Tensor1D];
    return [next.theta, next.m, next.v, tf.concat([loss, tf.reshape(gradNorm, [1]), diagnostics])]; // [n] x 3, [2 + diagnostics]
  }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  return { next: { theta, m, v }, packet };
}

/**
 * The loss of one micro-batch with its gradient.
 * @param theta [n]
 * @returns the gradient [n], and the loss followed by the diagnostics [1 + diagnostics]; tensors of the caller's tidy scope
 */
export function lossAndGradient(
  stage: PreparedStage,
  policy: Policy,
  theta: tf.Tensor1D,
  reference: tf.Tensor1D,
  batch: HostBatch,
): { grad: tf.Tensor1D; scalars: tf.Tensor1D } {
  const { objective, spec } = stage;
  const { params } = spec.objective;
  const rows = toRows(batch.rows);
  const refLogp = objective.needsReference(params) ? policy.score(reference, rows).logp : null; // [R, T]
  const extra = batchTensors(batch);
  const scalars: tf.Scalar[] = [];
  const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => {
    const { logp, entropy } = policy.score(t as tf.Tensor1D, rows); // [R, T] both
    const { loss, diagnostics } = objective.loss({ logp, refLogp, entropy, mask: rows.mask, batch: extra, totals: batch.totals, params });
    for (const name of Object.keys(objective.diagnostics)) scalars.push(tf.keep(diagnostics[name] as tf.Scalar));
    return loss;
  })(theta);
  const packet = tf.stack([value, ...scalars]) as tf.Tensor1D; // [1 + diagnostics]
  tf.dispose(scalars);
  return { grad: grad as tf.Tensor1D, scalars: packet };
}

/** What an objective is told about the rows. Its kind decides which fields it may look at. */
function batchTensors(batch: HostBatch): BatchByKind[HostBatch['kind']] {
  const shape: [number, number] = [batch.rows.rows, batch.rows.length];
  switch (batch.kind) {
    case 'rollouts': {
      const { oldLogp, advantages, rewards } = present(batch.rollout);
      return {
        oldLogp: tf.tensor2d(oldLogp, shape), // [R, T]
        advantages: tf.tensor2d(advantages, shape), // [R, T]
        rewards: tf.tensor1d(rewards), // [R]
        group: batch.group,
      };
    }
    case 'augmented':
      return { same: tf.tensor1d(present(batch.same)) }; // [N]
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
