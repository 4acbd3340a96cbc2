/** Batches as plain numbers, and an objective's loss, gradient and diagnostics on them: for `lab loss`, dry runs and tests. */
import * as tf from '@tensorflow/tfjs-core';
import type { DataKind } from '../core/catalogue';
import type { AdvantageInput, BatchByKind, HeadOutput, LossInput, Objective, Totals } from './objective';

type Matrix = readonly (readonly number[])[];

/** R rows of T tokens. Matrices are [R][T]. What an objective does not read may be null, or 0 throughout. */
export interface PlainBatch {
  readonly kind: DataKind;
  readonly logp: Matrix;
  readonly refLogp: Matrix | null;
  readonly entropy: Matrix;
  readonly mask: Matrix;
  /** The head, aligned with `logp`, and after the last token [R]. */
  readonly values: Matrix | null;
  readonly scores: readonly number[] | null;
  /** [S] */
  readonly carried: readonly number[] | null;
  /** Of `rollouts`. */
  readonly oldLogp: Matrix;
  readonly advantages: Matrix;
  readonly rewards: readonly number[];
  readonly returns: Matrix | null;
  readonly oldValues: Matrix | null;
  readonly teacherLogp: Matrix | null;
  /** [R] */
  readonly rewardBaselines: readonly number[] | null;
  /** Numbers in [0, 1) to choose tokens by. */
  readonly draws: Matrix | null;
  /** Rows of one prompt; of `contrasts`, principles. */
  readonly group: number;
  /** One number per item: of `preferences`, `unpaired`, `duels`, `augmented`. */
  readonly margins: readonly number[];
  readonly labels: readonly number[];
  readonly wins: readonly number[];
  readonly same: readonly number[];
}

export interface Outcome {
  readonly loss: number;
  /** [R][T] gradient of the loss with respect to logp. */
  readonly gradient: number[][];
  /** The same with respect to entropy [R][T], and to the head where there is one. */
  readonly gradients: { readonly entropy: number[][]; readonly values: number[][] | null; readonly scores: number[] | null };
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly terms: Readonly<Record<string, number>>;
  /** [S] what the batch adds to the carried sums. */
  readonly carry: readonly number[];
}

/** Blocks of a kind: rows of one item lie a block apart. Groups of `rollouts` and `contrasts` lie together instead. */
export const BLOCKS: Readonly<Record<DataKind, number>> = {
  demonstrations: 1,
  preferences: 2,
  unpaired: 2,
  rollouts: 1,
  duels: 2,
  contrasts: 1,
  augmented: 3,
};

/** Rows of one item that lie together in each block. */
export const rowsTogether = (kind: DataKind, group: number): number =>
  kind === 'rollouts' ? group : kind === 'contrasts' ? group * group : 1;

/**
 * Counts over a batch.
 * @param mask [rows, length]
 */
export function countTokens(kind: DataKind, mask: Float32Array, rows: number, length: number): Totals<number> {
  const count = (from: number, to: number): number => mask.subarray(from * length, to * length).reduce((sum, m) => sum + m, 0);
  const block = rows / BLOCKS[kind];
  const chosen = kind === 'augmented' ? block : 0;
  return { rows, tokens: count(0, rows), chosenTokens: count(chosen, chosen + block) };
}

/** Counts over a plain batch. */
export function totalsOf({ kind, mask }: PlainBatch): Totals<number> {
  return countTokens(kind, Float32Array.from(mask.flat()), mask.length, mask[0]?.length ?? 0);
}

/** What a hand-written batch may leave out: no reference, no entropy, no head, advantages and rewards 0, samples just drawn. */
export function batchOf(kind: DataKind, given: Partial<PlainBatch> & { readonly logp: Matrix }): PlainBatch {
  const zeros = given.logp.map((row) => row.map(() => 0));
  const items = Array.from({ length: Math.floor(given.logp.length / BLOCKS[kind]) }, () => 0);
  return {
    kind,
    refLogp: null,
    entropy: zeros,
    mask: zeros.map((row) => row.map(() => 1)),
    values: null,
    scores: null,
    carried: null,
    oldLogp: given.logp,
    advantages: zeros,
    rewards: zeros.map(() => 0),
    returns: null,
    oldValues: null,
    teacherLogp: null,
    rewardBaselines: null,
    draws: null,
    group: 1,
    margins: items,
    labels: items,
    wins: items,
    same: items,
    ...given,
  };
}

/** Loss, gradient and diagnostics. `totals` are those of the batch unless it is a part of a larger one. */
export function evaluate(objective: Objective, batch: PlainBatch, params: object, totals: Totals = totalsOf(batch)): Outcome {
  return tidied(() => {
    const input = (logp: tf.Tensor2D, entropy: tf.Tensor2D, head: HeadOutput | null): LossInput<DataKind, never> => ({
      logp,
      refLogp: matrixOrNull(batch.refLogp),
      entropy,
      mask: matrix(batch.mask),
      head,
      carried: batch.carried === null ? null : tf.tensor1d([...batch.carried]), // [S]
      batch: batchTensors(batch),
      totals,
      params: params as never,
    });
    const headless = batch.values === null || batch.scores === null;
    const at = [matrix(batch.logp), matrix(batch.entropy)];
    if (!headless) at.push(matrix(batch.values as Matrix), tf.tensor1d([...(batch.scores as readonly number[])]) as never);
    const lossAt = (logp: tf.Tensor, entropy: tf.Tensor, values?: tf.Tensor, scores?: tf.Tensor) =>
      objective.loss(
        input(
          logp as tf.Tensor2D,
          entropy as tf.Tensor2D,
          values === undefined ? null : { values: values as tf.Tensor2D, scores: scores as tf.Tensor1D },
        ),
      );
    const [logp, entropy, values, scores] = at as [tf.Tensor, tf.Tensor, tf.Tensor?, tf.Tensor?];
    const { loss, diagnostics, terms = {}, carry = [] } = lossAt(logp, entropy, values, scores);
    // tfjs refuses an input that the loss does not depend on; adding 0 times it leaves every gradient as it is.
    const touched = (...given: tf.Tensor[]): tf.Scalar =>
      given.reduce(
        (sum, x) => tf.add(sum, tf.mul(0, tf.sum(x))),
        lossAt(...(given as [tf.Tensor, tf.Tensor])).loss as tf.Tensor,
      ) as tf.Scalar;
    const [dLogp, dEntropy, dValues, dScores] = tf.grads(touched)(at);
    return {
      loss: numberOf(loss),
      gradient: plain(dLogp as tf.Tensor2D),
      gradients: {
        entropy: plain(dEntropy as tf.Tensor2D),
        values: dValues === undefined ? null : plain(dValues as tf.Tensor2D),
        scores: dScores === undefined ? null : Array.from(dScores.dataSync(), (x) => x + 0),
      },
      diagnostics: numbersOf(diagnostics),
      terms: numbersOf(terms),
      carry: carry.map(numberOf),
    };
  });
}

/**
 * What an objective makes of the rewards of a batch: advantages [R][T], and returns where it has a value head.
 * @throws Error for an objective that has no advantages
 */
export function advantagesOf(
  objective: Objective,
  batch: PlainBatch,
  params: object,
  seen = { count: 0, mean: 0 },
): { advantages: number[][]; returns: number[][] | null } {
  if (objective.advantages === undefined) throw new Error(`${objective.id} has no advantages`);
  const { advantages, returns } = objective;
  return tidied(() => {
    const input: AdvantageInput<never> = {
      rewards: tf.tensor1d([...batch.rewards]), // [R]
      group: batch.group,
      mask: matrix(batch.mask),
      oldLogp: matrix(batch.oldLogp),
      refLogp: matrixOrNull(batch.refLogp),
      values: matrixOrNull(batch.oldValues ?? batch.values),
      teacherLogp: matrixOrNull(batch.teacherLogp),
      rewardBaselines: batch.rewardBaselines === null ? null : tf.tensor1d([...batch.rewardBaselines]), // [R]
      seen,
      params: params as never,
    };
    return { advantages: plain(advantages(input)), returns: returns === undefined ? null : plain(returns(input)) };
  });
}

/** What a function of tensors gives in plain numbers, its tensors freed. */
function tidied<T>(compute: () => T): T {
  tf.engine().startScope();
  try {
    return compute();
  } finally {
    tf.engine().endScope();
  }
}

const matrix = (rows: Matrix): tf.Tensor2D => tf.tensor2d(rows as number[][]); // [R, T]
const matrixOrNull = (rows: Matrix | null): tf.Tensor2D | null => (rows === null ? null : matrix(rows)); // [R, T]
const numberOf = (x: tf.Tensor): number => x.dataSync()[0] as number;
const numbersOf = (scalars: Readonly<Record<string, tf.Tensor>>): Record<string, number> =>
  Object.fromEntries(Object.entries(scalars).map(([id, value]) => [id, numberOf(value)]));

/** As numbers, without the sign of zeros. */
const plain = (x: tf.Tensor2D): number[][] => x.arraySync().map((row) => row.map((value) => value + 0));

function batchTensors(batch: PlainBatch): BatchByKind[DataKind] {
  const list = (values: readonly number[]): tf.Tensor1D => tf.tensor1d([...values]);
  switch (batch.kind) {
    case 'demonstrations':
      return {};
    case 'preferences':
      return { margins: list(batch.margins) }; // [P]
    case 'unpaired':
      return { labels: list(batch.labels) }; // [N]
    case 'duels':
      return { wins: list(batch.wins) }; // [P]
    case 'contrasts':
      return { group: batch.group };
    case 'augmented':
      return { same: list(batch.same) }; // [N]
    case 'rollouts':
      return {
        oldLogp: matrix(batch.oldLogp),
        advantages: matrix(batch.advantages),
        rewards: list(batch.rewards), // [R]
        group: batch.group,
        ...(batch.returns === null ? {} : { returns: matrix(batch.returns) }),
        ...(batch.oldValues === null ? {} : { oldValues: matrix(batch.oldValues) }),
        ...(batch.draws === null ? {} : { draws: matrix(batch.draws) }),
      };
    default:
      return batch.kind satisfies never;
  }
}
