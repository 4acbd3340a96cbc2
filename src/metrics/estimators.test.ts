import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { kl } from './exact';
import { k1, k2, k3 } from './kl-estimators';
import { passAtK } from './pass-at-k';

describe('KL estimators', () => {
  it('have their hand-derived values', () => {
    // rho = log 2 and -log 2: k1 (log 2 - log 2) / 2, k2 (log 2)^2 / 2, k3 ((.5 - 1 + log 2) + (2 - 1 - log 2)) / 2.
    const logp = [Math.log(2), 0];
    const refLogp = [0, Math.log(2)];
    expect(k1(logp, refLogp)).toBe(0);
    expect(k2(logp, refLogp)).toBeCloseTo(Math.log(2) ** 2 / 2, 12);
    expect(k3(logp, refLogp)).toBeCloseTo(0.25, 12);
  });

  it('are 0 where nothing has moved, and NaN for nothing', () => {
    for (const estimate of [k1, k2, k3]) {
      expect(estimate([-1, -2], [-1, -2])).toBe(0);
      expect(estimate([], [])).toBeNaN();
    }
  });

  it('agree with the exact divergence in the mean, k1 and k3 without bias', () => {
    const p = [0.5, 0.3, 0.2];
    const q = [0.2, 0.3, 0.5];
    const rng = createRng(4);
    const draws = Array.from({ length: 20_000 }, () => rng.weighted(p));
    const logp = draws.map((k) => Math.log(p[k] as number));
    const refLogp = draws.map((k) => Math.log(q[k] as number));
    expect(k1(logp, refLogp)).toBeCloseTo(kl(p, q), 1);
    expect(k3(logp, refLogp)).toBeCloseTo(kl(p, q), 1);
    for (let i = 0; i < 100; i++) expect(k3([logp[i] as number], [refLogp[i] as number])).toBeGreaterThanOrEqual(0);
  });
});

describe('pass@k', () => {
  it('is 1 - C(n - c, k) / C(n, k)', () => {
    // C(8, 2) / C(10, 2) = 28 / 45.
    expect(passAtK(10, 2, 2)).toBeCloseTo(1 - 28 / 45, 12);
    expect(passAtK(10, 3, 1)).toBeCloseTo(0.3, 12);
    expect(passAtK(10, 0, 5)).toBe(0);
    expect(passAtK(10, 6, 5)).toBe(1);
    expect(passAtK(4, 2, 5)).toBeNaN();
  });

  it('rises with k and stays finite for large n', () => {
    let last = 0;
    for (const k of [1, 2, 8, 64, 512, 4096]) {
      const now = passAtK(10_000, 20, k);
      expect(now).toBeGreaterThan(last);
      expect(now).toBeLessThanOrEqual(1);
      last = now;
    }
  });
});
