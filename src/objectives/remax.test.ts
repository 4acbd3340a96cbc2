import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { remax } from './remax';
import { advantagesOf, batchOf, evaluate } from './testing';

const defaults = defaultsOf(remax.params);
const close = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => expect.closeTo(x, 6)));

describe('remax', () => {
  const mask = [
    [1, 1],
    [1, 0],
    [1, 1],
    [1, 1],
  ];
  const batch = batchOf('rollouts', {
    logp: mask.map((row) => row.map((m) => -m)),
    mask,
    rewards: [1, 0.25, 0, 0.5],
    rewardBaselines: [0.75, 0.75, 0.5, 0.5],
    group: 2,
  });

  it('compares each sample with the greedy completion of its prompt, and with nothing else', () => {
    const expected = [
      [0.25, 0.25],
      [-0.5, 0],
      [-0.5, -0.5],
      [0, 0],
    ];
    expect(advantagesOf(remax, batch, defaults).advantages).toEqual(close(expected));
    // Another sample of the group moves none of them.
    const others = advantagesOf(remax, { ...batch, rewards: [1, 9, 0, 9] }, defaults).advantages;
    expect([others[0], others[2]]).toEqual([expected[0], expected[2]]);
  });

  it('takes the KL of the tokens still to come off the reward, and none off the baseline', () => {
    // k1 of .2 and .4: .5 (.2 + .4) before the first token, .5 .4 before the second.
    const given = batchOf('rollouts', {
      logp: [[-1, -1]],
      refLogp: [[-1.2, -1.4]],
      rewards: [1],
      rewardBaselines: [0.75],
    });
    expect(advantagesOf(remax, given, { ...defaults, beta: 0.5 }).advantages).toEqual(close([[-0.05, 0.05]]));
  });

  it('has the policy gradient, a mean over tokens, on fresh samples', () => {
    const { advantages } = advantagesOf(remax, batch, defaults);
    const { gradient } = evaluate(remax, { ...batch, advantages }, defaults);
    expect(gradient).toEqual(close(advantages.map((row) => row.map((a) => -a / 7))));
  });

  it('teaches where all samples of a prompt have earned the same', () => {
    const { advantages } = advantagesOf(remax, { ...batch, rewards: [1, 1, 1, 1] }, defaults);
    expect(advantages.flat().filter((a) => a > 0)).toHaveLength(7);
  });

  it('says so without baselines', () => {
    expect(() => advantagesOf(remax, { ...batch, rewardBaselines: null }, defaults)).toThrow('greedy completions');
  });
});
