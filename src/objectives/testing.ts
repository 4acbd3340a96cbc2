/** For the tests of this room: batches as plain numbers, and an objective's loss, gradient and diagnostics on them. */
import type { DataKind } from '../core/catalogue';
import type { Rng } from '../core/rng';
import { tf } from '../test/tf';
import type { BatchByKind, LossInput, Objective, Totals } from './objective';

type Matrix = number[][];

/** Rows of T tokens. All matrices are [R][T], all vectors [R]. */
export interface PlainBatch {
  readonly kind: DataKind;
  readonly logp: Matrix;
  readonly refLogp: Matrix | null;
  readonly entropy: Matrix;
  readonly mask: Matrix;
  /** Of `rollouts`. */
  readonly oldLogp: Matrix;
  readonly advantages: Matrix;
  readonly rewards: number[];
  readonly group: number;
  /** Of `augmented`: one flag per row; those of the texts are read. */
  readonly same: number[];
}

export interface Outcome {
  readonly loss: number;
  /** [R][T] gradient of the loss with respect to logp. */
  readonly gradient: Matrix;
  readonly diagnostics: Readonly<Record<string, number>>;
}

/** What a hand-written batch may leave out: no reference, no entropy, advantages and rewards 0, samples just drawn. */
export function batchOf(kind: DataKind, given: Partial<PlainBatch> & { readonly logp: Matrix }): PlainBatch {
  const zeros = given.logp.map((row) => row.map(() => 0));
  return {
    kind,
    refLogp: null,
    entropy: zeros,
    mask: zeros.map((row) => row.map(() => 1)),
    oldLogp: given.logp,
    advantages: zeros,
    rewards: zeros.map(() => 0),
    group: 1,
    same: zeros.map(() => 0),
    ...given,
  };
}

/** Units of a batch that cannot be torn apart, as row indices: rows, pairs, groups, or questions with a text. */
export function unitsOf(batch: PlainBatch): number[][] {
  const rows = batch.logp.length;
  const count = { demonstrations: rows, preferences: rows / 2, rollouts: rows / batch.group, augmented: rows / 3 }[batch.kind];
  const step = batch.kind === 'rollouts' ? 1 : count;
  return Array.from({ length: count }, (_, unit) =>
    Array.from({ length: rows / count }, (_, i) => (batch.kind === 'rollouts' ? unit * batch.group + i : unit + i * step)),
  );
}

/** The row indices of a batch made of these units. */
export function rowsOf(kind: DataKind, units: readonly (readonly number[])[]): number[] {
  if (kind === 'rollouts') return units.flat();
  return Array.from({ length: units[0]?.length ?? 0 }, (_, i) => units.map((unit) => unit[i] as number)).flat();
}

/** The batch made of these rows. */
export function takeRows(batch: PlainBatch, rows: readonly number[]): PlainBatch {
  const take = <X>(values: readonly X[]): X[] => rows.map((row) => values[row] as X);
  return {
    ...batch,
    logp: take(batch.logp),
    refLogp: batch.refLogp === null ? null : take(batch.refLogp),
    entropy: take(batch.entropy),
    mask: take(batch.mask),
    oldLogp: take(batch.oldLogp),
    advantages: take(batch.advantages),
    rewards: take(batch.rewards),
    same: take(batch.same),
  };
}

/** The same batch with columns of padding at the right. */
export function padColumns(batch: PlainBatch, columns: number): PlainBatch {
  const pad = (matrix: Matrix): Matrix => matrix.map((row) => [...row, ...new Array<number>(columns).fill(0)]);
  return {
    ...batch,
    logp: pad(batch.logp),
    refLogp: batch.refLogp === null ? null : pad(batch.refLogp),
    entropy: pad(batch.entropy),
    mask: pad(batch.mask),
    oldLogp: pad(batch.oldLogp),
    advantages: pad(batch.advantages),
  };
}

/** Counts over a batch. */
export function totalsOf(batch: PlainBatch): Totals<number> {
  const tokens = (rows: Matrix): number => rows.flat().reduce((sum, m) => sum + m, 0);
  const rows = batch.mask.length;
  const chosen = { demonstrations: [0, rows], preferences: [0, rows / 2], rollouts: [0, rows], augmented: [rows / 3, (2 * rows) / 3] };
  return { rows, tokens: tokens(batch.mask), chosenTokens: tokens(batch.mask.slice(...chosen[batch.kind])) };
}

/** Rows with prompts and completions of different lengths, log-ratios up to about 1, and advantages of either sign. */
export function randomBatch(kind: DataKind, rng: Rng): PlainBatch {
  const [units, perUnit, length] = { demonstrations: [6, 1, 7], preferences: [3, 2, 7], rollouts: [2, 4, 6], augmented: [3, 3, 7] }[
    kind
  ] as [number, number, number];
  const rows = units * perUnit;
  const mask = Array.from({ length: rows }, () => {
    const first = 1 + rng.below(2);
    const last = first + 1 + rng.below(length - first);
    return Array.from({ length }, (_, t) => (t >= first && t < last ? 1 : 0));
  });
  const draw = (value: () => number): Matrix => mask.map((row) => row.map((m) => m * value()));
  const near = (matrix: Matrix): Matrix => matrix.map((row) => row.map((x) => x && Math.min(x + 0.4 * rng.normal(), -0.01)));
  const logp = draw(() => -0.05 - 2 * rng.uniform());
  const rewards = mask.map(() => rng.uniform());
  return {
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
    group: perUnit,
    same: mask.map((_, row) => (row % units === 1 ? 1 : 0)),
  };
}

/** Loss, gradient and diagnostics. `totals` are those of the batch unless it is a part of a larger one. */
export function evaluate(objective: Objective, batch: PlainBatch, params: object, totals = totalsOf(batch)): Outcome {
  return tf.tidy(() => {
    const input = (logp: tf.Tensor2D): LossInput<DataKind, never> => ({
      logp,
      refLogp: batch.refLogp === null ? null : tf.tensor2d(batch.refLogp),
      entropy: tf.tensor2d(batch.entropy),
      mask: tf.tensor2d(batch.mask),
      batch: batchTensors(batch),
      totals,
      params: params as never,
    });
    const logp = tf.tensor2d(batch.logp);
    const { loss, diagnostics } = objective.loss(input(logp));
    const gradient = tf.grad((x) => objective.loss(input(x as tf.Tensor2D)).loss)(logp) as tf.Tensor2D;
    const numbers = Object.entries(diagnostics).map(([id, value]) => [id, value.dataSync()[0] as number]);
    return { loss: loss.dataSync()[0] as number, gradient: plain(gradient), diagnostics: Object.fromEntries(numbers) };
  });
}

/** The advantages that an objective gives to the rewards of a batch, [R][T]. */
export function advantagesOf(objective: Objective, batch: PlainBatch, params: object): Matrix {
  if (objective.advantages === undefined) throw new Error(`${objective.id} has no advantages`);
  const { advantages } = objective;
  return tf.tidy(() =>
    plain(
      advantages({
        rewards: tf.tensor1d(batch.rewards),
        group: batch.group,
        mask: tf.tensor2d(batch.mask),
        oldLogp: tf.tensor2d(batch.oldLogp),
        refLogp: batch.refLogp === null ? null : tf.tensor2d(batch.refLogp),
        params: params as never,
      }),
    ),
  );
}

/** As numbers, without the sign of zeros, which toEqual would mind. */
const plain = (x: tf.Tensor2D): Matrix => x.arraySync().map((row) => row.map((value) => value + 0));

function batchTensors(batch: PlainBatch): BatchByKind[DataKind] {
  return {
    oldLogp: tf.tensor2d(batch.oldLogp),
    advantages: tf.tensor2d(batch.advantages),
    rewards: tf.tensor1d(batch.rewards),
    group: batch.group,
    same: tf.tensor1d(batch.same.slice(0, batch.same.length / 3)),
  };
}
