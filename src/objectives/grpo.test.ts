import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { tilted } from '../metrics/exact';
import { dapo } from './dapo';
import { drGrpo } from './dr-grpo';
import { grpo } from './grpo';
import { gspo } from './gspo';
import type { Outcome } from './plain';
import { reinforce } from './reinforce';
import { batchOf, evaluate, advantagesOf as judged, randomBatch } from './testing';

const advantagesOf = (...given: Parameters<typeof judged>) => judged(...given).advantages;

const defaults = defaultsOf(grpo.params);
const close = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

describe('grpo advantages', () => {
  const batch = batchOf('rollouts', {
    logp: [1, 2, 3, 4].map(() => [-1, -1]),
    mask: [1, 2, 3, 4].map(() => [0, 1]),
    rewards: [1, 0, 2, 6],
    group: 2,
  });
  const given = (scale_rewards: string) => advantagesOf(grpo, batch, { ...defaults, scale_rewards });

  it('fall on completion tokens only', () => {
    expect(given('none')).toEqual([
      [0, 0.5],
      [0, -0.5],
      [0, -2],
      [0, 2],
    ]);
  });

  it('are divided by the standard deviation of the group or of the batch', () => {
    // n - 1: sqrt(.5) and sqrt(8) in the groups; mean 2.25 and squares 1.5625 + 5.0625 + .0625 + 14.0625 = 20.75 in the batch.
    const [a, b, all] = [Math.sqrt(0.5) + 1e-4, Math.sqrt(8) + 1e-4, Math.sqrt(20.75 / 3) + 1e-4];
    const column = (rows: readonly (readonly number[])[]) => rows.map((row) => row[1]);
    expect(column(given('group'))).toEqual(close([0.5 / a, -0.5 / a, -2 / b, 2 / b]));
    expect(column(given('batch'))).toEqual(close([0.5 / all, -0.5 / all, -2 / all, 2 / all]));
  });

  it('are 0 where all samples earn the same', () => {
    expect(
      advantagesOf(grpo, { ...batch, rewards: [3, 3, 1, 1] }, defaults)
        .flat()
        .every((a) => a === 0),
    ).toBe(true);
  });
});

describe('grpo loss', () => {
  // Ratios 2 and 1 on the two tokens of the first completion, 1/2 on the one token of the second.
  const batch = batchOf('rollouts', {
    logp: [
      [-1, -1],
      [-1, 0],
    ],
    oldLogp: [
      [-1 - Math.LN2, -1],
      [-1 + Math.LN2, 0],
    ],
    mask: [
      [1, 1],
      [1, 0],
    ],
    advantages: [
      [1, 1],
      [-1, 0],
    ],
    group: 2,
  });

  it('clips each token by itself', () => {
    const { loss, gradient, diagnostics } = evaluate(grpo, batch, { ...defaults, epsilon_high: 0.28 });
    // -(1.28 + 1 - .8) / 3 tokens; only the unclipped token carries a gradient, -rho A / 3.
    expect(loss).toBeCloseTo(-1.48 / 3, 6);
    expect(gradient).toEqual([[expect.closeTo(0, 12), expect.closeTo(-1 / 3, 6)], close([0, 0], 12)]);
    expect(diagnostics).toEqual({
      kl: Number.NaN,
      entropy: 0,
      'ratio/mean': expect.closeTo(3.5 / 3, 6),
      'clip_ratio/low_mean': expect.closeTo(1 / 3, 6),
      'clip_ratio/high_mean': expect.closeTo(1 / 3, 6),
      'clip_ratio/region_mean': expect.closeTo(2 / 3, 6),
    });
  });

  it('keeps the gradient that leads back from beyond the bounds', () => {
    const swapped = {
      ...batch,
      advantages: [
        [-1, -1],
        [1, 0],
      ],
    };
    const { loss, gradient, diagnostics } = evaluate(grpo, swapped, defaults);
    // min(2 x -1, 1.2 x -1) = -2, -1, and min(.5, .8) = .5: nothing is clipped.
    expect(loss).toBeCloseTo(2.5 / 3, 6);
    expect(gradient).toEqual([close([2 / 3, 1 / 3]), close([-0.5 / 3, 0])]);
    expect(diagnostics['clip_ratio/region_mean']).toBe(0);
  });

  it('averages as each loss type says', () => {
    const loss = (loss_type: string) => evaluate(grpo, batch, { ...defaults, loss_type }).loss;
    // Token losses -1.2, -1 and .8: over 3 tokens; (-1.1 + .8) over 2 completions; over 2 rows of length 2.
    expect(loss('dapo')).toBeCloseTo(-1.4 / 3, 6);
    expect(loss('bnpo')).toBeCloseTo(-1.4 / 3, 6);
    expect(loss('grpo')).toBeCloseTo(-0.15, 6);
    expect(loss('dr_grpo')).toBeCloseTo(-0.35, 6);
  });

  it('can give a completion one ratio', () => {
    const { loss, gradient, diagnostics } = evaluate(grpo, batch, {
      ...defaults,
      importance_sampling_level: 'sequence',
      epsilon_high: 1,
    });
    // exp((log 2 + 0) / 2) = sqrt 2 on both tokens, unclipped; 1/2 clipped to .8 on the other completion.
    expect(loss).toBeCloseTo(-(2 * Math.SQRT2 - 0.8) / 3, 6);
    // d/dlogp of -2 sqrt 2 / 3: half of the log-ratio's slope for each token.
    expect(gradient).toEqual([close([-Math.SQRT2 / 3, -Math.SQRT2 / 3]), close([0, 0], 12)]);
    // Per completion: (sqrt 2 + 1/2) / 2, and one of two clipped.
    expect(diagnostics['ratio/mean']).toBeCloseTo((Math.SQRT2 + 0.5) / 2, 6);
    expect(diagnostics['clip_ratio/low_mean']).toBe(0.5);
  });

  it('adds beta times k3', () => {
    const refLogp = [
      [-1, -2],
      [-1, 0],
    ];
    const { loss, diagnostics } = evaluate(grpo, { ...batch, refLogp }, { ...defaults, beta: 0.5 });
    // rho = 0, 1, 0: k3 = 1 / e on one of three tokens.
    expect(loss).toBeCloseTo((-1.4 + 0.5 / Math.E) / 3, 6);
    expect(diagnostics.kl).toBeCloseTo(1 / Math.E / 3, 6);
  });

  it('bounds the ratio from above where the advantage is negative', () => {
    const swapped = {
      ...batch,
      advantages: [
        [-1, -1],
        [1, 0],
      ],
    };
    // The first ratio of 2 counts as 1.5 and carries no gradient any more: 1.5 + 1 - .5.
    const { loss, gradient } = evaluate(grpo, swapped, { ...defaults, delta: 1.5 });
    expect(loss).toBeCloseTo(2 / 3, 6);
    expect(gradient).toEqual([close([0, 1 / 3]), close([-0.5 / 3, 0])]);
  });

  it('takes the entropy off', () => {
    const entropy = [
      [1, 2],
      [3, 0],
    ];
    const { loss, terms, gradients } = evaluate(grpo, { ...batch, entropy }, { ...defaults, entropy_coef: 0.1 });
    expect(terms).toEqual({ policy: expect.closeTo(-1.4 / 3, 6), entropy: expect.closeTo(-0.2, 6) });
    expect(loss).toBeCloseTo(-1.4 / 3 - 0.2, 6);
    expect(gradients.entropy).toEqual([close([-0.1 / 3, -0.1 / 3]), close([-0.1 / 3, 0])]);
  });

  it('does not read the reference with beta 0', () => {
    const bare = evaluate(grpo, batch, defaults);
    const beside = evaluate(
      grpo,
      {
        ...batch,
        refLogp: [
          [-5, -5],
          [-5, 0],
        ],
      },
      defaults,
    );
    expect(beside.loss).toBe(bare.loss);
    expect(beside.gradient).toEqual(bare.gradient);
  });
});

describe('the KL of grpo', () => {
  // One token on a fresh sample without advantage: the KL alone. rho = log pi - log pi_ref = .5.
  const batch = batchOf('rollouts', { logp: [[-1]], refLogp: [[-1.5]] });
  const given = (params: object) => {
    const { terms, gradient } = evaluate(grpo, batch, { ...defaults, beta: 2, ...params });
    return [(terms.kl ?? Number.NaN) / 2, (gradient[0]?.[0] ?? Number.NaN) / 2];
  };
  const k3 = Math.exp(-0.5) - 0.5;

  it('is estimated by k1, k2 or k3 in the loss', () => {
    expect(given({ kl_estimator: 'k1' })).toEqual(close([0.5, 1]));
    expect(given({ kl_estimator: 'k2' })).toEqual(close([0.125, 0.5]));
    expect(given({})).toEqual(close([k3, 1 - Math.exp(-0.5)]));
  });

  it('has the log-ratio as its slope where k3 is weighted by the ratio: the reverse KL', () => {
    expect(given({ use_bias_correction_kl: true })).toEqual(close([k3, 0.5]));
  });

  it('can be taken off the reward instead', () => {
    const pair = batchOf('rollouts', { logp: [[-1], [-1]], refLogp: [[-1.5], [-0.5]], rewards: [1, 1], group: 2 });
    const params = { ...defaults, beta: 0.4, scale_rewards: 'none', use_kl_in_reward: true };
    // k1 .5 and -.5: rewards .8 and 1.2.
    expect(advantagesOf(grpo, pair, { ...params, kl_estimator: 'k1' }).flat()).toEqual(close([-0.2, 0.2]));
    // k2 is 1/8 on both sides.
    expect(advantagesOf(grpo, pair, { ...params, kl_estimator: 'k2' }).flat()).toEqual(close([0, 0]));
    expect(evaluate(grpo, pair, { ...params, kl_estimator: 'k1' }).terms.kl).toBeUndefined();
  });
});

describe('grpo at ratio 1', () => {
  const rewards = [1, 0, 0.5, 3];
  const fresh = (lengths: readonly number[]) => {
    const mask = lengths.map((length) => [0, 1, 2].map((t) => (t < length ? 1 : 0)));
    return batchOf('rollouts', { logp: mask.map((row) => row.map((m) => -0.7 * m)), mask, rewards, group: 2 });
  };
  const gradientOf = (objective: typeof grpo | typeof reinforce, batch: ReturnType<typeof fresh>, params: object) =>
    evaluate(objective, { ...batch, advantages: advantagesOf(objective, batch, params) }, params).gradient;
  const plain = { ...defaults, scale_rewards: 'none' };
  const group = { baseline: 'group', beta: 0 };

  it('has the gradient of REINFORCE, up to the row length, with dr_grpo', () => {
    const batch = fresh([1, 2, 3, 1]);
    const scaled = gradientOf(grpo, batch, { ...plain, loss_type: 'dr_grpo' }).map((row) => row.map((g) => 3 * g));
    expect(scaled).toEqual(gradientOf(reinforce, batch, group).map((row) => close(row, 6)));
  });

  it('has the gradient of REINFORCE, bit for bit, where completions are one token', () => {
    const batch = fresh([1, 1, 1, 1]);
    const expected = gradientOf(reinforce, batch, group);
    for (const loss_type of ['dapo', 'bnpo', 'grpo']) {
      expect(gradientOf(grpo, batch, { ...plain, loss_type })).toEqual(expected);
    }
  });
});

describe('the relatives of grpo', () => {
  const drawn = randomBatch('rollouts', createRng(4));
  const same = (one: Outcome, other: Outcome) => {
    expect(one.loss).toBe(other.loss);
    expect(one.gradient).toEqual(other.gradient);
  };

  it('dapo is grpo with a higher upper bound, and bnpo the same', () => {
    const params = defaultsOf(dapo.params);
    for (const loss_type of ['dapo', 'bnpo']) {
      same(evaluate(dapo, drawn, params), evaluate(grpo, drawn, { ...defaults, epsilon_high: 0.28, loss_type }));
    }
    expect(advantagesOf(dapo, drawn, params)).toEqual(advantagesOf(grpo, drawn, defaults));
  });

  it('dr-grpo is grpo without scale, over a constant length', () => {
    const params = defaultsOf(drGrpo.params);
    same(evaluate(drGrpo, drawn, params), evaluate(grpo, drawn, { ...defaults, loss_type: 'dr_grpo' }));
    expect(advantagesOf(drGrpo, drawn, params)).toEqual(advantagesOf(grpo, drawn, { ...defaults, scale_rewards: 'none' }));
  });

  it('gspo is grpo with one ratio for a completion', () => {
    const bounds = { epsilon: 0.1, epsilon_high: 0.3 };
    const sequence = { ...defaults, ...bounds, loss_type: 'grpo', importance_sampling_level: 'sequence' };
    same(evaluate(gspo, drawn, bounds), evaluate(grpo, drawn, sequence));
  });

  it('gspo is grpo where completions are one token', () => {
    const bounds = { epsilon: 0.2, epsilon_high: 0.2 };
    const short = batchOf('rollouts', {
      logp: [[-1], [-0.5], [-2], [-0.1]],
      oldLogp: [[-0.9], [-1.5], [-1.7], [-0.2]],
      advantages: [[1], [1], [-1], [-1]],
      group: 2,
    });
    same(evaluate(gspo, short, bounds), evaluate(grpo, short, defaults));
  });
});

describe('grpo optimum', () => {
  const reference = [0.4, 0.35, 0.05, 0.2];
  const reward = [0, 0.5, 1, 0.25];
  const params = { ...defaults, scale_rewards: 'none', beta: 0.3 } as const;
  const problem = { reference, reward, params, group: 4, teachers: [] };

  /**
   * Slope of the expected loss along each logit of a tabular policy p, samples fresh. The advantage of a sample of reward r,
   * averaged over the rest of its group, is (G - 1) / G (r - E[r]); a row of the batch is one completion.
   */
  const expectedSlope = (p: readonly number[]) => {
    const mean = reward.reduce((sum, r, i) => sum + r * (p[i] as number), 0);
    const batch = batchOf('rollouts', {
      logp: p.map((q) => [Math.log(q)]),
      refLogp: reference.map((q) => [Math.log(q)]),
      advantages: reward.map((r) => [0.75 * (r - mean)]),
      group: 4,
    });
    const slopes = evaluate(grpo, batch, params).gradient.map((row) => 4 * (row[0] as number));
    return p.map((q, j) => q * ((slopes[j] as number) - p.reduce((sum, other, y) => sum + other * (slopes[y] as number), 0)));
  };

  it('is where the expected gradient vanishes, which the tilted reference is not', () => {
    const best = grpo.optimum?.(problem) as number[];
    expect(expectedSlope(best)).toEqual(close([0, 0, 0, 0], 6));
    const slope = expectedSlope(tilted(reference, reward, 0.3 / 0.75));
    expect(Math.max(...slope.map(Math.abs))).toBeGreaterThan(0.01);
  });

  it('is the best reachable completion with beta 0 and unknown with a scale that moves', () => {
    expect(grpo.optimum?.({ ...problem, params: defaults })).toEqual([0, 0, 1, 0]);
    expect(grpo.optimum?.({ ...problem, params: { ...params, scale_rewards: 'group' } })).toBeNull();
  });

  it('follows what the estimator means', () => {
    const at = (changes: object) => grpo.optimum?.({ ...problem, params: { ...params, ...changes } });
    // The group's mean holds the sample itself: beta .3 counts as .4.
    const reverse = tilted(reference, reward, 0.4).map((p) => expect.closeTo(p, 12));
    expect(at({ kl_estimator: 'k2' })).toEqual(reverse);
    expect(at({ use_bias_correction_kl: true })).toEqual(reverse);
    expect(at({ kl_estimator: 'k1' })).toEqual([0, 0, 1, 0]);
    expect(at({ kl_estimator: 'k2', use_bias_correction_kl: true })).toBeNull();
    // In the reward the mean takes the same share of both.
    const inReward = { kl_estimator: 'k1', use_kl_in_reward: true, scale_rewards: 'group' };
    expect(at(inReward)).toEqual(tilted(reference, reward, 0.3).map((p) => expect.closeTo(p, 12)));
    expect(at({ ...inReward, kl_estimator: 'k3' })).toBeNull();
    // e^{r / c}, c = .3 x 4/3.
    const uniform = [0.25, 0.25, 0.25, 0.25];
    const free = tilted(uniform, reward, 0.4).map((p) => expect.closeTo(p, 12));
    expect(at({ beta: 0, entropy_coef: 0.3 })).toEqual(free);
  });
});
