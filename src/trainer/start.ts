/** θ at the start of a run. */
import * as tf from '@tensorflow/tfjs-core';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { TRAINING } from '../core/spec';
import type { Exact, WorldInstance } from '../core/world';
import { fuse } from '../engine/fuse/fuse';
import type { Loss } from '../engine/fuse/trace';
import { readAll, submitRecorded } from '../kernels/memory';
import { initialState, optimise } from '../optim/adamw';
import { runsFused } from '../policies/fused';
import type { Policy } from '../policies/policy';
import { packRows, toRows } from '../policies/rows';

/** Warm-up of arXiv 2404.14367: 100 Adam steps at .01 on the exact KL(π || π_ref). */
const WARM_UP = { ...defaultsOf(TRAINING), lr: 0.01, steps: 100, clipNorm: 0 };

/**
 * The first θ: the policy's own initialisation, or, where the world can be enumerated, the world's reference
 * distribution; exactly where the policy can express it, else by fitting.
 */
export async function startingTheta(policy: Policy, world: WorldInstance, seed: number): Promise<Float32Array> {
  const theta = policy.init(createRng(seed).fork('init'));
  const exact = world.enumerate?.();
  if (exact === undefined) return theta;
  if (policy.fromProbabilities !== undefined) return policy.fromProbabilities(exact.reference);
  return fitTo(policy, world, exact, theta, seed);
}

async function fitTo(policy: Policy, world: WorldInstance, exact: Exact, theta: Float32Array, seed: number): Promise<Float32Array> {
  const { prompt } = world.sample(createRng(seed).fork('warm-up'), 'train');
  let state = initialState(theta);
  const rows = toRows(enumeratedRows(policy, prompt, exact));
  const reference = tf.tensor1d(exact.reference.map((p) => Math.log(Math.max(p, 1e-13)))); // [K]
  const fused = runsFused()
    ? fuse(divergence, { shapes: { logp: rows.tokens.shape, reference: reference.shape }, counts: [], wrt: ['logp'] })
    : null;
  for (let step = 0; step < WARM_UP.steps; step++) {
    const [next, m, v] = tf.tidy(() => {
      const { grads } = tf.engine().gradients<tf.Tensor>(
        () => {
          const tensors = { logp: policy.score(state.theta, rows).logp, reference };
          return fused === null ? divergence(tensors).loss : fused.run(tensors, {}); // []
        },
        [state.theta],
        tf.scalar(1),
      );
      const { next } = optimise(state, grads[0] as tf.Tensor1D, WARM_UP, step);
      return [next.theta, next.m, next.v];
    }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    submitRecorded();
    tf.dispose([state.theta, state.m, state.v]);
    state = { theta: next, m, v };
  }
  const fitted = await readAll([state.theta]);
  tf.dispose([state.theta, state.m, state.v, rows.tokens, rows.mask, reference]);
  fused?.release();
  return fitted;
}

/** KL(π || π_ref) from the log-probabilities of all completions [K, T] and their reference [K]. */
const divergence: Loss = ({ logp, reference }) => {
  const own = tf.sum(logp as tf.Tensor2D, 1); // [K]
  return { loss: tf.sum(tf.mul(tf.exp(own), tf.sub(own, reference as tf.Tensor1D))), others: [] }; // []
};

/** Every completion of one prompt as rows [K, T]. */
const enumeratedRows = (policy: Policy, prompt: readonly number[], exact: Exact): ReturnType<typeof packRows> =>
  packRows(
    exact.completions.map((completion) => ({ prompt, completion })),
    policy.shape.maxLen,
  );

/** Exact probabilities of every completion of a prompt, [K]. */
export async function exactProbabilities(policy: Policy, theta: tf.Tensor1D, prompt: readonly number[], exact: Exact): Promise<number[]> {
  const probabilities = tf.tidy(() => tf.exp(tf.sum(policy.score(theta, toRows(enumeratedRows(policy, prompt, exact))).logp, 1))); // [K]
  const values = Array.from(await probabilities.data());
  probabilities.dispose();
  return values;
}
