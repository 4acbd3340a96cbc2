/** Scored samples: drawn from the policy, judged on the host, kept as plain arrays until they are used up. */
import * as tf from '@tensorflow/tfjs-core';
import type { SamplePool } from '../core/events';
import type { Score } from '../core/reward';
import { createRng, hashText, type Rng } from '../core/rng';
import type { Completion, Example } from '../core/world';
import type { Policy, Sampled } from '../policies/policy';
import { takeMatrix, takeRows, toRows } from '../policies/rows';
import type { PreparedStage } from './lab';
import { completionsOf, headOutput, type Models, scoreRows } from './samples';

/** Draws in all, at most, to replace groups without variance. */
const DRAWS = 4;

/** A pool and what is charted about it. */
export interface DrawnPool {
  readonly pool: SamplePool;
  /** reward, true_reward, reward_std, frac_reward_zero_std, reward/<part>, completions/*, sampling/entropy */
  readonly metrics: Readonly<Record<string, number>>;
  /** What was drawn, for whoever wants to look. */
  readonly drawn: Drawn;
  /** Completions that were scored, those of dropped groups included. */
  readonly queries: number;
}

/** Samples with their judgements, in groups. */
export interface Drawn {
  readonly examples: readonly Example[];
  readonly completions: readonly Completion[];
  readonly scores: readonly Score[];
  readonly sampled: Sampled;
}

/** What the policies of a stage are at the moment of drawing. */
export interface DrawInput {
  readonly policy: Policy;
  readonly stage: PreparedStage;
  /** θ that is trained, and θ that samples are drawn from. */
  readonly theta: tf.Tensor1D;
  readonly sampler: tf.Tensor1D;
  readonly models: Models;
  /** Rewards of the stage so far. */
  readonly seen: { readonly count: number; readonly mean: number };
  /** Keys prompts and draws. */
  readonly rng: Rng;
  readonly seed: number;
  readonly stageStep: number;
}

/** A policy that draws for itself and has learnt from no stage before: the models of a first stage's first draw. */
export const drawnAlone = (theta: tf.Tensor1D, reference: tf.Tensor1D): Pick<DrawInput, 'theta' | 'sampler' | 'models' | 'seen'> => ({
  theta,
  sampler: theta,
  models: { reference, ends: new Map() },
  seen: NOTHING_SEEN,
});

/** Before the first draw of a stage. */
export const NOTHING_SEEN = { count: 0, mean: 0 };

/** Draws `training.prompts` prompts, `training.group` completions of each, and scores them. */
export async function drawPool(input: DrawInput): Promise<DrawnPool> {
  const { stage, stageStep } = input;
  const { group, dropZeroVariance } = stage.spec.training;
  let drawn = await draw(input, 0);
  const size = groupSize(stage, drawn);
  let dropped = 0;
  let queries = drawn.examples.length;
  if (dropZeroVariance) {
    const wanted = drawn.examples.length / size;
    const kept: Drawn[] = [];
    const equal: Drawn[] = [];
    for (let attempt = 0; kept.length < wanted; attempt++) {
      for (const one of groupsOf(drawn, size)) (isEqual(one) ? equal : kept).push(one);
      if (kept.length >= wanted || attempt + 1 === DRAWS) break;
      drawn = await draw(input, attempt + 1);
      queries += drawn.examples.length;
    }
    dropped = equal.length;
    drawn = joined([...kept, ...equal].slice(0, wanted));
  }
  const { sampled, scores } = drawn;
  const rewards = Float32Array.from(scores, ({ total }) => total);
  const pool: SamplePool = {
    rows: sampled.rows,
    length: sampled.length,
    group: size,
    tokens: sampled.tokens,
    mask: sampled.mask,
    logp: sampled.logp,
    rewards,
    ...(await judged(input, sampled, rewards)),
    drawnAt: stageStep,
  };
  // Of a duel, the policy's own half.
  const own = stage.objective.data === 'duels' ? joined(groupsOf(drawn, size).map((one) => part(one, 0, size / 2))) : drawn;
  const metrics = { ...poolMetrics(stage, own, stage.objective.data === 'duels' ? group / 2 : size) };
  if (dropZeroVariance) metrics['sampling/dropped_groups'] = dropped;
  return { pool, metrics, drawn, queries };
}

/** Rows of one item: samples of one prompt, or one sample of each principle. */
const groupSize = (stage: PreparedStage, { examples }: Drawn): number =>
  stage.objective.data === 'contrasts' ? examples.length / stage.spec.training.prompts : stage.spec.training.group;

async function draw(input: DrawInput, attempt: number): Promise<Drawn> {
  const { policy, stage, sampler, models, rng, stageStep } = input;
  const { objective } = stage;
  const { prompts: count, group, temperature, topK, topP } = stage.spec.training;
  const keyed = rng.fork('prompts').fork(stageStep);
  const stream = attempt === 0 ? keyed : keyed.fork(attempt);
  const each = <T>(one: () => T): T[] => Array.from({ length: count }, one);
  const examples =
    objective.data === 'contrasts'
      ? each(() => stage.world.contrast?.(stream, 'train') ?? []).flat()
      : each(() => stage.world.sample(stream, 'train')).flatMap((example) => Array.from({ length: group }, () => example));
  const request = {
    seed: (input.seed ^ hashText('rollout') ^ Math.imul(attempt, 0x85ebca6b)) >>> 0,
    step: stageStep,
    temperature,
    topK,
    topP,
  };
  const prompts = examples.map(({ prompt }) => prompt);
  const opponent = objective.opponent?.(stage.spec.objective.params as never);
  let sampled: Sampled;
  if (opponent === undefined) sampled = await policy.sample(sampler, { prompts, ...request });
  else {
    const isOwn = prompts.map((_, row) => row % group < group / 2);
    const own = await policy.sample(sampler, { prompts: prompts.filter((_, row) => isOwn[row]), ...request });
    const others = { prompts: prompts.filter((_, row) => !isOwn[row]), ...request, seed: (request.seed ^ hashText('opponent')) >>> 0 };
    const theirs =
      opponent === 1
        ? await policy.sample(models.reference, others)
        : await policy.sample(sampler, { ...others, mix: { theta: models.reference, weight: opponent } });
    let [ours, other] = [0, 0];
    sampled = pick(
      stack([own, theirs]),
      isOwn.map((is) => (is ? ours++ : own.rows + other++)),
    );
  }
  const completions = completionsOf(stage.world, examples, sampled);
  return { examples, completions, scores: await scoreRows(stage, policy, examples, completions, sampled, models), sampled };
}

/** Samples one after another. */
function stack(all: readonly Sampled[]): Sampled {
  const join = (read: (one: Sampled) => Float32Array): Float32Array => Float32Array.from(all.flatMap((one) => Array.from(read(one))));
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    length: all[0]?.length ?? 0,
    tokens: Int32Array.from(all.flatMap(({ tokens }) => Array.from(tokens))),
    mask: join(({ mask }) => mask),
    logp: join(({ logp }) => logp),
    entropy: join(({ entropy }) => entropy),
  };
}

/** Some of the rows, in the order asked for. */
function pick(all: Sampled, rows: readonly number[]): Sampled {
  const { length } = all;
  return { ...takeRows(all, rows), logp: takeMatrix(all.logp, length, rows), entropy: takeMatrix(all.entropy, length, rows) };
}

function part({ examples, completions, scores, sampled }: Drawn, from: number, to: number): Drawn {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  return {
    examples: examples.slice(from, to),
    completions: completions.slice(from, to),
    scores: scores.slice(from, to),
    sampled: pick(sampled, rows),
  };
}

const groupsOf = (drawn: Drawn, size: number): Drawn[] =>
  Array.from({ length: drawn.examples.length / size }, (_, i) => part(drawn, i * size, (i + 1) * size));

const joined = (groups: readonly Drawn[]): Drawn => ({
  examples: groups.flatMap(({ examples }) => examples),
  completions: groups.flatMap(({ completions }) => completions),
  scores: groups.flatMap(({ scores }) => scores),
  sampled: stack(groups.map(({ sampled }) => sampled)),
});

const isEqual = ({ scores }: Drawn): boolean => scores.every(({ total }) => total === scores[0]?.total);

/** Advantages, and values with what they should be, where the objective has any. */
async function judged(
  { policy, stage, theta, models, seen }: DrawInput,
  sampled: Sampled,
  rewards: Float32Array,
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
