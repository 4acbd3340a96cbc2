import { describe, expect, it } from 'vitest';
import { defaultsOf, type ParamValue } from '../core/params';
import { createRng } from '../core/rng';
import { OBJECTIVES, type ObjectiveId } from './index';
import type { Objective } from './objective';
import { advantagesOf, batchOf, evaluate, type PlainBatch, randomBatch } from './testing';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;
const settings = (id: ObjectiveId, params: Record<string, ParamValue>) => ({
  ...defaultsOf((REGISTRY[id] as Objective).params),
  ...params,
});
const advantages = (id: ObjectiveId, batch: PlainBatch, params: Record<string, ParamValue> = {}) =>
  advantagesOf(REGISTRY[id] as Objective, batch, settings(id, params)).advantages;
const close = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => expect.closeTo(x, 4)));

/** A completion of one token that earns 1, and one of three that earns nothing. */
const TWO = batchOf('rollouts', {
  logp: [
    [-1, 0, 0],
    [-1, -1, -1],
  ],
  mask: [
    [1, 0, 0],
    [1, 1, 1],
  ],
  rewards: [1, 0],
  group: 2,
});

/** Single tokens. */
const tokens = (rewards: number[], group: number, more: Partial<PlainBatch> = {}): PlainBatch =>
  batchOf('rollouts', { logp: rewards.map(() => [-1]), rewards, group, ...more });

describe('reinforce-pp', () => {
  it('normalises returns over the tokens of the batch', () => {
    // 1, 0, 0, 0: mean 1/4, variance (9 + 3) / 16 / 3 = 1/4.
    expect(advantages('reinforce-pp', TWO, { beta: 0 })).toEqual(
      close([
        [1.5, 0, 0],
        [-0.5, -0.5, -0.5],
      ]),
    );
  });

  it('discounts what comes later', () => {
    // One completion that earns 1 at its end: returns 1/2 and 1, mean 3/4, variance 1/8.
    const batch = batchOf('rollouts', { logp: [[-1, -1]], rewards: [1] });
    const apart = 0.25 / Math.sqrt(1 / 8);
    expect(advantages('reinforce-pp', batch, { beta: 0, gamma: 0.5 })).toEqual(close([[-apart, apart]]));
  });

  it('charges each token for its own log-ratio to the reference', () => {
    // Log-ratios 1 and 0, beta .5, nothing earned: returns -.5 and 0.
    const batch = batchOf('rollouts', { logp: [[-1, -1]], refLogp: [[-2, -1]], rewards: [0] });
    const apart = 0.25 / Math.sqrt(1 / 8);
    expect(advantages('reinforce-pp', batch, { beta: 0.5 })).toEqual(close([[-apart, apart]]));
  });
});

describe('reinforce-pp-baseline', () => {
  it('normalises what exceeds the mean of the group over the tokens of the batch', () => {
    // .5 and three of -.5 lie around -1/4 as 1 and three of 0 around 1/4.
    expect(advantages('reinforce-pp-baseline', TWO)).toEqual(close(advantages('reinforce-pp', TWO, { beta: 0 })));
  });

  it('has one scale for all groups, where GRPO has one for each', () => {
    // Spreads of 1 and .1: in GRPO both become the same.
    const batch = tokens([1, 0, 0.1, 0], 2);
    const [a, , c] = advantages('reinforce-pp-baseline', batch).flat();
    expect((a as number) / (c as number)).toBeCloseTo(10, 4);
    const [p, , q] = advantages('grpo', batch).flat();
    expect((p as number) / (q as number)).toBeCloseTo(1, 2);
  });
});

describe('opo', () => {
  it('has a baseline in which long completions count for more', () => {
    // (1 * 1 + 3 * 0) / 4.
    expect(advantages('opo', TWO)).toEqual(
      close([
        [0.75, 0, 0],
        [-0.25, -0.25, -0.25],
      ]),
    );
  });

  it('has the mean of the group for a baseline where all are of one length', () => {
    const batch = tokens([0.2, 0.9, 0.4, 0.1], 2);
    expect(advantages('opo', batch)).toEqual(close(advantages('grpo', batch, { scale_rewards: 'none' })));
  });
});

describe('gpg', () => {
  it('scales up by the share of samples that earn anything', () => {
    // Two of four earn: alpha 2 on .5 and -.5.
    const batch = tokens([1, 0, 0, 1], 2);
    expect(advantages('gpg', batch)).toEqual(close([[1], [-1], [-1], [1]]));
    expect(advantages('gpg', batch, { f_norm: 4 })).toEqual(close([[0.25], [-0.25], [-0.25], [0.25]]));
    expect(advantages('gpg', tokens([0, 0], 2))).toEqual([[0], [0]]);
  });

  it('has the gradient of the log-probabilities, whatever sampled them', () => {
    const { gradient, loss } = evaluate(
      REGISTRY.gpg as Objective,
      tokens([1, 0], 2, { advantages: [[3], [-1]], oldLogp: [[-4], [-2]] }),
      settings('gpg', {}),
    );
    expect(gradient).toEqual([[-1.5], [0.5]]);
    expect(loss).toBeCloseTo(1, 6);
  });
});

describe('grpo-passk', () => {
  it('raises the best sample by its lead over the second, and leaves the rest', () => {
    // .2, .9, .5: mean 8/15, squares (25 + 30.25 + .25) / 225, over 2.
    const deviation = Math.sqrt(55.5 / 225 / 2);
    const batch = tokens([0.2, 0.9, 0.5], 3);
    expect(advantages('grpo-passk', batch)).toEqual(close([[0], [0.4 / (deviation + 1e-4)], [0]]));
    expect(advantages('grpo-passk', batch, { norm_adv_by_std_in_grpo: false })).toEqual(close([[0], [0.4], [0]]));
  });

  it('teaches nobody where two share the first place, or one is alone', () => {
    expect(advantages('grpo-passk', tokens([1, 0, 1], 3)).flat()).toEqual([0, 0, 0]);
    expect(advantages('grpo-passk', tokens([1, 0], 1)).flat()).toEqual([0, 0]);
  });
});

describe('iw-opd', () => {
  // The teacher finds the first token likelier by 1 and the second less likely by 3.
  const batch = batchOf('rollouts', { logp: [[-2, -1]], teacherLogp: [[-1, -4]] });

  it('trusts the teacher less after disagreement', () => {
    // A quarter of all disagreement has passed at the second: weights 1.5 and 1 + .5 * .75.
    expect(advantages('iw-opd', batch)).toEqual(close([[1.5, -3 * 1.375]]));
  });

  it('is plain distillation with gamma 0, and where they agree', () => {
    expect(advantages('iw-opd', batch, { iw_opd_gamma: 0 })).toEqual(close(advantages('distillation', batch)));
    expect(advantages('iw-opd', { ...batch, teacherLogp: [[-2, -1]] })).toEqual([[0, 0]]);
  });
});

describe('a2po', () => {
  const [first, second] = [Math.log(3), 0];

  it('compares a reward with the value of the best policy', () => {
    // Drawn by the reference, at beta 1: V* = log((3 + 1) / 2).
    const batch = tokens([first, second], 2, { refLogp: [[-1], [-1]] });
    expect(advantages('a2po', batch, { beta1: 1 })).toEqual(close([[Math.log(1.5)], [-Math.log(2)]]));
  });

  it('finds the same value in samples of another policy', () => {
    // The reference has 1/2 each, the sampler 3/4 and 1/4: three of one and one of the other, V* = log((3 * 2/3 * 3 + 2) / 4) again.
    const old = [0.75, 0.75, 0.75, 0.25].map((p) => [Math.log(p)]);
    const refLogp = old.map(() => [Math.log(0.5)]);
    const batch = tokens([first, first, first, second], 4, { logp: old, oldLogp: old, refLogp });
    expect(advantages('a2po', batch, { beta1: 1 }).flat()[3]).toBeCloseTo(-Math.log(2), 5);
  });

  it('has no loss and no gradient at pi_ref e^(r / beta)', () => {
    const logp = [[Math.log(0.75)], [Math.log(0.25)]];
    const refLogp = [[Math.log(0.5)], [Math.log(0.5)]];
    const batch = tokens([first, second], 2, { logp, oldLogp: refLogp, refLogp });
    const params = { beta1: 1, beta2: 1 };
    const { loss, gradient } = evaluate(
      REGISTRY.a2po as Objective,
      { ...batch, advantages: advantages('a2po', batch, params) },
      settings('a2po', params),
    );
    expect(loss).toBeCloseTo(0, 10);
    expect(gradient).toEqual(close([[0], [0]]));
  });
});

it('does not matter to any of them in which order groups come', () => {
  const batch = { ...randomBatch('rollouts', createRng(6)), values: null, scores: null };
  const half = batch.rewards.length / 2;
  const turn = <X>(rows: readonly X[]): X[] => [...rows.slice(half), ...rows.slice(0, half)];
  const turned: PlainBatch = {
    ...batch,
    rewards: turn(batch.rewards),
    mask: turn(batch.mask),
    oldLogp: turn(batch.oldLogp),
    refLogp: turn(batch.refLogp ?? []),
    teacherLogp: turn(batch.teacherLogp ?? []),
  };
  for (const id of ['reinforce-pp', 'reinforce-pp-baseline', 'opo', 'gpg', 'grpo-passk', 'iw-opd', 'a2po'] as const) {
    expect(turn(advantages(id, batch)), id).toEqual(close(advantages(id, turned)));
  }
});
