import { describe, expect, it } from 'vitest';
import { awr } from './awr';
import { dft } from './dft';
import { prefFt } from './pref-ft';
import { rwr } from './rwr';
import { advantagesOf, batchOf, evaluate } from './testing';

describe('rwr', () => {
  const batch = batchOf('rollouts', {
    logp: [
      [-1, -2],
      [-0.5, 0],
    ],
    mask: [
      [1, 1],
      [1, 0],
    ],
    rewards: [1, 0],
    group: 2,
  });

  it('weighs samples by the exponential of their reward, over the mean of all', () => {
    // e^(1 / .5) and 1 over their mean; every token carries its row's weight.
    const mean = (Math.exp(2) + 1) / 2;
    const { advantages } = advantagesOf(rwr, batch, { beta: 0.5, normalised: true });
    const [high, low] = [Math.exp(2) / mean, 1 / mean];
    expect(advantages).toEqual([
      [expect.closeTo(high, 5), expect.closeTo(high, 5)],
      [expect.closeTo(low, 5), 0],
    ]);
    const { loss, gradient, diagnostics } = evaluate(rwr, { ...batch, advantages }, { beta: 0.5, normalised: true });
    expect(loss).toBeCloseTo((high * 3 + low * 0.5) / 2, 5);
    expect(gradient[0]).toEqual([expect.closeTo(-high / 2, 5), expect.closeTo(-high / 2, 5)]);
    expect(diagnostics['weights/mean']).toBeCloseTo(1, 5);
  });

  it('leaves the weights as they are where they are not to be normalised', () => {
    const { advantages } = advantagesOf(rwr, batch, { beta: 1, normalised: false });
    expect(advantages[0]?.[0]).toBeCloseTo(Math.E, 5);
    expect(advantages[1]?.[0]).toBeCloseTo(1, 6);
  });

  it('does not overflow at a small beta', () => {
    const { advantages } = advantagesOf(rwr, { ...batch, rewards: [100, 0] }, { beta: 0.01, normalised: true });
    expect(advantages).toEqual([
      [2, 2],
      [0, 0],
    ]);
  });

  it('converges to the reference tilted by the reward', () => {
    const problem = { reference: [0.5, 0.3, 0.2], reward: [0, 1, 2], group: 1, teachers: [] };
    const weights = [0.5, 0.3 * Math.E, 0.2 * Math.E ** 2];
    const total = weights.reduce((sum, w) => sum + w, 0);
    expect(rwr.optimum?.({ ...problem, params: { beta: 1, normalised: true } })).toEqual(weights.map((w) => expect.closeTo(w / total, 10)));
  });
});

describe('awr', () => {
  const params = { beta: 1, max_weight: 3, vf_coef: 0.5 };
  const batch = batchOf('rollouts', {
    logp: [[-1], [-2]],
    rewards: [2, 0],
    values: [[1], [1]],
    scores: [0, 0],
    group: 2,
  });

  it('weighs by the advantage over the value, bounded, and fits the value', () => {
    const { advantages, returns } = advantagesOf(awr, { ...batch, rewards: [3, 0] }, params);
    // e^2 is above the bound of 3; e^-1 is not.
    expect(advantages).toEqual([[expect.closeTo(3, 5)], [expect.closeTo(Math.exp(-1), 6)]]);
    expect(returns).toEqual([[3], [0]]);
    const { loss, terms, gradients } = evaluate(awr, { ...batch, advantages, returns }, params);
    // (3 x 1 + e^-1 x 2) / 2 rows, and half of .5 times (4 + 1) / 2 tokens.
    expect(terms.policy).toBeCloseTo((3 + 2 * Math.exp(-1)) / 2, 5);
    expect(terms.value).toBeCloseTo(0.625, 6);
    expect(loss).toBeCloseTo((terms.policy as number) + 0.625, 5);
    // .5 (V - r) over two tokens.
    expect(gradients.values).toEqual([[expect.closeTo(-0.5, 6)], [expect.closeTo(0.25, 6)]]);
  });

  it('converges to the reference under its bounded weights', () => {
    const problem = { reference: [0.5, 0.3, 0.2], reward: [0, 1, 2], group: 1, teachers: [] };
    // The mean reward is .7; e^1.3 is above the bound of 3.
    const weights = [0.5 * Math.exp(-0.7), 0.3 * Math.exp(0.3), 0.2 * 3];
    const total = weights.reduce((sum, w) => sum + w, 0);
    expect(awr.optimum?.({ ...problem, params })).toEqual(weights.map((w) => expect.closeTo(w / total, 10)));
  });
});

describe('dft', () => {
  it('pulls each token by its own probability', () => {
    const batch = batchOf('demonstrations', { logp: [[Math.log(0.5), Math.log(0.25)]] });
    const { loss, gradient } = evaluate(dft, batch, {});
    // -(.5 log .5 + .25 log .25) / 2 = (.5 + .5) log 2 / 2; the weight is a constant, so the slopes are -.5 / 2 and -.25 / 2.
    expect(loss).toBeCloseTo(Math.LN2 / 2, 6);
    expect(gradient).toEqual([[expect.closeTo(-0.25, 6), expect.closeTo(-0.125, 6)]]);
  });
});

describe('pref-ft', () => {
  it('imitates the chosen completion and leaves the rejected one alone', () => {
    const batch = batchOf('preferences', {
      logp: [
        [-1, -2],
        [-3, 0],
      ],
      mask: [
        [1, 1],
        [1, 0],
      ],
      entropy: [
        [1, 2],
        [9, 9],
      ],
    });
    const { loss, gradient, diagnostics } = evaluate(prefFt, batch, {});
    expect(loss).toBeCloseTo(1.5, 6);
    expect(gradient).toEqual([
      [-0.5, -0.5],
      [0, 0],
    ]);
    expect(diagnostics).toMatchObject({ 'logps/chosen': -3, 'logps/rejected': -3, entropy: 1.5 });
  });
});
