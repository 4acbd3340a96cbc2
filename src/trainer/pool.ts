/** Scored samples: drawn from the policy, judged on the host, kept as plain arrays until they are used up. */
import * as tf from '@tensorflow/tfjs-core';
import type { SamplePool } from '../core/events';
import { createRng, hashText, type Rng } from '../core/rng';
import type { Completion, Example, WorldInstance } from '../core/world';
import { EOS } from '../core/world';
import type { Policy, Sampled } from '../policies/policy';
import { toRows } from '../policies/rows';
import { completionOf } from '../worlds/text';
import type { PreparedStage } from './lab';

/** A pool and what is charted about it. */
export interface DrawnPool {
  readonly pool: SamplePool;
  /** reward, reward_std, frac_reward_zero_std, reward/<part>, completions/*, sampling/entropy */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What the policies of a stage are at the moment of drawing. */
export interface DrawInput {
  readonly policy: Policy;
  readonly stage: PreparedStage;
  readonly theta: tf.Tensor1D;
  readonly reference: tf.Tensor1D;
  /** Keys prompts and draws. */
  readonly rng: Rng;
  readonly seed: number;
  readonly stageStep: number;
}

/** Draws `training.prompts` prompts, `training.group` completions of each, and scores them. */
export async function drawPool({ policy, stage, theta, reference, rng, seed, stageStep }: DrawInput): Promise<DrawnPool> {
  const { prompts: count, group, temperature, topK, topP } = stage.spec.training;
  const stream = rng.fork('prompts').fork(stageStep);
  const examples = Array.from({ length: count }, () => stage.world.sample(stream, 'train'));
  const rows = examples.flatMap((example) => Array.from({ length: group }, () => example));
  const sampled = await policy.sample(theta, {
    prompts: rows.map(({ prompt }) => prompt),
    seed: (seed ^ hashText('rollout')) >>> 0,
    step: stageStep,
    temperature,
    topK,
    topP,
  });
  const completions = completionsOf(stage.world, rows, sampled);
  const scores = completions.map((completion, i) => stage.score(rows[i] as Example, completion));
  const rewards = Float32Array.from(scores, ({ total }) => total);
  const pool: SamplePool = {
    rows: sampled.rows,
    length: sampled.length,
    group,
    tokens: sampled.tokens,
    mask: sampled.mask,
    logp: sampled.logp,
    rewards,
    advantages: await advantagesOf(policy, stage, sampled, rewards, reference),
    drawnAt: stageStep,
  };
  const metrics: Record<string, number> = {
    ...rewardMetrics(rewards, group),
    ...lengthMetrics(completions, sampled),
    'sampling/entropy': total(sampled.entropy) / total(sampled.mask),
  };
  for (const part of Object.keys(scores[0]?.parts ?? {})) metrics[`reward/${part}`] = mean(scores.map(({ parts }) => parts[part] ?? 0));
  return { pool, metrics };
}

/** What was written in each row. */
export function completionsOf(world: WorldInstance, examples: readonly Example[], sampled: Sampled): Completion[] {
  const couldEnd = world.sampleable === undefined || world.sampleable.includes(EOS);
  return examples.map(({ prompt }, row) => {
    const start = row * sampled.length + prompt.length;
    const end = Math.min((row + 1) * sampled.length, start + world.completionLength);
    return completionOf(world.vocab, sampled.tokens.subarray(start, end), couldEnd);
  });
}

async function advantagesOf(
  policy: Policy,
  stage: PreparedStage,
  sampled: Sampled,
  rewards: Float32Array,
  reference: tf.Tensor1D,
): Promise<Float32Array> {
  const { objective, spec } = stage;
  const compute = objective.advantages?.bind(objective);
  if (compute === undefined) return new Float32Array(0);
  const advantages = tf.tidy(() => {
    const rows = toRows(sampled);
    return compute({
      rewards: tf.tensor1d(rewards), // [R]
      group: spec.training.group,
      mask: rows.mask, // [R, T]
      oldLogp: tf.tensor2d(sampled.logp, [sampled.rows, sampled.length]), // [R, T]
      refLogp: objective.needsReference(spec.objective.params) ? policy.score(reference, rows).logp : null, // [R, T]
      params: spec.objective.params,
    });
  }); // [R, T]
  const values = Float32Array.from(await advantages.data<'float32'>());
  advantages.dispose();
  return values;
}

function rewardMetrics(rewards: Float32Array, group: number): Record<string, number> {
  const deviations: number[] = [];
  for (let start = 0; start < rewards.length; start += group) deviations.push(sampleDeviation(rewards.subarray(start, start + group)));
  return {
    reward: mean(rewards),
    reward_std: mean(deviations),
    frac_reward_zero_std: mean(deviations.map((deviation) => (deviation < 1e-8 ? 1 : 0))),
  };
}

function lengthMetrics(completions: readonly Completion[], sampled: Sampled): Record<string, number> {
  const lengths = completions.map((_, row) =>
    sampled.mask.subarray(row * sampled.length, (row + 1) * sampled.length).reduce((sum, m) => sum + m, 0),
  );
  return {
    'completions/mean_length': mean(lengths),
    'completions/min_length': Math.min(...lengths),
    'completions/max_length': Math.max(...lengths),
    'completions/clipped_ratio': mean(completions.map(({ ended }) => (ended ? 0 : 1))),
  };
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

/** Mean of the values; NaN for none. */
export const mean = (values: ArrayLike<number>): number => total(values) / values.length;

/** Standard deviation with n - 1, as TRL's `reward_std`. */
function sampleDeviation(values: Float32Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1));
}

/**
 * The items that a step learns from, out of `count`: shuffled anew for each pass, so that every item is used once before
 * any is used again.
 * @param used items handed out since the pool was drawn
 */
export function nextItems(count: number, batchSize: number, used: number, rng: Rng): number[] {
  if (batchSize >= count) return Array.from({ length: count }, (_, i) => i);
  const orders = new Map<number, number[]>();
  return Array.from({ length: batchSize }, (_, j) => {
    const pass = Math.floor((used + j) / count);
    let order = orders.get(pass);
    if (order === undefined) {
      order = rng.fork(pass).shuffle(Array.from({ length: count }, (_, i) => i));
      orders.set(pass, order);
    }
    return order[(used + j) % count] as number;
  });
}

/** The stream that orders a pool. */
export const orderStream = (seed: number, stage: number, drawnAt: number): Rng => createRng(seed).fork('order').fork(stage).fork(drawnAt);
