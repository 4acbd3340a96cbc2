import { describe, expect, it } from 'vitest';
import { defaultsOf, type ParamValue } from '../core/params';
import { createRng } from '../core/rng';
import { clipCov } from './clip-cov';
import { dapo } from './dapo';
import { klCov } from './kl-cov';
import type { Objective } from './objective';
import { batchOf, evaluate, type PlainBatch, padColumns, randomBatch, rowsOf, takeRows, unitsOf } from './testing';

const at = (objective: Objective, batch: PlainBatch, params: Record<string, ParamValue> = {}) =>
  evaluate(objective, { ...batch, refLogp: null, values: null, scores: null }, { ...defaultsOf(objective.params), ...params });

const close = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => expect.closeTo(x, 5)));

/** Four completions of one token. */
const batch = (logp: number[], advantages: number[], given: Partial<PlainBatch> = {}): PlainBatch =>
  batchOf('rollouts', {
    logp: logp.map((x) => [x]),
    advantages: advantages.map((x) => [x]),
    draws: [[0.1], [0.9], [0.5], [0.3]],
    ...given,
  });

// Means -2 and 0, so covariances of 2 * 1, 2 * .5, 2 * 0 and -2 * -1.5.
const APART = batch([-1, -1.5, -2, -3.5], [2, 2, -2, -2]);
const RANDOM = randomBatch('rollouts', createRng(4));

describe('clip-cov', () => {
  it('leaves out the candidate with the largest draw', () => {
    // Between .5 and 5 lie 2, 1 and 3. The second token has the largest draw; each other pulls with a quarter of its advantage.
    const { loss, gradient, diagnostics } = at(clipCov, APART, { clip_cov_lb: 0.5 });
    expect(gradient).toEqual(close([[-0.5], [0], [0.5], [0.5]]));
    expect(loss).toBeCloseTo(0.5, 5);
    // (2 + 1 + 0 + 3) / 4.
    expect(diagnostics).toMatchObject({ 'actor/pg_clipfrac': 0.25, covariance: expect.closeTo(1.5, 5) });
  });

  it('leaves out none where no covariance lies between the bounds', () => {
    const { gradient, diagnostics } = at(clipCov, APART, { clip_cov_lb: 3.5 });
    expect(gradient).toEqual(at(dapo, APART, { epsilon_high: 0.2 }).gradient);
    expect(diagnostics['actor/pg_clipfrac']).toBe(0);
  });

  it('leaves out as many as the share says, and all candidates where there are fewer', () => {
    const wide = { clip_cov_lb: -5, clip_cov_ub: 5 };
    expect(at(clipCov, APART, { ...wide, clip_cov_ratio: 0.5 }).gradient).toEqual(close([[-0.5], [0], [0], [0.5]]));
    expect(at(clipCov, APART, { clip_cov_lb: 2.5, clip_cov_ratio: 1 }).gradient).toEqual(close([[-0.5], [-0.5], [0.5], [0]]));
  });

  it('does not choose a token that is clipped anyway', () => {
    // The second token has grown by e^.5, past 1.2: it has no gradient to lose, so the next in the order goes.
    const grown = { ...APART, oldLogp: [[-1], [-2], [-2], [-3.5]] };
    const { gradient } = at(clipCov, grown, { clip_cov_lb: 0.5 });
    expect(gradient).toEqual(close([[-0.5], [0], [0.5], [0]]));
  });

  it('is the mean over all choices where the draws are equal', () => {
    const params = { clip_cov_lb: 0.5, clip_cov_ub: 5 };
    const one = (draws: number[]) => at(clipCov, { ...APART, draws: draws.map((x) => [x]) }, params);
    const choices = [one([1, 0, 0, 0]), one([0, 1, 0, 0]), one([0, 0, 0, 1])];
    const mean = (read: (outcome: (typeof choices)[number]) => number) => choices.reduce((sum, c) => sum + read(c) / 3, 0);
    const equal = one([0.4, 0.4, 0.4, 0.4]);
    expect(equal.loss).toBeCloseTo(
      mean(({ loss }) => loss),
      5,
    );
    expect(equal.gradient).toEqual(close(APART.logp.map((_, i) => [mean(({ gradient }) => gradient[i]?.[0] as number)])));
  });

  it('has a closed form only while few tokens are left out', () => {
    const optimum = (clip_cov_ratio: number) =>
      clipCov.optimum?.({
        reference: [0.5, 0.3, 0.2],
        reward: [0, 1, 0.5],
        params: { ...defaultsOf(clipCov.params), clip_cov_ratio },
        group: 4,
        teachers: [],
      });
    expect(optimum(0.0002)).toEqual([0, 1, 0]);
    expect(optimum(0.5)).toBeNull();
  });

  it('says so without draws', () => {
    expect(() => at(clipCov, { ...APART, draws: null })).toThrow('a number for each token');
  });
});

describe('kl-cov', () => {
  /** Ratios of e^.5 and e^-.5. */
  const moved = { ...APART, oldLogp: [[-1.5], [-2], [-2], [-3]] };

  it('holds the tokens of the largest covariance, without clipping any', () => {
    // The covariances stay 2, 1, 0 and 3: the fourth is held, and has fallen since it was sampled.
    const { loss, gradient, terms, diagnostics } = at(klCov, moved, { ppo_kl_coef: 0.4 });
    const [up, down] = [Math.exp(0.5), Math.exp(-0.5)];
    expect(gradient).toEqual(close([[-up / 2], [-up / 2], [0.5], [down / 2 - 0.1]]));
    expect(terms).toEqual({ policy: expect.closeTo((-4 * up + 2 + 2 * down) / 4, 5), kl: expect.closeTo(0.05, 6) });
    expect(loss).toBeCloseTo((-4 * up + 2 + 2 * down) / 4 + 0.05, 5);
    expect(diagnostics).toMatchObject({
      'actor/ppo_kl': expect.closeTo(0.375, 6),
      'ratio/mean': expect.closeTo((2 * up + 1 + down) / 4, 5),
    });
  });

  it('holds as many as the share says', () => {
    const held = (kl_cov_ratio: number) => at(klCov, moved, { kl_cov_ratio, ppo_kl_coef: 4 }).terms.kl;
    // Of distances .5, .5, 0 and .5, in the order of the covariances: .5, then .5 twice more, then 0.
    expect([0.25, 0.5, 0.75, 1].map(held)).toEqual([0.5, 1, 1.5, 1.5].map((x) => expect.closeTo(x, 5)));
  });

  it('shares the penalty among completions that are alike', () => {
    // Covariances .75, .75, .25 and 1.25: the fourth is held, and for one more there are two that are equal.
    const alike = batch([-1, -1, -2, -2], [3, 3, 1, -1], { oldLogp: [[-1.5], [-1.5], [-2], [-2]] });
    const { gradient, terms } = at(klCov, alike, { kl_cov_ratio: 0.5, ppo_kl_coef: 0.4 });
    const twin = (-3 * Math.exp(0.5) + 0.4 / 2) / 4;
    expect(gradient).toEqual(close([[twin], [twin], [-0.25], [0.25]]));
    expect(terms.kl).toBeCloseTo(0.05, 6);
  });

  it('is the policy gradient on fresh samples, whatever the coefficient', () => {
    const fresh = { ...RANDOM, oldLogp: RANDOM.logp };
    const { gradient, terms } = at(klCov, fresh, { ppo_kl_coef: 100, kl_cov_ratio: 1 });
    expect(gradient).toEqual(close(at(dapo, fresh).gradient));
    expect(terms.kl).toBe(0);
    // Rounding between sampling and scoring is no movement.
    const rounded = { ...fresh, oldLogp: fresh.logp.map((row) => row.map((x) => x * (1 + 1e-6))) };
    expect(at(klCov, rounded, { ppo_kl_coef: 100, kl_cov_ratio: 1 }).gradient).toEqual(close(gradient));
  });
});

/** Shares at which many tokens are chosen, some of them equal. */
const CHOOSING = [
  [clipCov, { clip_cov_ratio: 0.2, clip_cov_lb: -5 }],
  [klCov, { kl_cov_ratio: 0.2 }],
] as const;

describe.each(CHOOSING)('$id at a large share', (objective, params) => {
  const twins: PlainBatch = takeRows(RANDOM, [0, 1, 0, 1, 4, 5, 6, 7]);

  it('does not depend on the order of groups, nor on padding', () => {
    const whole = at(objective, twins, params);
    const rows = rowsOf('rollouts', unitsOf(twins).reverse());
    const shuffled = at(objective, padColumns(takeRows(twins, rows), 2), params);
    expect(shuffled.loss).toBeCloseTo(whole.loss, 6);
    const back = rows.map((_, i) => shuffled.gradient[rows.indexOf(i)]?.slice(0, RANDOM.mask[0]?.length) as number[]);
    expect(back).toEqual(close(whole.gradient));
  });

  it('leaves masked tokens without any gradient', () => {
    const masked = at(objective, twins, params).gradient.flatMap((row, i) => row.filter((_, t) => twins.mask[i]?.[t] === 0));
    expect(masked.every((g) => g === 0)).toBe(true);
  });
});
