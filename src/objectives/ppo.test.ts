import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { ppo } from './ppo';
import { advantagesOf, batchOf, evaluate } from './testing';

const defaults = { ...defaultsOf(ppo.params), beta: 0 };

describe('ppo', () => {
  // One completion of two tokens, then one of one.
  const batch = batchOf('rollouts', {
    logp: [
      [-1, -2],
      [-1, 0],
    ],
    mask: [
      [1, 1],
      [1, 0],
    ],
    rewards: [2, 0],
    values: [
      [1, 0.5],
      [0.5, 0],
    ],
    scores: [0, 0],
    oldValues: [
      [1, 0.5],
      [0.5, 0],
    ],
    returns: [
      [0, 0],
      [0, 0],
    ],
    group: 2,
  });

  it('has the rewards that follow as returns, and what they exceed the value by, whitened, as advantages', () => {
    const { advantages, returns } = advantagesOf(ppo, batch, { ...defaults, lam: 1 });
    expect(returns).toEqual([
      [2, 2],
      [0, 0],
    ]);
    // 1, 1.5 and -.5: mean 2/3, squares 1/9 + 25/36 + 49/36 = 78/36, variance 39/36.
    const deviation = Math.sqrt(39 / 36);
    expect(advantages.map((row) => row.map((a) => a * deviation))).toEqual([
      [expect.closeTo(1 / 3, 5), expect.closeTo(5 / 6, 5)],
      [expect.closeTo(-7 / 6, 5), 0],
    ]);
  });

  it('sees one token ahead with lambda 0', () => {
    // Errors .5 - 1, 2 - .5 and 0 - .5; returns are those plus the values.
    expect(advantagesOf(ppo, batch, { ...defaults, lam: 0 }).returns).toEqual([
      [0.5, 2],
      [0, 0],
    ]);
  });

  it('adds up policy, value and entropy', () => {
    const { loss, terms, gradient, gradients, diagnostics } = evaluate(
      ppo,
      {
        ...batch,
        entropy: [
          [1, 2],
          [3, 0],
        ],
        advantages: [
          [1, -1],
          [2, 0],
        ],
        // The first value has moved by .5, the second by nothing, the third by .1.
        oldValues: [
          [0.5, 0.5],
          [0.4, 0],
        ],
        returns: [
          [2, 1],
          [0, 0],
        ],
      },
      { ...defaults, entropy_coef: 0.1 },
    );
    expect(terms.policy).toBeCloseTo(-2 / 3, 6);
    // max(1, (.7 - 2)^2 = 1.69), .25 and .25: half of .1 of their mean.
    expect(terms.value).toBeCloseTo((0.05 * (1.69 + 0.25 + 0.25)) / 3, 6);
    expect(terms.entropy).toBeCloseTo(-0.2, 6);
    expect(loss).toBeCloseTo((terms.policy ?? 0) + (terms.value ?? 0) + (terms.entropy ?? 0), 6);
    expect(gradient).toEqual([
      [expect.closeTo(-1 / 3, 6), expect.closeTo(1 / 3, 6)],
      [expect.closeTo(-2 / 3, 6), 0],
    ]);
    // .1 (V - R) / 3, and nothing where the clipped value is the worse one.
    expect(gradients.values).toEqual([
      [0, expect.closeTo(-0.05 / 3, 6)],
      [expect.closeTo(0.05 / 3, 6), 0],
    ]);
    expect(gradients.entropy[0]).toEqual([expect.closeTo(-0.1 / 3, 6), expect.closeTo(-0.1 / 3, 6)]);
    expect(diagnostics['val/clipfrac_avg']).toBeCloseTo(1 / 3, 6);
    expect(diagnostics['critic/values/mean']).toBeCloseTo(2 / 3, 6);
    expect(diagnostics['critic/returns/mean']).toBe(1);
  });

  it('says what is missing', () => {
    expect(() => evaluate(ppo, { ...batch, values: null }, defaults)).toThrow('ppo needs a head');
    expect(() => advantagesOf(ppo, { ...batch, values: null, oldValues: null }, defaults)).toThrow('ppo needs the values');
  });
});
