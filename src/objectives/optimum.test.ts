import { describe, expect, it } from 'vitest';
import { expectedValue, kl } from '../metrics/exact';
import { bestReachable, forwardTilted } from './optimum';

describe('bestReachable', () => {
  it('leaves out what the reference never writes and shares ties by the reference', () => {
    expect(bestReachable([0.3, 0.1, 0, 0.6], [1, 1, 5, 0])).toEqual([expect.closeTo(0.75), expect.closeTo(0.25), 0, 0]);
  });
});

describe('forwardTilted', () => {
  const reference = [0.4, 0.35, 0.05, 0.2];
  const reward = [0, 0.5, 1, 0.25];

  it('solves two completions by hand', () => {
    // Rewards 0 and 1, reference 1/2 each, beta 2/3: 1/3 / L + 1/3 / (L - 1) = 1 gives 3 L^2 - 5 L + 1 = 0.
    const lambda = (5 + Math.sqrt(13)) / 6;
    const [low, high] = forwardTilted([0.5, 0.5], [0, 1], 2 / 3);
    expect(low).toBeCloseTo(1 / 3 / lambda, 10);
    expect(high).toBeCloseTo(1 / 3 / (lambda - 1), 10);
  });

  it('gives back the reference where rewards are equal, and nothing to what it never writes', () => {
    expect(forwardTilted([0.5, 0.25, 0.25, 0], [2, 2, 2, 9], 0.1)).toEqual([0.5, 0.25, 0.25].map((p) => expect.closeTo(p, 10)).concat(0));
  });

  it('maximises E[r] - beta KL(reference || p) among its neighbours', () => {
    const value = (p: readonly number[]) => expectedValue(p, reward) - 0.3 * kl(reference, p);
    const best = forwardTilted(reference, reward, 0.3);
    expect(best.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
    for (let i = 0; i < best.length; i++) {
      for (let j = 0; j < best.length; j++) {
        if (i === j) continue;
        const moved = best.map((p, k) => p + (k === i ? 1e-3 : 0) - (k === j ? 1e-3 : 0));
        expect(value(moved)).toBeLessThan(value(best));
      }
    }
  });
});
