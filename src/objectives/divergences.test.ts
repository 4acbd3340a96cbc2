import { describe, expect, it } from 'vitest';
import { defaultsOf, type ParamValue } from '../core/params';
import { createRng } from '../core/rng';
import { tf } from '../test/tf';
import { OBJECTIVES, type ObjectiveId } from './index';
import type { Objective } from './objective';
import { sorted } from './terms';
import { batchOf, evaluate, type PlainBatch, randomBatch } from './testing';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;
const at = (id: ObjectiveId, batch: PlainBatch, params: Record<string, ParamValue> = {}) => {
  const objective = REGISTRY[id] as Objective;
  const reference = objective.needsReference(params as never) ? batch : { ...batch, refLogp: null };
  return evaluate(objective, { ...reference, values: null, scores: null }, { ...defaultsOf(objective.params), ...params });
};

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** -log sigmoid(x). */
const cost = (x: number) => Math.log1p(Math.exp(-x));
const close = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => expect.closeTo(x, 5)));

/** Single tokens with these log-ratios, all chosen and then all rejected. */
const pairs = (...s: number[]): PlainBatch => batchOf('preferences', { logp: s.map((x) => [x - 5]), refLogp: s.map(() => [-5]) });

const RANDOM = randomBatch('preferences', createRng(5));

describe('DPO under other divergences', () => {
  // The chosen completion is twice as likely as under the reference, the rejected one half as likely.
  const doubled = pairs(Math.LN2, -Math.LN2);

  it.each([
    // 1 - 1/2 against 1 - 2.
    ['dpo_forward_kl', 1.5, {}],
    // log(4/3) against log(2/3).
    ['dpo_js_divergence', Math.LN2, {}],
    // 2 (1 - 1 / sqrt 2) against 2 (1 - sqrt 2).
    ['dpo_alpha_divergence', Math.SQRT2, { f_alpha_divergence_coef: 0.5 }],
    // (2 - 1) against (1/2 - 1).
    ['dpo_alpha_divergence', 1.5, { f_alpha_divergence_coef: 2 }],
  ] as const)('%s has the margin of f prime: %f', (id, margin, params) => {
    const { loss, diagnostics } = at(id, doubled, { beta: 1, ...params });
    expect(loss).toBeCloseTo(cost(margin), 5);
    expect(diagnostics['rewards/margins']).toBeCloseTo(2 * Math.LN2, 5);
  });

  it('leads from the forward KL to the reverse one', () => {
    for (const [alpha, id] of [
      [0, 'dpo_forward_kl'],
      [1, 'dpo'],
    ] as const) {
      const [own, other] = [at('dpo_alpha_divergence', RANDOM, { f_alpha_divergence_coef: alpha }), at(id, RANDOM)];
      expect(own.loss).toBeCloseTo(other.loss, 6);
      expect(own.gradient).toEqual(close(other.gradient));
    }
  });

  it("has DPO's gradient at the reference, half of it with Jensen-Shannon, whose f'' is 1/2 at 1", () => {
    const start: PlainBatch = { ...RANDOM, refLogp: RANDOM.logp };
    const { gradient } = at('dpo', start);
    expect(at('dpo_forward_kl', start).gradient).toEqual(close(gradient));
    expect(at('dpo_alpha_divergence', start).gradient).toEqual(close(gradient));
    expect(at('dpo_js_divergence', start).gradient).toEqual(close(gradient.map((row) => row.map((g) => g / 2))));
  });

  it('stays finite where a ratio does not', () => {
    const { loss, gradient } = at('dpo_alpha_divergence', pairs(0, -400), { beta: 1 });
    expect(loss).toBe(0);
    expect(gradient.flat().every(Number.isFinite)).toBe(true);
  });
});

describe('sorted', () => {
  it('puts equal elements as they came, and sends gradients back to where elements were', () => {
    const x = tf.tensor1d([2, 1, 2, -3]);
    expect(Array.from(sorted(x).dataSync())).toEqual([-3, 1, 2, 2]);
    const gradient = tf.grad((y) => tf.sum(tf.mul(sorted(y as tf.Tensor1D), tf.tensor1d([10, 20, 30, 40]))))(x);
    expect(Array.from(gradient.dataSync())).toEqual([30, 20, 40, 10]);
  });
});

describe('aot', () => {
  it('compares quantiles of the margins, whichever pair they come from', () => {
    // Margins of the policy 3 and 1, of the reference 0 and 2: 1 - 0 and 3 - 2. DPO has 3 and -1.
    const batch = batchOf('preferences', { logp: [[-1], [-1], [-4], [-2]], refLogp: [[-2], [-1], [-2], [-3]] });
    const { loss, gradient } = at('aot', batch, { beta: 1 });
    expect(loss).toBeCloseTo(cost(1), 5);
    const slope = sigmoid(-1) / 2;
    expect(gradient).toEqual(close([[-slope], [-slope], [slope], [slope]]));
    expect(at('dpo', batch, { beta: 1 }).loss).toBeCloseTo((cost(3) + cost(-1)) / 2, 5);
  });

  it('does not care which completions were paired, without pairs', () => {
    const swapped = (x: readonly (readonly number[])[]) => [...x.slice(0, 3), ...x.slice(3).reverse()];
    const { logp, refLogp, mask, entropy } = RANDOM;
    const other: PlainBatch = {
      ...RANDOM,
      logp: swapped(logp),
      refLogp: swapped(refLogp ?? []),
      mask: swapped(mask),
      entropy: swapped(entropy),
    };
    const own = at('aot_unpaired', RANDOM);
    const turned = at('aot_unpaired', other);
    expect(turned.loss).toBeCloseTo(own.loss, 6);
    expect(turned.gradient).toEqual(close(swapped(own.gradient)));
    expect(at('dpo', other).loss).not.toBeCloseTo(at('dpo', RANDOM).loss, 4);
  });

  it('is DPO, or cDPO, with one pair', () => {
    const one = pairs(0.7, -0.4);
    for (const id of ['aot', 'aot_unpaired'] as const) {
      expect(at(id, one, { beta: 1 }).loss).toBeCloseTo(cost(1.1), 5);
      expect(at(id, one, { beta: 1, label_smoothing: 0.2 }).loss).toBeCloseTo(at('cdpo', one, { beta: 1, label_smoothing: 0.2 }).loss, 6);
    }
  });
});

describe('ld_dpo', () => {
  // One token with a log-ratio of 1 against two with 1 and 2; the chosen row stands one place further right.
  const batch = batchOf('preferences', {
    logp: [
      [0, -1],
      [-1, -1],
    ],
    refLogp: [
      [0, -2],
      [-2, -3],
    ],
    mask: [
      [0, 1],
      [1, 1],
    ],
  });

  it('counts the tokens that only one of the two has by their weight', () => {
    // s_l = 1 + 2 / 2.
    const { loss, gradient, diagnostics } = at('ld_dpo', batch, { beta: 1, ld_alpha: 0.5 });
    expect(loss).toBeCloseTo(cost(-1), 5);
    const slope = sigmoid(1);
    expect(gradient).toEqual(
      close([
        [0, -slope],
        [slope, slope / 2],
      ]),
    );
    expect(diagnostics['rewards/rejected']).toBeCloseTo(2, 5);
  });

  it('is DPO at weight 1 and blind to them at 0', () => {
    expect(at('ld_dpo', RANDOM, { ld_alpha: 1 }).loss).toBeCloseTo(at('dpo', RANDOM).loss, 6);
    expect(at('ld_dpo', batch, { ld_alpha: 0 }).gradient[1]?.[1]).toBe(0);
  });
});

describe('without a reference', () => {
  // Geometric-mean token probabilities 1/2 and 1/4; sums -2 log 2 and -2 log 2.
  const batch = batchOf('preferences', {
    logp: [
      [-Math.LN2, -Math.LN2],
      [-2 * Math.LN2, 0],
    ],
    mask: [
      [1, 1],
      [1, 0],
    ],
  });

  it.each([
    // 1 - 1 / p: -1 against -3.
    [1, 2],
    // p - 1: -1/2 against -3/4.
    [-1, 0.25],
    // log p: SimPO.
    [0, Math.LN2],
  ])('alphapo bends the reward: alpha %f', (alpha, difference) => {
    const { loss, diagnostics } = at('alphapo', batch, { beta: 2, gamma: 0.5, alpha });
    expect(loss).toBeCloseTo(cost(2 * difference - 0.5), 5);
    expect(diagnostics['rewards/margins']).toBeCloseTo(2 * difference, 5);
    expect(diagnostics['logps/rejected']).toBeCloseTo(-2 * Math.LN2, 5);
  });

  it('is SimPO at alpha 0', () => {
    const [own, other] = [at('alphapo', RANDOM, { alpha: 0, cpo_alpha: 0.5 }), at('simpo', RANDOM, { alpha: 0.5 })];
    expect(own.loss).toBeCloseTo(other.loss, 6);
    expect(own.gradient).toEqual(close(other.gradient));
  });

  it('hinges on a margin of summed log-probabilities', () => {
    const single = batchOf('preferences', { logp: [[-1], [-3]] });
    const { loss, gradient } = at('cpo_hinge', single, { beta: 0.25, alpha: 0 });
    expect(loss).toBeCloseTo(0.5, 6);
    expect(gradient).toEqual([[-0.25], [0.25]]);
    expect(at('cpo_hinge', single, { beta: 1, alpha: 0 }).gradient).toEqual([[0], [0]]);
    // Won: what is left is imitation, a log-probability of -1.
    expect(at('cpo_hinge', single, { beta: 1, alpha: 2 }).loss).toBeCloseTo(2, 6);
  });

  it('meets a margin of means exactly', () => {
    // -log 2 against -2 log 2: 1 / (2 beta) is log 2 at beta 1 / (2 log 2).
    expect(at('cpo_ipo', batch, { beta: 1 / (2 * Math.LN2), alpha: 0 }).loss).toBeCloseTo(0, 10);
    const { loss, gradient } = at('cpo_ipo', batch, { beta: 0.5, alpha: 0 });
    expect(loss).toBeCloseTo((Math.LN2 - 1) ** 2, 5);
    const slope = 2 * (Math.LN2 - 1);
    expect(gradient).toEqual(
      close([
        [slope / 2, slope / 2],
        [-slope, 0],
      ]),
    );
  });
});

describe('apo_zero_unpaired', () => {
  // s is 3 where desirable and -1 where not; the mismatched rows have become less likely.
  const batch = batchOf('unpaired', { logp: [[-1], [-3], [-4], [-4]], refLogp: [[-4], [-2], [-3], [-3]], labels: [1, 0] });

  it('moves each completion for itself', () => {
    const { loss, gradient } = at('apo_zero_unpaired', batch, { beta: 1, undesirable_weight: 0.5 });
    expect(loss).toBeCloseTo((sigmoid(-3) + 0.5 * sigmoid(-1)) / 2, 6);
    const bump = (x: number) => sigmoid(x) * sigmoid(-x);
    expect(gradient).toEqual(close([[-bump(3) / 2], [(0.5 * bump(-1)) / 2], [0], [0]]));
  });

  it('is KTO where its point of reference is 0', () => {
    const [own, other] = [at('apo_zero_unpaired', batch), at('kto', batch)];
    expect(other.diagnostics.kl).toBe(0);
    expect(own.loss).toBeCloseTo(other.loss, 6);
    expect(own.gradient).toEqual(close(other.gradient));
  });
});
