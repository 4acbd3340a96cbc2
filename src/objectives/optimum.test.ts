import { describe, expect, it } from 'vitest';
import { entropy, expectedValue, kl } from '../metrics/exact';
import { anchored, bestReachable, equilibrium, forwardTilted, geometricMixture, regularised } from './optimum';

const close = (values: readonly number[], digits = 10) => values.map((value) => expect.closeTo(value, digits));

/** Every distribution that moves a little mass from one completion to another. */
function neighbours(p: readonly number[]): number[][] {
  const moved = (from: number, to: number) => p.map((q, k) => q + (k === to ? 1e-3 : 0) - (k === from ? 1e-3 : 0));
  return p.flatMap((_, from) => p.flatMap((_, to) => (from === to ? [] : [moved(from, to)])));
}

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
    for (const other of neighbours(best)) expect(value(other)).toBeLessThan(value(best));
  });
});

describe('regularised', () => {
  const reference = [0.4, 0.35, 0.05, 0.2];
  const reward = [0, 0.5, 1, 0.25];

  it('maximises E[r] - beta KL(p || reference) + c H(p) among its neighbours', () => {
    const value = (p: readonly number[]) => expectedValue(p, reward) - 0.3 * kl(p, reference) + 0.2 * entropy(p);
    const best = regularised(reference, reward, 0.3, 0.2);
    expect(best.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
    for (const other of neighbours(best)) expect(value(other)).toBeLessThan(value(best));
  });

  it('is e^{r / c} without a reference, and the best reachable without either', () => {
    // e^0, e^1, e^2 and e^.5 over their sum.
    const weights = [0, 1, 2, 0.5].map(Math.exp);
    const total = weights.reduce((sum, w) => sum + w, 0);
    expect(regularised(reference, reward, 0, 0.5)).toEqual(close(weights.map((w) => w / total)));
    expect(regularised(reference, reward, 0, 0)).toEqual([0, 0, 1, 0]);
    expect(regularised([0.5, 0.5, 0], [0, 1, 9], 0.5, 0.5)[2]).toBe(0);
  });
});

describe('anchored', () => {
  it('makes the good completions as likely as the likeliest of them would be', () => {
    const reference = [0.5, 0.3, 0.15, 0.05];
    const reward = [0.1, 0.8, 0.2, 1];
    // Good: .8 and 1. Both weigh .3 e^{.8 / .4} = .3 e^2; the others .5 e^.25 and .15 e^.5.
    const weights = [0.5 * Math.exp(0.25), 0.3 * Math.exp(2), 0.15 * Math.exp(0.5), 0.3 * Math.exp(2)];
    const total = weights.reduce((sum, w) => sum + w, 0);
    expect(anchored(reference, reward, 0.4, 0.7)).toEqual(close(weights.map((w) => w / total)));
  });

  it('is the tilted reference where nothing is good, and leaves out what the reference never writes', () => {
    expect(anchored([0.5, 0.5], [0, 1], 0.5, 2)).toEqual(close([1 / (1 + Math.exp(2)), 1 / (1 + Math.exp(-2))]));
    expect(anchored([0.5, 0.5, 0], [1, 1, 1], 0.5, 0.5)).toEqual(close([0.5, 0.5, 0]));
  });
});

describe('geometricMixture', () => {
  it('is the normalised product of powers', () => {
    // sqrt(.2 x .8) = .4 on both sides; .9^.5 .1^.5 = .3.
    expect(
      geometricMixture(
        [
          [0.2, 0.8],
          [0.8, 0.2],
        ],
        [0.5, 0.5],
      ),
    ).toEqual(close([0.5, 0.5]));
    expect(
      geometricMixture(
        [
          [0.9, 0.1, 0],
          [0.1, 0.4, 0.5],
        ],
        [0.5, 0.5],
      ),
    ).toEqual(close([0.6, 0.4, 0]));
    expect(
      geometricMixture(
        [
          [0.3, 0.7],
          [0.5, 0.5],
        ],
        [1, 0],
      ),
    ).toEqual(close([0.3, 0.7]));
  });
});

describe('equilibrium', () => {
  const reference = [0.4, 0.35, 0.05, 0.2];
  const reward = [0, 0.5, 1, 0.5];

  it.each([0, 0.5, 1])('is its own best answer with weight %s of the reference', (w) => {
    const beta = 0.2;
    const best = equilibrium(reference, reward, beta, w);
    const opponent = geometricMixture([best, reference], [1 - w, w]);
    const wins = reward.map((own) =>
      expectedValue(
        opponent,
        reward.map((other) => (1 + Math.sign(own - other)) / 2),
      ),
    );
    expect(best).toEqual(close(regularised(reference, wins, beta, 0), 8));
  });

  it('leaves the reference as it is where all are equal', () => {
    expect(equilibrium(reference, [1, 1, 1, 1], 0.1, 0)).toEqual(close(reference));
  });
});
