import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { reinforce } from './reinforce';
import { rloo } from './rloo';
import { advantagesOf, batchOf, evaluate, randomBatch } from './testing';

const defaults = defaultsOf(rloo.params);
const close = (rows: readonly (readonly number[])[], digits = 6) => rows.map((row) => row.map((value) => expect.closeTo(value, digits)));

describe('rloo', () => {
  const batch = batchOf('rollouts', {
    logp: [
      [-1, -2],
      [-3, 0],
    ],
    mask: [
      [1, 1],
      [1, 0],
    ],
    rewards: [3, 1],
    group: 2,
  });
  const judged = (params: object) => advantagesOf(rloo, batch, { ...defaults, ...params }).advantages;

  it('compares a reward with the mean of the others', () => {
    expect(judged({ beta: 0 })).toEqual([
      [2, 2],
      [-2, 0],
    ]);
  });

  it('takes the KL of the whole completion off its reward', () => {
    const refLogp = [
      [-1.5, -2.5],
      [-1, 0],
    ];
    // Sums of k1: 1 and -2; with beta .5 rewards 2.5 and 2.
    expect(advantagesOf(rloo, { ...batch, refLogp }, { ...defaults, beta: 0.5 }).advantages).toEqual(
      close([
        [0.5, 0.5],
        [-0.5, 0],
      ]),
    );
  });

  it('can divide advantages by their deviation over all samples', () => {
    // Mean 0 and deviation sqrt(8): 2 / (sqrt(8) + 1e-4).
    const one = 2 / (Math.sqrt(8) + 1e-4);
    expect(judged({ beta: 0, normalize_advantages: true })).toEqual(
      close([
        [one, one],
        [-one, 0],
      ]),
    );
  });

  it('clips the ratio of a completion as a whole', () => {
    // Log-ratios .1 + .1 and -.3: ratios e^.2 = 1.2214, clipped to 1.2, and e^-.3 = .7408, clipped to .8 where that is worse.
    const aged = {
      ...batch,
      refLogp: batch.logp,
      oldLogp: [
        [-1.1, -2.1],
        [-2.7, 0],
      ],
      advantages: [
        [1, 1],
        [-2, 0],
      ],
    };
    const { loss, gradient, diagnostics } = evaluate(rloo, aged, defaults);
    expect(loss).toBeCloseTo(-(1.2 - 2 * 0.8) / 2, 6);
    expect(gradient).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(diagnostics['clip_ratio/high_mean']).toBe(0.5);
    expect(diagnostics['clip_ratio/low_mean']).toBe(0.5);
    // Without bounds in the way each token has the ratio times the advantage.
    const free = evaluate(rloo, aged, { ...defaults, epsilon: 1, epsilon_high: 10 });
    const [first, second] = [Math.exp(0.2), Math.exp(-0.3)];
    expect(free.gradient).toEqual(
      close([
        [-first / 2, -first / 2],
        [second, 0],
      ]),
    );
  });
});

it('has the gradient of REINFORCE with leave-one-out on fresh samples', () => {
  const drawn = randomBatch('rollouts', createRng(5));
  const fresh = { ...drawn, oldLogp: drawn.logp };
  const gradient = (objective: typeof rloo | typeof reinforce, params: object) =>
    evaluate(objective, { ...fresh, advantages: advantagesOf(objective, fresh, params).advantages }, params).gradient;
  expect(gradient(rloo, { ...defaults, beta: 0.3 })).toEqual(close(gradient(reinforce, { baseline: 'leave-one-out', beta: 0.3 })));
});
