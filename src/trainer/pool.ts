/** Scored samples: drawn from the policy, judged on the host, kept as plain arrays until they are used up. */
import * as tf from '@tensorflow/tfjs-core';
import type { SamplePool } from '../core/events';
import { createRng, type Rng } from '../core/rng';
import type { Completion, Example } from '../core/world';
import type { Sampled } from '../policies/policy';
import { toRows } from '../policies/rows';
import { type DrawInput, type Drawn, drawGroups, firstHalves, greedyRewards } from './draw';
import type { PreparedStage } from './lab';
import { headOutput } from './samples';

/** A pool and what is charted about it. */
export interface DrawnPool {
  readonly pool: SamplePool;
  /** reward, true_reward, reward_std, frac_reward_zero_std, reward_baseline, reward/<part>, completions/*, sampling/entropy */
  readonly metrics: Readonly<Record<string, number>>;
  /** What was drawn, for whoever wants to look. */
  readonly drawn: Drawn;
  /** Completions that were scored, those of dropped groups and greedy ones included. */
  readonly queries: number;
}

/** Draws `training.prompts` prompts, `training.group` completions of each, and scores them. */
export async function drawPool(input: DrawInput): Promise<DrawnPool> {
  const { stage, stageStep } = input;
  const isDuel = stage.objective.data === 'duels';
  const { drawn, group, dropped, queries } = await drawGroups(input);
  const { sampled, scores } = drawn;
  const rewards = Float32Array.from(scores, ({ total }) => total);
  const greedy = stage.objective.baseline === 'greedy' ? await greedyRewards(input, drawn.examples, group) : null;
  const pool: SamplePool = {
    rows: sampled.rows,
    length: sampled.length,
    group,
    tokens: sampled.tokens,
    mask: sampled.mask,
    logp: sampled.logp,
    rewards,
    ...(await judged(input, sampled, rewards, greedy)),
    drawnAt: stageStep,
  };
  // Of a duel, the policy's own half.
  const metrics = isDuel ? poolMetrics(stage, firstHalves(drawn, group), group / 2) : poolMetrics(stage, drawn, group);
  if (stage.spec.training.dropZeroVariance) metrics['sampling/dropped_groups'] = dropped;
  if (greedy !== null) metrics.reward_baseline = mean(greedy);
  return { pool, metrics, drawn, queries: queries + (greedy?.length ?? 0) };
}

/**
 * Advantages, and values with what they should be, where the objective has any.
 * @param greedy [prompts] what the most probable completion of each prompt earns; null where nobody asks
 */
async function judged(
  { policy, stage, theta, models, seen }: DrawInput,
  sampled: Sampled,
  rewards: Float32Array,
  greedy: Float32Array | null,
): Promise<Pick<SamplePool, 'advantages' | 'values' | 'returns'>> {
  const { objective, spec } = stage;
  const advantagesOf = objective.advantages?.bind(objective);
  const returnsOf = objective.returns?.bind(objective);
  if (advantagesOf === undefined) return { advantages: new Float32Array(0) };
  const params = spec.objective.params as never;
  const withHead = objective.needsHead?.(params) ?? false;
  const tensors = tf.tidy(() => {
    const rows = toRows(sampled);
    const teacher = stage.teachers.reduce<tf.Tensor2D | null>((sum, { stage: at, weight }) => {
      const weighted = tf.mul<tf.Tensor2D>(weight, policy.score(models.ends.get(at) as tf.Tensor1D, rows).logp); // [R, T]
      return sum === null ? weighted : tf.add(sum, weighted); // [R, T]
    }, null);
    const input = {
      rewards: tf.tensor1d(rewards), // [R]
      group: spec.training.group,
      mask: rows.mask, // [R, T]
      oldLogp: tf.tensor2d(sampled.logp, [sampled.rows, sampled.length]), // [R, T]
      refLogp: objective.needsReference(params) ? policy.score(models.reference, rows).logp : null, // [R, T]
      values: withHead ? headOutput(policy.score(theta, rows).head as tf.Tensor2D, rows.mask).values : null, // [R, T]
      teacherLogp: teacher,
      rewardBaselines:
        greedy === null ? null : tf.tensor1d(rewards.map((_, row) => greedy[Math.floor(row / spec.training.group)] as number)), // [R]
      seen,
      params,
    };
    const advantages = advantagesOf(input); // [R, T]
    return input.values === null || returnsOf === undefined ? [advantages] : [advantages, input.values, returnsOf(input)];
  });
  const [advantages, values, returns] = await Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data<'float32'>())));
  tf.dispose(tensors);
  const told = { advantages: advantages as Float32Array };
  return values === undefined || returns === undefined ? told : { ...told, values, returns };
}

function poolMetrics(stage: PreparedStage, { examples, completions, scores, sampled }: Drawn, group: number): Record<string, number> {
  const rewards = Float32Array.from(scores, ({ total }) => total);
  const truth = completions.map((completion, row) => stage.world.verify(examples[row] as Example, completion));
  const metrics: Record<string, number> = {
    ...rewardMetrics(rewards, group),
    true_reward: mean(truth.map(({ score }) => score)),
    ...lengthMetrics(completions, sampled),
    'sampling/entropy': total(sampled.entropy) / total(sampled.mask),
  };
  for (const part of Object.keys(scores[0]?.parts ?? {})) metrics[`reward/${part}`] = mean(scores.map(({ parts }) => parts[part] ?? 0));
  return metrics;
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
export function sampleDeviation(values: Float32Array): number {
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
