import { describe, expect, it } from 'vitest';
import { tilted } from '../metrics/exact';
import { reinforce } from './reinforce';
import { batchOf, evaluate, advantagesOf as judged } from './testing';

const advantagesOf = (...given: Parameters<typeof judged>) => judged(...given).advantages;

const close = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

describe('reinforce', () => {
  const batch = batchOf('rollouts', {
    logp: [
      [-1, -2],
      [-3, 0],
    ],
    refLogp: [
      [-1.5, -2.5],
      [-1, 0],
    ],
    mask: [
      [1, 1],
      [1, 0],
    ],
    rewards: [3, 1],
    group: 2,
  });

  it('subtracts each baseline', () => {
    const given = (baseline: string) => advantagesOf(reinforce, batch, { baseline, beta: 0 });
    expect(given('none')).toEqual([
      [3, 3],
      [1, 0],
    ]);
    expect(advantagesOf(reinforce, batch, { baseline: 'running', beta: 0 }, { count: 8, mean: 0.5 })).toEqual([
      [2.5, 2.5],
      [0.5, 0],
    ]);
    expect(given('group')).toEqual([
      [1, 1],
      [-1, 0],
    ]);
    expect(given('leave-one-out')).toEqual([
      [2, 2],
      [-2, 0],
    ]);
  });

  it('takes beta times the summed log-ratio off the reward', () => {
    // Sums of k1: .5 + .5 = 1 and -2; 3 - .5 and 1 + 1.
    expect(advantagesOf(reinforce, batch, { baseline: 'none', beta: 0.5 })).toEqual([close([2.5, 2.5]), close([2, 0])]);
  });

  it('weighs summed log-probabilities, mean over samples', () => {
    const { loss, gradient, diagnostics } = evaluate(
      reinforce,
      {
        ...batch,
        advantages: [
          [2, 2],
          [-1, 0],
        ],
      },
      { baseline: 'none', beta: 0 },
    );
    // -(2 x -3 + -1 x -3) / 2 samples.
    expect(loss).toBe(1.5);
    expect(gradient).toEqual([
      [-1, -1],
      [0.5, 0],
    ]);
    // rho = .5, .5 and -2: k3 = e^-.5 - .5 twice and e^2 - 3, over 3 tokens.
    expect(diagnostics.kl).toBeCloseTo((2 * (Math.exp(-0.5) - 0.5) + Math.exp(2) - 3) / 3, 5);
  });
});

describe('reinforce optimum', () => {
  const reference = [0.4, 0.35, 0.05, 0.2];
  const reward = [0, 0.5, 1, 0.25];
  const params = { baseline: 'none', beta: 0.3 } as const;

  it('is where the expected gradient vanishes', () => {
    const best = reinforce.optimum?.({ reference, reward, teachers: [], params, group: 4 }) as number[];
    expect(best).toEqual(tilted(reference, reward, 0.3));
    const logp = best.map((p) => [Math.log(p)]);
    const batch = batchOf('rollouts', { logp, refLogp: reference.map((p) => [Math.log(p)]), rewards: reward, group: 4 });
    const advantages = advantagesOf(reinforce, batch, params);
    const slopes = evaluate(reinforce, { ...batch, advantages }, params).gradient.map((row) => row[0] as number);
    // d/dz_j of the expectation over the policy: p_j (slope_j - E[slope]).
    const mean = best.reduce((sum, p, i) => sum + p * (slopes[i] as number), 0);
    expect(best.map((p, j) => p * ((slopes[j] as number) - mean))).toEqual(close([0, 0, 0, 0], 6));
  });

  it('is the best reachable completion with beta 0', () => {
    expect(reinforce.optimum?.({ reference, reward, teachers: [], params: { ...params, beta: 0 }, group: 4 })).toEqual([0, 0, 1, 0]);
  });
});
