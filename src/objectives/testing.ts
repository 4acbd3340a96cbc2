/** For the tests of this room: random batches, and batches cut, shuffled and padded. */
import type { DataKind } from '../core/catalogue';
import '../test/tf';
import { BLOCKS, type PlainBatch, rowsTogether } from './plain';

export { advantagesOf, batchOf, evaluate, type PlainBatch, totalsOf } from './plain';
export { randomBatch } from './random-batch';

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
    rewardBaselines: batch.rewardBaselines === null ? null : take(batch.rewardBaselines),
    draws: maybe(batch.draws),
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
    draws: maybe(batch.draws),
  };
}
