import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { passAtK, passAtKAdvantages } from './pass-at-k';
import { advantagesOf, batchOf } from './testing';

describe('passAtKAdvantages', () => {
  it('is what the formula of the paper gives', () => {
    // n = 4, k = 2, c = 1: rho = 1 - 3/6, sigma = .5; a wrong one: (.5 - C(2,1)/C(3,1)) / .5 = -1/3.
    expect(passAtKAdvantages(4, 1, 2)).toEqual({ right: 1, wrong: expect.closeTo(-1 / 3, 12) });
    // c = 2: rho = 5/6, sigma = sqrt(5)/6; (1/6) / sigma = 1/sqrt(5), and (1/6 - 1/3) / sigma.
    expect(passAtKAdvantages(4, 2, 2)).toEqual({
      right: expect.closeTo(1 / Math.sqrt(5), 12),
      wrong: expect.closeTo(-1 / Math.sqrt(5), 12),
    });
  });

  it('is the z-score of the rewards with k = 1', () => {
    // One of four right: mean 1/4, deviation sqrt(3)/4.
    expect(passAtKAdvantages(4, 1, 1)).toEqual({ right: expect.closeTo(Math.sqrt(3), 12), wrong: expect.closeTo(-1 / Math.sqrt(3), 12) });
  });

  it('is 0 where every choice of k is alike', () => {
    for (const c of [0, 3, 4]) expect(passAtKAdvantages(4, c, 2)).toEqual({ right: 0, wrong: 0 });
  });

  it('adds up to 0 over a group', () => {
    for (let n = 1; n <= 12; n++) {
      for (let k = 1; k <= n; k++) {
        for (let c = 0; c <= n; c++) {
          const { right, wrong } = passAtKAdvantages(n, c, k);
          expect(c * right + (n - c) * wrong).toBeCloseTo(0, 10);
        }
      }
    }
  });
});

describe('pass-at-k', () => {
  const batch = batchOf('rollouts', {
    logp: [1, 2, 3, 4, 5, 6, 7, 8].map(() => [-1, -1]),
    mask: [1, 2, 3, 4, 5, 6, 7, 8].map(() => [0, 1]),
    // The first group has one right answer, the second three.
    rewards: [0.2, 0.9, 0, 0.4, 1, 0.5, 0.8, 0],
    group: 4,
  });
  const judged = (params: object) =>
    advantagesOf(passAtK, batch, { ...defaultsOf(passAtK.params), ...params }).advantages.map((row) => row[1]);

  it('counts what reaches the threshold as right, group by group', () => {
    const third = expect.closeTo(-1 / 3, 6);
    expect(judged({ k: 2 })).toEqual([third, 1, third, third, 0, 0, 0, 0]);
  });

  it('takes a k larger than the group as the whole group', () => {
    expect(judged({ k: 9 })).toEqual(judged({ k: 4 }));
  });
});
