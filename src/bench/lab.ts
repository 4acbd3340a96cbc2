/** The lab at work, through the same functions as a run. */
import * as tf from '@tensorflow/tfjs-core';
import { WORKLOADS } from '../core/bench';
import { createRng } from '../core/rng';
import { readAll } from '../kernels/memory';
import { initialState } from '../optim/adamw';
import { toRows } from '../policies/rows';
import { type HostBatch, poolBatch } from '../trainer/batch';
import { drawnAlone } from '../trainer/draw';
import { drawPool, orderStream } from '../trainer/pool';
import { releaseSteps, stepNumbers, trainStep } from '../trainer/step';
import type { BenchEngine, BenchSession, Outcome, Task } from './engine';

/** Keys the draws of all rollouts, together with the step. */
const SEED = 7;

/** The lab's own engine on the current tfjs backend. */
export const labEngine: BenchEngine = { id: 'lab', workloads: WORKLOADS, open: async (task) => session(task) };

function session(task: Task): BenchSession {
  const { policy, stage } = task;
  const reference = tf.tensor1d(task.theta); // [n]
  let state = initialState(task.theta);
  let packet: readonly tf.Tensor[] = [];
  let tokens: Int32Array | null = null; // [R, T]
  let taken = 0;
  let prepared = false;

  const learn = (batch: HostBatch): void => {
    const before = state;
    const left = trainStep(stage, policy, before, reference, batch, taken);
    tf.dispose([before.theta, before.m, before.v, ...packet]);
    ({ next: state, packet } = left);
  };
  const sampleAndLearn = async (): Promise<void> => {
    const rng = createRng(SEED).fork('data');
    const { pool } = await drawPool({ policy, stage, ...drawnAlone(state.theta, reference), rng, seed: SEED, stageStep: taken });
    learn(poolBatch(stage, pool, taken, orderStream(SEED, 0, pool.drawnAt)));
  };

  return {
    async step() {
      if (!prepared) await policy.prepare?.(() => {});
      prepared = true;
      if (task.kind === 'train') learn(task.batch);
      else if (task.kind === 'on-policy') await sampleAndLearn();
      else ({ tokens } = await policy.sample(state.theta, { prompts: task.prompts, seed: SEED, step: taken, temperature: 1 }));
      taken += 1;
    },
    async settle(): Promise<Outcome> {
      if (packet.length > 0) return { kind: 'loss', loss: stepNumbers(stage, await readAll(packet)).loss ?? Number.NaN };
      if (tokens === null) throw new Error('no step has been taken');
      return { kind: 'tokens', tokens };
    },
    async probe(host) {
      const mean = tf.tidy(() => {
        const rows = toRows(host);
        return tf.neg(tf.div(tf.sum(policy.score(state.theta, rows).logp), tf.sum(rows.mask))); // []
      });
      const [value = Number.NaN] = await mean.data();
      mean.dispose();
      return value;
    },
    dispose() {
      tf.dispose([reference, state.theta, state.m, state.v, ...packet]);
      releaseSteps(stage);
      policy.release?.();
    },
  };
}
