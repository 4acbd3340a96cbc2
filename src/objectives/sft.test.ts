import { describe, expect, it } from 'vitest';
import { bestOfNObjective } from './best-of-n';
import { sft } from './sft';
import { batchOf, evaluate } from './testing';

// Two completions of 2 tokens and 1 token with probabilities 1/2, 1/4 and 1/8; the first column is the prompt.
const batch = batchOf('demonstrations', {
  logp: [
    [0, Math.log(1 / 2), Math.log(1 / 4)],
    [0, Math.log(1 / 8), 0],
  ],
  mask: [
    [0, 1, 1],
    [0, 1, 0],
  ],
  entropy: [
    [9, 1, 2],
    [9, 3, 9],
  ],
});

describe.each([sft, bestOfNObjective])('$id', (objective) => {
  it('is the mean negative log-likelihood of completion tokens', () => {
    const { loss, gradient, diagnostics } = evaluate(objective, batch, {});
    // (log 2 + log 4 + log 8) / 3 tokens = 2 log 2; each token pulls with 1/3.
    expect(loss).toBeCloseTo(2 * Math.LN2, 6);
    expect(gradient).toEqual([
      [0, expect.closeTo(-1 / 3, 6), expect.closeTo(-1 / 3, 6)],
      [0, expect.closeTo(-1 / 3, 6), 0],
    ]);
    // (1 + 2 + 3) / 3, and (1/2 + 1/4 + 1/8) / 3.
    expect(diagnostics).toEqual({ entropy: 2, mean_token_probability: expect.closeTo(7 / 24, 6) });
  });
});

describe('best-of-n', () => {
  it('converges to the distribution of the best of the group', () => {
    const problem = { reference: [0.5, 0.3, 0.2], reward: [0, 1, 2], params: {}, group: 2, teachers: [] };
    // P(best <= r) = F(r)^2: .25, .64, 1.
    expect(bestOfNObjective.optimum(problem)).toEqual([0.25, 0.39, 0.36].map((p) => expect.closeTo(p, 10)));
  });
});
