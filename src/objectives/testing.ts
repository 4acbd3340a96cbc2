/** For the tests of this room: random batches, and batches cut, shuffled and padded. */
import type { DataKind } from '../core/catalogue';
import type { Rng } from '../core/rng';
import '../test/tf';
import { BLOCKS, type PlainBatch, rowsTogether } from './plain';

export { advantagesOf, batchOf, evaluate, type PlainBatch, totalsOf } from './plain';

type Matrix = readonly (readonly number[])[];

/** Units of a batch that cannot be torn apart, as row indices: rows, pairs, groups, or questions with a text. */
export function unitsOf(batch: PlainBatch): number[][] {
  const together = rowsTogether(batch.kind, batch.group);
  const blocks = BLOCKS[batch.kind];
  const count = batch.logp.length / blocks / together;
  return Array.from({ length: count }, (_, unit) =>
    Array.from({ length: blocks }, (_, block) => Array.from({ length: together }, (_, i) => block * count + unit * together + i)).flat(),
  );
}

/** The row indices of a batch made of these units. */
export function rowsOf(kind: DataKind, units: readonly (readonly number[])[]): number[] {
  if (BLOCKS[kind] === 1) return units.flat();
  return Array.from({ length: BLOCKS[kind] }, (_, block) => units.map((unit) => unit[block] as number)).flat();
}

/** The batch made of these rows. */
export function takeRows(batch: PlainBatch, rows: readonly number[]): PlainBatch {
  const take = <X>(values: readonly X[]): X[] => rows.map((row) => values[row] as X);
  const maybe = (matrix: Matrix | null): Matrix | null => (matrix === null ? null : take(matrix));
  // Rows of the first block stand for their items.
  const items = rows.slice(0, rows.length / BLOCKS[batch.kind]);
  const perItem = (values: readonly number[]): number[] => items.map((item) => values[item] as number);
  return {
    ...batch,
    logp: take(batch.logp),
    refLogp: maybe(batch.refLogp),
    entropy: take(batch.entropy),
    mask: take(batch.mask),
    values: maybe(batch.values),
    scores: batch.scores === null ? null : take(batch.scores),
    oldLogp: take(batch.oldLogp),
    advantages: take(batch.advantages),
    rewards: take(batch.rewards),
    returns: maybe(batch.returns),
    oldValues: maybe(batch.oldValues),
    teacherLogp: maybe(batch.teacherLogp),
    margins: perItem(batch.margins),
    labels: perItem(batch.labels),
    wins: perItem(batch.wins),
    same: perItem(batch.same),
  };
}

/** The same batch with columns of padding at the right. */
export function padColumns(batch: PlainBatch, columns: number): PlainBatch {
  const pad = (matrix: Matrix): Matrix => matrix.map((row) => [...row, ...new Array<number>(columns).fill(0)]);
  const maybe = (matrix: Matrix | null): Matrix | null => (matrix === null ? null : pad(matrix));
  return {
    ...batch,
    logp: pad(batch.logp),
    refLogp: maybe(batch.refLogp),
    entropy: pad(batch.entropy),
    mask: pad(batch.mask),
    values: maybe(batch.values),
    oldLogp: pad(batch.oldLogp),
    advantages: pad(batch.advantages),
    returns: maybe(batch.returns),
    oldValues: maybe(batch.oldValues),
    teacherLogp: maybe(batch.teacherLogp),
  };
}

/** Items, group and tokens of a random batch. */
const SIZES: Readonly<Record<DataKind, readonly [number, number, number]>> = {
  demonstrations: [6, 1, 7],
  preferences: [3, 1, 7],
  unpaired: [4, 1, 7],
  rollouts: [2, 4, 6],
  duels: [3, 1, 7],
  contrasts: [2, 2, 6],
  augmented: [3, 1, 7],
};

/** Rows with prompts and completions of different lengths, log-ratios up to about 1, and advantages of either sign. */
export function randomBatch(kind: DataKind, rng: Rng): PlainBatch {
  const [items, group, length] = SIZES[kind];
  const blockRows = items * rowsTogether(kind, group);
  const rows = blockRows * BLOCKS[kind];
  const mask = Array.from({ length: rows }, () => {
    const first = 1 + rng.below(2);
    const last = first + 1 + rng.below(length - first);
    return Array.from({ length }, (_, t) => (t >= first && t < last ? 1 : 0));
  });
  const draw = (value: () => number): number[][] => mask.map((row) => row.map((m) => m * value()));
  const near = (matrix: Matrix): number[][] => matrix.map((row) => row.map((x) => x && Math.min(x + 0.4 * rng.normal(), -0.01)));
  const logp = draw(() => -0.05 - 2 * rng.uniform());
  const rewards = mask.map(() => rng.uniform());
  const perItem = (value: (item: number) => number): number[] => Array.from({ length: blockRows }, (_, item) => value(item));
  const batch = {
    kind,
    logp,
    refLogp: near(logp),
    entropy: draw(() => 2 * rng.uniform()),
    mask,
    oldLogp: near(logp),
    advantages: mask.map((row) => {
      const advantage = rng.normal();
      return row.map((m) => m * advantage);
    }),
    rewards,
    group,
  };
  // Drawn after all that was there before, so that the batches of older kinds stay as they were.
  return {
    ...batch,
    values: draw(() => rng.normal()),
    scores: mask.map(() => rng.normal()),
    carried: null,
    returns: draw(() => rng.normal()),
    oldValues: draw(() => rng.normal()),
    teacherLogp: near(logp),
    margins: perItem(() => rng.uniform()),
    labels: perItem((item) => item % 2),
    wins: perItem((item) => (item % 3) / 2),
    same: perItem((item) => (item === 1 ? 1 : 0)),
  };
}
