import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { rlag } from './rlag';
import { batchOf, evaluate } from './testing';

const defaults = defaultsOf(rlag.params);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One question: a text of two tokens and options of one token with these log-probabilities. */
const question = (text: [number, number], chosen: number, rejected: number, same: 0 | 1 = 0) =>
  batchOf('augmented', {
    logp: [text, [chosen, 0], [rejected, 0]],
    mask: [
      [1, 1],
      [1, 0],
      [1, 0],
    ],
    same: [same],
  });

describe('rlag', () => {
  it('has the defaults of the released code', () => {
    expect(defaults).toEqual({ beta_delta: 0.2, beta_a: 0.5, chosen_prompt: 'text', gamma: 8 });
  });

  it('weighs text, chosen and rejected', () => {
    const { loss, gradient, diagnostics } = evaluate(rlag, question([-1, -3], -1, -2), defaults);
    // .2 x -2 + .5 x -1 - .5 x -2 - 8 = -7.9; the text's slope is shared by its two tokens.
    expect(diagnostics).toMatchObject({ 'rlag/text': -2, 'rlag/chosen': -1, 'rlag/rejected': -2, 'rlag/same': 0 });
    expect(diagnostics['rlag/margin']).toBeCloseTo(-7.9, 5);
    expect(loss).toBeCloseTo(-Math.log(sigmoid(-7.9)), 5);
    const slope = sigmoid(7.9);
    const expected = [
      [-0.1 * slope, -0.1 * slope],
      [-0.5 * slope, 0],
      [0.5 * slope, 0],
    ];
    gradient.forEach((row, i) => {
      row.forEach((g, j) => {
        expect(g).toBeCloseTo(expected[i]?.[j] as number, 6);
      });
    });
  });

  it('stops pulling a likely chosen and pushing an unlikely rejected option', () => {
    const { gradient, diagnostics } = evaluate(rlag, question([-1, -3], -0.1, -6), defaults);
    // .2 x -2 + .5 x -.2 - .5 x -5 - 8 = -6.
    expect(diagnostics['rlag/margin']).toBeCloseTo(-6, 5);
    expect(diagnostics).toMatchObject({ 'rlag/chosen': expect.closeTo(-0.1, 6), 'rlag/rejected': -6 });
    expect(
      gradient
        .slice(1)
        .flat()
        .every((g) => g === 0),
    ).toBe(true);
    expect(gradient[0]?.[0]).toBeCloseTo(-0.1 * sigmoid(6), 6);
  });

  it('learns only the text where both options are one', () => {
    const { loss, gradient } = evaluate(rlag, question([-1, -3], -1, -2, 1), defaults);
    // .5 x -2 - 8 = -9.
    expect(loss).toBeCloseTo(-Math.log(sigmoid(-9)), 5);
    expect(gradient[0]?.[0]).toBeCloseTo(-0.25 * sigmoid(9), 6);
    expect(
      gradient
        .slice(1)
        .flat()
        .every((g) => g === 0),
    ).toBe(true);
  });
});
