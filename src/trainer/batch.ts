/** One step's batch on the host: which rows, with what is known about them. */
import * as tf from '@tensorflow/tfjs-core';
import type { DataKind } from '../core/catalogue';
import type { SamplePool } from '../core/events';
import type { Rng } from '../core/rng';
import type { Augmented } from '../core/world';
import type { Totals } from '../objectives/objective';
import type { Policy } from '../policies/policy';
import { type HostRows, packRows, takeMatrix, takeRows, toRows } from '../policies/rows';
import type { PreparedStage } from './lab';
import { nextItems } from './pool';

/**
 * A batch that can be cut into micro-batches. An item is a demonstration, a pair, a group or a question; `blocks` rows of an
 * item lie `items` rows apart for pairs (2) and questions (3), while the `group` rows of a group lie together.
 */
export interface HostBatch {
  readonly kind: DataKind;
  readonly rows: HostRows;
  readonly items: number;
  /** Rows of one prompt that lie together; 1 but for rollouts. */
  readonly group: number;
  readonly totals: Totals<number>;
  /** For rollouts: [rows, T], [rows, T], [rows]. */
  readonly rollout: { readonly oldLogp: Float32Array; readonly advantages: Float32Array; readonly rewards: Float32Array } | null;
  /** For questions: [items]. */
  readonly same: Float32Array | null;
}

const BLOCKS: Readonly<Record<DataKind, number>> = { demonstrations: 1, preferences: 2, rollouts: 1, augmented: 3 };

function hostBatch(
  kind: DataKind,
  rows: HostRows,
  items: number,
  extra: Partial<Pick<HostBatch, 'group' | 'rollout' | 'same'>> = {},
): HostBatch {
  const count = (mask: Float32Array): number => mask.reduce((sum, m) => sum + m, 0);
  const tokens = count(rows.mask);
  const chosen =
    kind === 'preferences'
      ? count(rows.mask.subarray(0, items * rows.length))
      : kind === 'augmented'
        ? count(rows.mask.subarray(items * rows.length, 2 * items * rows.length))
        : tokens;
  return {
    kind,
    rows,
    items,
    group: extra.group ?? 1,
    totals: { rows: rows.rows, tokens, chosenTokens: chosen },
    rollout: extra.rollout ?? null,
    same: extra.same ?? null,
  };
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
    return hostBatch('preferences', packRows([...side('chosen'), ...side('rejected')], maxLen), batchSize);
  }
  if (objective.data === 'augmented' && world.augment !== undefined) {
    const items = draw(() => world.augment?.(rng, 'train')).filter((a) => a !== undefined);
    return augmentedBatch(items, stage, policy, theta);
  }
  throw new Error(`${objective.id} cannot learn from this world's examples`);
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
  return hostBatch('augmented', packRows([...texts, ...chosen, ...rejected], policy.shape.maxLen), items.length, { same });
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
  switch (stage.objective.data) {
    case 'rollouts': {
      const rows = items(groups).flatMap((group) => Array.from({ length: pool.group }, (_, j) => group * pool.group + j));
      const rollout = {
        oldLogp: takeMatrix(pool.logp, pool.length, rows),
        advantages: takeMatrix(pool.advantages, pool.length, rows),
        rewards: Float32Array.from(rows, (row) => pool.rewards[row] as number),
      };
      return hostBatch('rollouts', takeRows(pool, rows), rows.length / pool.group, { group: pool.group, rollout });
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
      return hostBatch('preferences', takeRows(pool, rows), chosen.length);
    }
    case 'augmented':
      throw new Error('questions with a text are not made from samples');
    default:
      return stage.objective.data satisfies never;
  }
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
  const rows = Array.from({ length: pool.group }, (_, j) => group * pool.group + j);
  return rows.flatMap((winner) =>
    rows.filter((loser) => (pool.rewards[winner] as number) > (pool.rewards[loser] as number)).map((loser) => [winner, loser] as const),
  );
}

/** Cuts a batch into at most `parts` micro-batches of whole items. Their totals stay those of the whole batch. */
export function microBatches(batch: HostBatch, parts: number): HostBatch[] {
  const size = Math.ceil(batch.items / Math.min(parts, batch.items));
  if (size >= batch.items) return [batch];
  const blocks = BLOCKS[batch.kind];
  const cut: HostBatch[] = [];
  for (let start = 0; start < batch.items; start += size) {
    const items = Array.from({ length: Math.min(size, batch.items - start) }, (_, i) => start + i);
    const inBlock = items.flatMap((item) => Array.from({ length: batch.group }, (_, j) => item * batch.group + j));
    const rows = Array.from({ length: blocks }, (_, block) => inBlock.map((row) => row + block * batch.items)).flat();
    const { length } = batch.rows;
    cut.push({
      ...batch,
      rows: takeRows(batch.rows, rows),
      items: items.length,
      rollout:
        batch.rollout === null
          ? null
          : {
              oldLogp: takeMatrix(batch.rollout.oldLogp, length, rows),
              advantages: takeMatrix(batch.rollout.advantages, length, rows),
              rewards: Float32Array.from(rows, (row) => batch.rollout?.rewards[row] as number),
            },
      same: batch.same === null ? null : Float32Array.from(items, (item) => batch.same?.[item] as number),
    });
  }
  return cut;
}
