import { describe, expect, it } from 'vitest';
import { rewardModel } from './reward-model';
import { rewardModelEurus } from './reward-model-eurus';
import { batchOf, evaluate } from './testing';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const cost = (x: number) => Math.log1p(Math.exp(-x));

/** Two pairs with these scores. */
const scored = (scores: number[], margins = [0, 0]) =>
  batchOf('preferences', { logp: [[-1], [-1], [-1], [-1]], scores, values: [[0], [0], [0], [0]], margins });

describe('reward-model', () => {
  it('is the log-odds of the difference, beyond a margin', () => {
    // Differences 2 and -1; the second is asked for 1/2.
    const { loss, gradients, gradient, diagnostics } = evaluate(rewardModel, scored([3, 0, 1, 1], [0, 0.5]), {
      center_rewards_coefficient: 0,
    });
    expect(loss).toBeCloseTo((cost(2) + cost(-1.5)) / 2, 6);
    const [first, second] = [sigmoid(-2) / 2, sigmoid(1.5) / 2];
    expect(gradients.scores).toEqual([-first, -second, first, second].map((x) => expect.closeTo(x, 6)));
    expect(gradient.flat().every((x) => x === 0)).toBe(true);
    expect(diagnostics).toMatchObject({ accuracy: 0.5, margin: 0.5, min_reward: 0, mean_reward: 1.25, max_reward: 3 });
  });

  it('centres the sum of both scores', () => {
    const { terms, gradients } = evaluate(rewardModel, scored([3, 0, 1, 1]), { center_rewards_coefficient: 0.1 });
    // .1 (16 + 1) / 2, with slopes .1 x 2 x sum / 2.
    expect(terms.centring).toBeCloseTo(0.85, 6);
    const without = evaluate(rewardModel, scored([3, 0, 1, 1]), { center_rewards_coefficient: 0 }).gradients.scores as number[];
    expect(gradients.scores).toEqual([0.4, 0.1, 0.4, 0.1].map((slope, i) => expect.closeTo(slope + (without[i] as number), 6)));
  });

  it('leaves the level of the scores free but for the centring', () => {
    const at = (shift: number, c: number) =>
      evaluate(rewardModel, scored([3, 0, 1, 1].map((x) => x + shift)), { center_rewards_coefficient: c }).loss;
    expect(at(5, 0)).toBeCloseTo(at(0, 0), 6);
    expect(at(5, 0.01)).toBeGreaterThan(at(0, 0.01));
  });
});

describe('reward-model-eurus', () => {
  it('wants chosen scores above zero and rejected ones below', () => {
    const { loss, terms, gradients } = evaluate(rewardModelEurus, scored([1, 1, 0, 0]), {});
    expect(terms).toEqual({ relative: expect.closeTo(cost(1), 6), absolute: expect.closeTo(cost(1) + cost(0), 6) });
    expect(loss).toBeCloseTo(2 * cost(1) + Math.LN2, 6);
    // Each of two pairs: -sigmoid(-1) twice at the chosen score; sigmoid(-1) and sigmoid(0) at the rejected one.
    expect(gradients.scores).toEqual(
      [-sigmoid(-1), -sigmoid(-1), (sigmoid(-1) + 0.5) / 2, (sigmoid(-1) + 0.5) / 2].map((x) => expect.closeTo(x, 6)),
    );
  });
});
