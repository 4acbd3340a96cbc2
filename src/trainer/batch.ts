/** One step's batch on the host: which rows, with what is known about them. */
import * as tf from '@tensorflow/tfjs-core';
import type { DataKind } from '../core/catalogue';
import type { SamplePool } from '../core/events';
import type { Rng } from '../core/rng';
import type { Augmented, Judgement, WorldInstance } from '../core/world';
import type { Totals } from '../objectives/objective';
import { BLOCKS, countTokens, rowsTogether } from '../objectives/plain';
import type { Policy } from '../policies/policy';
import { type HostRows, packRows, takeMatrix, takeRows, toRows } from '../policies/rows';
import type { PreparedStage } from './lab';
import { nextItems } from './pool';

/**
 * A batch that can be cut into micro-batches. An item is a demonstration, a pair, a judgement, a group of samples, a duel, a
 * table of contrasts or a question. Its rows lie one in each of the kind's blocks (`BLOCKS`), or, where they are samples of
 * one prompt, together.
 */
export interface HostBatch {
  readonly kind: DataKind;
  readonly rows: HostRows;
  readonly items: number;
  /** Samples of one prompt; of contrasts, principles; else 1. */
  readonly group: number;
  readonly totals: Totals<number>;
  /** What the objective is told besides, by the names of `BatchByKind`: [rows, T], [rows] and [items]. */
  readonly perToken: Readonly<Record<string, Float32Array>>;
  readonly perRow: Readonly<Record<string, Float32Array>>;
  readonly perItem: Readonly<Record<string, Float32Array>>;
}

type Told = Partial<Pick<HostBatch, 'group' | 'perToken' | 'perRow' | 'perItem'>>;

function hostBatch(
  kind: DataKind,
  rows: HostRows,
  items: number,
  { group = 1, perToken = {}, perRow = {}, perItem = {} }: Told = {},
): HostBatch {
  return { kind, rows, items, group, totals: countTokens(kind, rows.mask, rows.rows, rows.length), perToken, perRow, perItem };
}

/** A batch of the world's own examples. */
export async function worldBatch(stage: PreparedStage, policy: Policy, theta: tf.Tensor1D, rng: Rng): Promise<HostBatch> {
  const { world, objective, spec } = stage;
  const { batchSize } = spec.training;
  const { maxLen } = policy.shape;
  const draw = <T>(one: () => T): T[] => Array.from({ length: batchSize }, one);
  if (objective.data === 'demonstrations' && world.demonstrate !== undefined) {
    const examples = draw(() => world.demonstrate?.(rng, 'train')).filter((d) => d !== undefined);
    return hostBatch(
      'demonstrations',
      packRows(
        examples.map(({ example, completion }) => ({ prompt: example.prompt, completion })),
        maxLen,
      ),
      batchSize,
    );
  }
  if (objective.data === 'preferences' && world.prefer !== undefined) {
    const pairs = draw(() => world.prefer?.(rng, 'train')).filter((p) => p !== undefined);
    const side = (which: 'chosen' | 'rejected') => pairs.map((pair) => ({ prompt: pair.example.prompt, completion: pair[which] }));
    return hostBatch('preferences', packRows([...side('chosen'), ...side('rejected')], maxLen), batchSize, {
      perItem: { margins: Float32Array.from(pairs, ({ margin = 0 }) => margin) },
    });
  }
  if (objective.data === 'unpaired' && (world.judge !== undefined || world.prefer !== undefined)) {
    const judged = draw(() => judgement(world, rng)).filter((j) => j !== undefined);
    return unpairedBatch(judged, maxLen);
  }
  if (objective.data === 'augmented' && world.augment !== undefined) {
    const items = draw(() => world.augment?.(rng, 'train')).filter((a) => a !== undefined);
    return augmentedBatch(items, stage, policy, theta);
  }
  throw new Error(`${objective.id} cannot learn from this world's examples`);
}

/** A judged completion: the world's own, or one side of a pair, each as often. */
function judgement(world: WorldInstance, rng: Rng): Judgement | undefined {
  if (world.judge !== undefined) return world.judge(rng, 'train');
  const desirable = rng.below(2) === 0;
  const pair = world.prefer?.(rng, 'train');
  return pair && { example: pair.example, completion: desirable ? pair.chosen : pair.rejected, desirable };
}

/** Judged completions, then every prompt with the completion of the next: what TRL estimates the KL of KTO on. */
function unpairedBatch(judged: readonly Judgement[], maxLen: number): HostBatch {
  const own = judged.map(({ example, completion }) => ({ prompt: example.prompt, completion }));
  const mismatched = own.map(({ prompt }, i) => {
    const { completion } = own[(i + 1) % own.length] as (typeof own)[number];
    return { prompt, completion: completion.slice(0, maxLen - prompt.length) };
  });
  return hostBatch('unpaired', packRows([...own, ...mismatched], maxLen), judged.length, {
    perItem: { labels: Float32Array.from(judged, ({ desirable }) => (desirable ? 1 : 0)) },
  });
}

/** Questions with the option that the policy prefers with the text (chosen) and the one it prefers without (rejected). */
async function augmentedBatch(items: readonly Augmented[], stage: PreparedStage, policy: Policy, theta: tf.Tensor1D): Promise<HostBatch> {
  const [withText, without] = await preferredOptions(items, policy, theta);
  const seesText = stage.objective.chosenSeesText?.(stage.spec.objective.params) ?? false;
  const texts = items.map(({ snippet }) => snippet);
  const chosen = items.map((item, i) => ({
    prompt: seesText ? item.augmentedPrompt : item.example.prompt,
    completion: option(item, withText[i]),
  }));
  const rejected = items.map((item, i) => ({ prompt: item.example.prompt, completion: option(item, without[i]) }));
  const same = Float32Array.from(items, (_, i) => (withText[i] === without[i] ? 1 : 0));
  return hostBatch('augmented', packRows([...texts, ...chosen, ...rejected], policy.shape.maxLen), items.length, { perItem: { same } });
}

const option = (item: Augmented, index: number | undefined): readonly number[] => item.options[index ?? 0] ?? [];

/**
 * For each question, the option with the highest mean token log-probability: with the text before the question, and without.
 * @returns option indices, [items] each
 */
export async function preferredOptions(items: readonly Augmented[], policy: Policy, theta: tf.Tensor1D): Promise<[number[], number[]]> {
  const perItem = items[0]?.options.length ?? 0;
  const rowsFor = (prompt: (item: Augmented) => readonly number[]) =>
    items.flatMap((item) => item.options.map((completion) => ({ prompt: prompt(item), completion })));
  const packed = packRows([...rowsFor((item) => item.augmentedPrompt), ...rowsFor((item) => item.example.prompt)], policy.shape.maxLen);
  const means = tf.tidy(() => {
    const rows = toRows(packed);
    return tf.div(tf.sum(policy.score(theta, rows).logp, 1), tf.sum(rows.mask, 1)); // [2 * items * options]
  });
  const values = await means.data();
  means.dispose();
  const best = (start: number): number => {
    let at = 0;
    for (let o = 1; o < perItem; o++) if ((values[start + o] as number) > (values[start + at] as number)) at = o;
    return at;
  };
  return [items.map((_, i) => best(i * perItem)), items.map((_, i) => best((items.length + i) * perItem))];
}

/** A batch out of scored samples, in the shape that the objective learns from. */
export function poolBatch(stage: PreparedStage, pool: SamplePool, stageStep: number, rng: Rng): HostBatch {
  const { training } = stage.spec;
  const groups = pool.rows / pool.group;
  const used = (stageStep - pool.drawnAt) * training.batchSize;
  const items = (count: number): number[] => nextItems(count, training.batchSize, used, rng);
  const reward = (row: number): number => pool.rewards[row] as number;
  switch (stage.objective.data) {
    case 'rollouts': {
      const rows = items(groups).flatMap((group) => rowsOfGroup(pool, group));
      const perToken: Record<string, Float32Array> = {
        oldLogp: takeMatrix(pool.logp, pool.length, rows),
        advantages: takeMatrix(pool.advantages, pool.length, rows),
      };
      if (pool.values !== undefined) perToken.oldValues = takeMatrix(pool.values, pool.length, rows);
      if (pool.returns !== undefined) perToken.returns = takeMatrix(pool.returns, pool.length, rows);
      if (stage.objective.draws === true) {
        const stream = rng.fork('draws').fork(stageStep);
        perToken.draws = Float32Array.from({ length: rows.length * pool.length }, () => stream.uniform());
      }
      const perRow = { rewards: Float32Array.from(rows, reward) };
      return hostBatch('rollouts', takeRows(pool, rows), rows.length / pool.group, { group: pool.group, perToken, perRow });
    }
    case 'demonstrations': {
      const rows = items(groups).map((group) => extremes(pool, group).best);
      return hostBatch('demonstrations', takeRows(pool, rows), rows.length);
    }
    case 'preferences': {
      const pairs = Array.from({ length: groups }, (_, group) => pairsOf(pool, group, training.pairing)).flat();
      // Where all rewards are equal there is nothing to prefer; a pair of a row with itself has no gradient.
      const chosen = pairs.length === 0 ? [[0, 0] as const] : items(pairs.length).map((i) => pairs[i] as readonly [number, number]);
      const rows = [...chosen.map(([winner]) => winner), ...chosen.map(([, loser]) => loser)];
      const margins = Float32Array.from(chosen, ([winner, loser]) => reward(winner) - reward(loser));
      return hostBatch('preferences', takeRows(pool, rows), chosen.length, { perItem: { margins } });
    }
    case 'unpaired': {
      const rows = items(pool.rows);
      // The next group's sample with this prompt would need packing anew; the same prompt's next sample is as unrelated to its label.
      const mismatched = rows.map((row) => (row % pool.group === pool.group - 1 ? row - pool.group + 1 : row + 1));
      const labels = Float32Array.from(rows, (row) => (isDesirable(pool, row) ? 1 : 0));
      return hostBatch('unpaired', takeRows(pool, [...rows, ...mismatched]), rows.length, { perItem: { labels } });
    }
    case 'duels': {
      const half = pool.group / 2;
      const own = items(groups * half).map((duel) => Math.floor(duel / half) * pool.group + (duel % half));
      const wins = Float32Array.from(own, (row) => (Math.sign(reward(row) - reward(row + half)) + 1) / 2);
      return hostBatch('duels', takeRows(pool, [...own, ...own.map((row) => row + half)]), own.length, { perItem: { wins } });
    }
    case 'contrasts': {
      const tables = items(groups);
      return hostBatch('contrasts', contrastRows(pool, tables), tables.length, { group: pool.group });
    }
    case 'augmented':
      throw new Error('questions with a text are not made from samples');
    default:
      return stage.objective.data satisfies never;
  }
}

const rowsOfGroup = (pool: SamplePool, group: number): number[] => Array.from({ length: pool.group }, (_, j) => group * pool.group + j);

/** Above the mean of its group; in a group of equals, above 0. */
function isDesirable(pool: SamplePool, row: number): boolean {
  const rewards = rowsOfGroup(pool, Math.floor(row / pool.group)).map((other) => pool.rewards[other] as number);
  const mean = rewards.reduce((sum, r) => sum + r, 0) / rewards.length;
  const own = pool.rewards[row] as number;
  return rewards.every((r) => r === own) ? own > 0 : own > mean;
}

/** Every response of a question after every one of its prompts: row (q n + i) n + j has prompt i and response j. */
function contrastRows(pool: SamplePool, tables: readonly number[]): HostRows {
  const part = (row: number, masked: 0 | 1): number[] => {
    const first = row * pool.length;
    const mask = pool.mask.subarray(first, first + pool.length);
    const start = mask.indexOf(1);
    const from = masked === 1 ? start : 0;
    const to = masked === 1 ? mask.lastIndexOf(1) + 1 : start;
    return Array.from(pool.tokens.subarray(first + from, first + to));
  };
  const pairs = tables.flatMap((table) => {
    const rows = rowsOfGroup(pool, table);
    return rows.flatMap((i) => rows.map((j) => ({ prompt: part(i, 0), completion: part(j, 1).slice(0, pool.length - part(i, 0).length) })));
  });
  return packRows(pairs, pool.length);
}

/** Rows of the highest and the lowest reward in a group; the first of equals. */
function extremes(pool: SamplePool, group: number): { best: number; worst: number } {
  const first = group * pool.group;
  let best = first;
  let worst = first;
  for (let row = first + 1; row < first + pool.group; row++) {
    if ((pool.rewards[row] as number) > (pool.rewards[best] as number)) best = row;
    if ((pool.rewards[row] as number) < (pool.rewards[worst] as number)) worst = row;
  }
  return { best, worst };
}

function pairsOf(pool: SamplePool, group: number, pairing: 'best-worst' | 'all'): (readonly [number, number])[] {
  if (pairing === 'best-worst') {
    const { best, worst } = extremes(pool, group);
    return best === worst || pool.rewards[best] === pool.rewards[worst] ? [] : [[best, worst]];
  }
  const rows = rowsOfGroup(pool, group);
  return rows.flatMap((winner) =>
    rows.filter((loser) => (pool.rewards[winner] as number) > (pool.rewards[loser] as number)).map((loser) => [winner, loser] as const),
  );
}

/** Cuts a batch into at most `parts` micro-batches of whole items. Their totals stay those of the whole batch. */
export function microBatches(batch: HostBatch, parts: number): HostBatch[] {
  const size = Math.ceil(batch.items / Math.min(parts, batch.items));
  if (size >= batch.items) return [batch];
  const together = rowsTogether(batch.kind, batch.group);
  const cut: HostBatch[] = [];
  for (let start = 0; start < batch.items; start += size) {
    const items = Array.from({ length: Math.min(size, batch.items - start) }, (_, i) => start + i);
    const inBlock = items.flatMap((item) => Array.from({ length: together }, (_, j) => item * together + j));
    const rows = Array.from({ length: BLOCKS[batch.kind] }, (_, block) =>
      inBlock.map((row) => row + block * batch.items * together),
    ).flat();
    cut.push({
      ...batch,
      rows: takeRows(batch.rows, rows),
      items: items.length,
      perToken: mapped(batch.perToken, (matrix) => takeMatrix(matrix, batch.rows.length, rows)),
      perRow: mapped(batch.perRow, (values) => Float32Array.from(rows, (row) => values[row] as number)),
      perItem: mapped(batch.perItem, (values) => Float32Array.from(items, (item) => values[item] as number)),
    });
  }
  return cut;
}

const mapped = <A, B>(values: Readonly<Record<string, A>>, to: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]));
