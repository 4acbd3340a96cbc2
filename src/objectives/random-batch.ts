/** Random batches of every kind, for dry runs and tests. */
import type { DataKind } from '../core/catalogue';
import type { Rng } from '../core/rng';
import { BLOCKS, type PlainBatch, rowsTogether } from './plain';

type Matrix = readonly (readonly number[])[];

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
    rewardBaselines: mask.map(() => rng.uniform()),
    draws: draw(() => rng.uniform()),
  };
}
