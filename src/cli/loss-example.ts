/** An input for `lab loss` that works, for every objective. */
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import type { Objective } from '../objectives/objective';
import { BLOCKS } from '../objectives/plain';
import { fieldsOf } from './loss-batch';

const LENGTH = 3;

/** Samples of one prompt: enough for objectives that look at several of them together. */
const SAMPLES = 8;
/** Questions of two principles each. */
const PRINCIPLES = 2;

/**
 * Two items, each with as many rows as its kind has, or samples of one prompt; completions of two and three tokens. The same at
 * each call.
 */
export function exampleOf(objective: Objective): { params: object; batch: Record<string, unknown> } {
  const params = defaultsOf(objective.params);
  const { data } = objective;
  const group = data === 'rollouts' ? SAMPLES : PRINCIPLES;
  const rows = data === 'rollouts' ? SAMPLES : data === 'contrasts' ? PRINCIPLES * PRINCIPLES : 2 * BLOCKS[data];
  const items = rows / BLOCKS[data];
  const rng = createRng(4).fork(data);
  const mask = Array.from({ length: rows }, (_, i) => Array.from({ length: LENGTH }, (_, t) => (t < LENGTH - (i % 2) ? 1 : 0)));
  const digits = (value: number): number => Math.round(100 * value) / 100;
  const matrix = (draw: () => number): number[][] => mask.map((row) => row.map((m) => m * digits(draw())));
  const list = (length: number, value: (i: number) => number): number[] => Array.from({ length }, (_, i) => digits(value(i)));
  const logp = matrix(() => -0.1 - 2 * rng.uniform());
  const near = (): number[][] => logp.map((row) => row.map((x) => (x === 0 ? 0 : digits(Math.min(x + 0.4 * rng.normal(), -0.01)))));
  const made: Readonly<Record<string, () => unknown>> = {
    logp: () => logp,
    refLogp: near,
    oldLogp: near,
    teacherLogp: near,
    mask: () => mask,
    entropy: () => matrix(() => 0.2 + rng.uniform()),
    values: () => matrix(() => rng.uniform()),
    oldValues: () => matrix(() => rng.uniform()),
    scores: () => list(rows, () => rng.normal()),
    // One is ahead of all others, for objectives that learn from the best alone.
    rewards: () => list(rows, (i) => (i === 4 ? 1 : i % 3 === 1 ? 0.75 : 0)),
    rewardBaselines: () => list(rows, () => 0.5),
    draws: () => matrix(() => rng.uniform()),
    labels: () => list(items, (i) => i % 2),
    margins: () => list(items, () => 0.5 * rng.uniform()),
    wins: () => list(items, (i) => i % 2),
    same: () => list(items, (i) => i % 2),
    group: () => group,
    carried: () => objective.carries,
  };
  // Advantages and returns follow from the rewards.
  const names = Object.keys(fieldsOf({ objective, params: params as never })).filter((name) => Object.hasOwn(made, name));
  return { params, batch: Object.fromEntries(names.map((name) => [name, made[name]?.()])) };
}
