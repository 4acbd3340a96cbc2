import { describe, expect, it } from 'vitest';
import { mara } from './mara';
import { reinforce } from './reinforce';
import { advantagesOf, batchOf } from './testing';

const column = (rows: readonly (readonly number[])[]) => rows.map((row) => row[0]);
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

describe('mara', () => {
  const refLogp = [[-3], [-1], [-0.5], [-2]];
  const batch = batchOf('rollouts', { logp: refLogp, refLogp, rewards: [1, 0.9, 0, 0.6], group: 4 });
  const params = { tau: 0.6, beta: 0.5 };

  it('gives the good ones the reward of their likeliest, more where the reference finds them unlikely', () => {
    // The second is the anchor: .9 + .5 x 2 = 1.9, .9, 0 as it was, .9 + .5 = 1.4. Each less the mean of the other three.
    const expected = [1.9 - 2.3 / 3, 0.9 - 3.3 / 3, -4.2 / 3, 1.4 - 2.8 / 3];
    expect(column(advantagesOf(mara, batch, params).advantages)).toEqual(close(expected));
  });

  it('leaves a group without a good one as it is', () => {
    const high = { tau: 2, beta: 0.5 };
    const plain = advantagesOf(reinforce, batch, { baseline: 'leave-one-out', beta: 0.5 }).advantages;
    expect(advantagesOf(mara, batch, high).advantages).toEqual(plain);
  });

  it('finds an anchor for each group', () => {
    const two = batchOf('rollouts', { logp: refLogp, refLogp, rewards: [1, 0.9, 0.7, 0], group: 2 });
    // First group: anchor the second, 1.9 against .9. Second: the first is alone, .7 against 0.
    expect(column(advantagesOf(mara, two, params).advantages)).toEqual(close([1, -1, 0.7, -0.7]));
  });

  it('has nothing left to change at its optimum', () => {
    const reference = [0.5, 0.3, 0.15, 0.05];
    const reward = [0.1, 0.8, 0.2, 1];
    const best = mara.optimum?.({ reference, reward, params: { tau: 0.7, beta: 0.4 }, group: 4, teachers: [] }) as number[];
    const at = batchOf('rollouts', {
      logp: best.map((p) => [Math.log(p)]),
      refLogp: reference.map((p) => [Math.log(p)]),
      rewards: reward,
      group: 4,
    });
    expect(column(advantagesOf(mara, at, { tau: 0.7, beta: 0.4 }).advantages)).toEqual(close([0, 0, 0, 0]));
    expect(best[1]).toBeCloseTo(best[3] as number, 12);
  });
});
