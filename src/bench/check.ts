/** Whether the engines do the same work: a comparison of times means nothing otherwise. */
import * as tf from '@tensorflow/tfjs-core';
import type { EngineId } from '../core/bench';
import { EOS } from '../core/world';
import { toRows } from '../policies/rows';
import type { Outcome, RolloutTask, Task } from './engine';

/** An engine does something else than the lab. */
export class BenchMismatch extends Error {
  override readonly name = 'BenchMismatch';
}

/** How far apart numbers may be that are the same but for rounding; after a step, where Adam has divided small gradients. */
const SAME = 1e-4;
const SAME_AFTER_A_STEP = 1e-3;
/** Nats between the mean log-probability of what was sampled and its expectation. A greedy or a stuck sampler is further off. */
const SAMPLED_ALIKE = 0.2;

/**
 * Compares what an engine computed with what the lab did.
 * @throws BenchMismatch naming the engine, the workload and both numbers
 */
function compare(what: string, workload: string, engine: EngineId, value: number, lab: number, tolerance: number): void {
  if (Math.abs(value - lab) <= tolerance * Math.max(1, Math.abs(lab))) return;
  throw new BenchMismatch(`${workload}: ${what} is ${value} in ${engine} and ${lab} in the lab; they do not compute the same.`);
}

/** The same model at the same θ. */
export const compareProbes = (task: Task, engine: EngineId, value: number, lab: number): void =>
  compare('the mean negative log-probability of the same rows', task.id, engine, value, lab, SAME);

/**
 * The outcomes of step `step`, from 0, of an engine and of the lab.
 * @throws BenchMismatch where losses differ or are not finite, or what was sampled is not what the model gives
 */
export async function compareOutcomes(task: Task, engine: EngineId, step: number, outcome: Outcome, lab: Outcome): Promise<void> {
  if (task.kind === 'rollout') return checkRollout(task, engine, outcome);
  if (outcome.kind !== 'loss' || lab.kind !== 'loss') throw new BenchMismatch(`${task.id}: ${engine} answered no loss.`);
  if (!Number.isFinite(outcome.loss)) throw new BenchMismatch(`${task.id}: the loss of ${engine} is ${outcome.loss}.`);
  // What an on-policy step learns from is drawn, by every engine in its own way.
  if (task.kind === 'on-policy') return;
  compare(`the loss of step ${step + 1}`, task.id, engine, outcome.loss, lab.loss, step === 0 ? SAME : SAME_AFTER_A_STEP);
}

/** Prompts are kept, tokens are of the vocabulary, no row ended, and the tokens are as probable as sampled ones should be. */
async function checkRollout(task: RolloutTask, engine: EngineId, outcome: Outcome): Promise<void> {
  const { promptLen, maxLen: length, vocabSize } = task.policy.shape;
  const rows = task.prompts.length;
  if (outcome.kind !== 'tokens' || outcome.tokens.length !== rows * length) {
    throw new BenchMismatch(`${task.id}: ${engine} did not answer ${rows} rows of ${length} tokens.`);
  }
  const { tokens } = outcome;
  tokens.forEach((token, i) => {
    const column = i % length;
    const prompted = task.prompts[Math.floor(i / length)]?.[column];
    const fits = column < promptLen ? token === prompted : token >= 0 && token < vocabSize && token !== EOS;
    if (!fits) throw new BenchMismatch(`${task.id}: token ${column} of row ${Math.floor(i / length)} is ${token} in ${engine}.`);
  });
  const mask = Float32Array.from(tokens, (_, i) => (i % length >= promptLen ? 1 : 0));
  const means = tf.tidy(() => {
    const host = toRows({ rows, length, tokens, mask });
    const { logp, entropy } = task.policy.score(tf.tensor1d(task.theta), host);
    return tf.div(tf.stack([tf.sum(logp), tf.sum(entropy)]), tf.sum(host.mask)); // [2]
  });
  const [logp = Number.NaN, entropy = Number.NaN] = await means.data();
  means.dispose();
  if (!(Math.abs(logp + entropy) <= SAMPLED_ALIKE)) {
    throw new BenchMismatch(
      `${task.id}: the tokens of ${engine} have a mean log-probability of ${logp}, and sampling gives ${-entropy}: it does not sample from the model.`,
    );
  }
}
