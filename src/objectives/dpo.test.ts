import { describe, expect, it } from 'vitest';
import { dpo } from './dpo';
import { batchOf, evaluate, type PlainBatch } from './testing';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One pair of one-token completions with these log-ratios to the reference. */
const pair = (chosen: number, rejected: number): PlainBatch =>
  batchOf('preferences', { logp: [[-2 + chosen], [-1 + rejected]], refLogp: [[-2], [-1]] });

describe('dpo', () => {
  it('follows its formula on two pairs of unequal lengths', () => {
    const batch = batchOf('preferences', {
      logp: [
        [0, -1, -0.5],
        [0, -2, 0],
        [0, -0.25, -0.25],
        [0, -3, 0],
      ],
      refLogp: [
        [0, -1.5, -1],
        [0, -1, 0],
        [0, -0.5, -1],
        [0, -1, 0],
      ],
      mask: [
        [0, 1, 1],
        [0, 1, 0],
        [0, 1, 1],
        [0, 1, 0],
      ],
    });
    const { loss, gradient, diagnostics } = evaluate(dpo, batch, { beta: 0.5 });
    // s_w = -1.5 + 2.5 = 1 and -2 + 1 = -1; s_l = -.5 + 1.5 = 1 and -3 + 1 = -2. D = 0 and 1; beta D = 0 and .5.
    expect(loss).toBeCloseTo((Math.LN2 - Math.log(sigmoid(0.5))) / 2, 6);
    // d/ds_w = -beta sigmoid(-beta D) / 2 pairs, the same for every token of the completion; d/ds_l is its negative.
    const first = 0.25 * sigmoid(0);
    const second = 0.25 * sigmoid(-0.5);
    const expected = [
      [0, -first, -first],
      [0, -second, 0],
      [0, first, first],
      [0, second, 0],
    ];
    gradient.forEach((row, i) => {
      row.forEach((g, j) => {
        expect(g).toBeCloseTo(expected[i]?.[j] as number, 6);
      });
    });
    expect(diagnostics).toEqual({
      'rewards/chosen': 0,
      'rewards/rejected': -0.25,
      'rewards/margins': 0.25,
      'rewards/accuracies': 0.5,
      'logps/chosen': -1.75,
      'logps/rejected': -1.75,
      'logratios/chosen': 0,
      'logratios/rejected': -0.5,
      entropy: 0,
    });
  });

  it('starts at log 2 and pulls both ways alike', () => {
    const { loss, gradient } = evaluate(dpo, pair(0, 0), { beta: 0.1 });
    expect(loss).toBeCloseTo(Math.LN2, 6);
    expect(gradient).toEqual([[expect.closeTo(-0.05, 6)], [expect.closeTo(0.05, 6)]]);
  });

  it('has no gradient at a saturated pair, and a constant one at a hopeless pair', () => {
    const won = evaluate(dpo, pair(1000, -1000), { beta: 0.1 });
    expect(won.loss).toBeCloseTo(0, 12);
    expect(won.gradient.flat().every((g) => g === 0)).toBe(true);
    // -log sigmoid(-200) = 200.
    const lost = evaluate(dpo, pair(-1000, 1000), { beta: 0.1 });
    expect(lost.loss).toBe(200);
    expect(lost.gradient).toEqual([[expect.closeTo(-0.1, 6)], [expect.closeTo(0.1, 6)]]);
  });
});
