/** XPO, Nash-MD and the two online objectives of pairs. */
import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { dpo } from './dpo';
import { nashMd } from './nash-md';
import { onlineDpo } from './online-dpo';
import { onlineIpo } from './online-ipo';
import { equilibrium } from './optimum';
import { batchOf, evaluate, randomBatch } from './testing';
import { xpo } from './xpo';

// One duel of completions of one token: the policy's, then the opponent's. Log-ratios .5 and -.2, difference .7.
const duel = (wins: number) => batchOf('duels', { logp: [[-1], [-2]], refLogp: [[-1.5], [-1.8]], wins: [wins] });
const softplus = (x: number) => Math.log1p(Math.exp(x));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('xpo', () => {
  const params = { beta: 0.1, alpha: 0.5, loss_type: 'sigmoid' };

  it('is DPO on the duel plus alpha times what the reference wrote', () => {
    const { terms, gradient, diagnostics } = evaluate(xpo, duel(1), params);
    expect(terms).toEqual({ dpo: expect.closeTo(softplus(-0.07), 6), xpo: expect.closeTo(-1, 6) });
    const pull = 0.1 * sigmoid(-0.07);
    expect(gradient).toEqual([[expect.closeTo(-pull, 6)], [expect.closeTo(pull + 0.5, 6)]]);
    expect(diagnostics['rewards/chosen']).toBeCloseTo(0.05, 6);
    expect(diagnostics['rewards/rejected']).toBeCloseTo(-0.02, 6);
  });

  it('turns round where the opponent wins and is half of each in a tie', () => {
    const lost = evaluate(xpo, duel(0), params);
    expect(lost.terms.dpo).toBeCloseTo(softplus(0.07), 6);
    expect(lost.diagnostics['rewards/accuracies']).toBe(0);
    expect(evaluate(xpo, duel(0.5), params).terms.dpo).toBeCloseTo((softplus(0.07) + softplus(-0.07)) / 2, 6);
  });

  it('can ask for a fixed margin', () => {
    // 1 / (2 beta) = 5.
    expect(evaluate(xpo, duel(1), { ...params, loss_type: 'ipo' }).terms.dpo).toBeCloseTo(4.3 ** 2, 5);
    expect(evaluate(xpo, duel(0), { ...params, loss_type: 'ipo' }).terms.dpo).toBeCloseTo(5.7 ** 2, 5);
  });
});

describe('nash-md', () => {
  const params = { beta: 0.1, mixture_coef: 0.5 };

  it('raises what wins and charges the log-ratio, without a gradient for the opponent', () => {
    const { loss, terms, gradient, diagnostics } = evaluate(nashMd, duel(1), params);
    // Score (1 - .5) x -1; KL .1 x .5 x -1.
    expect(terms).toEqual({ score: expect.closeTo(0.5, 6), kl: expect.closeTo(-0.05, 6) });
    expect(loss).toBeCloseTo(0.45, 6);
    expect(gradient).toEqual([[expect.closeTo(-0.5 + 0.05, 6)], [0]]);
    expect(diagnostics['loss/kl']).toBeCloseTo(0.5, 6);
    expect(diagnostics['rewards/probabilities']).toBe(1);
  });

  it('has no mean gradient at its optimum', () => {
    const reference = [0.4, 0.35, 0.05, 0.2];
    const reward = [0, 0.5, 1, 0.25];
    const best = equilibrium(reference, reward, 0.3, 0.5);
    const mixture = best.map((p, i) => Math.sqrt(p * (reference[i] as number)));
    const total = mixture.reduce((sum, m) => sum + m, 0);
    // Every completion against its mean chance of winning.
    const wins = reward.map((own) =>
      mixture.reduce((sum, m, i) => sum + ((m / total) * (1 + Math.sign(own - (reward[i] as number)))) / 2, 0),
    );
    const rows = [...best, ...best].map((p) => [Math.log(p)]);
    const refLogp = [...reference, ...reference].map((p) => [Math.log(p)]);
    const { gradient } = evaluate(nashMd, batchOf('duels', { logp: rows, refLogp, wins }), { beta: 0.3, mixture_coef: 0.5 });
    const slopes = gradient.slice(0, 4).map((row) => row[0] as number);
    const mean = best.reduce((sum, p, i) => sum + p * (slopes[i] as number), 0);
    expect(best.map((p, j) => p * ((slopes[j] as number) - mean))).toEqual([0, 0, 0, 0].map((zero) => expect.closeTo(zero, 6)));
  });
});

describe('online pairs', () => {
  const batch = randomBatch('preferences', createRng(2));

  it('take the loss of DPO', () => {
    const params = defaultsOf(dpo.params);
    expect(evaluate(onlineDpo, batch, params)).toEqual(evaluate(dpo, batch, params));
    expect(onlineDpo.samplesOnly).toBe(true);
  });

  it('or ask for a margin of half the inverse of beta, over whole completions', () => {
    const pair = batchOf('preferences', {
      logp: [
        [-1, -1],
        [-2, -1],
      ],
      refLogp: [
        [-1.5, -1],
        [-1.8, -1.1],
      ],
    });
    // s_w = .5, s_l = -.2 + .1 = -.1.
    const { loss, gradient } = evaluate(onlineIpo, pair, { beta: 0.5 });
    expect(loss).toBeCloseTo((0.6 - 1) ** 2, 6);
    expect(gradient).toEqual(
      [
        [-0.8, -0.8],
        [0.8, 0.8],
      ].map((row) => row.map((g) => expect.closeTo(g, 5))),
    );
  });

  it('have an optimum with IPO and two samples', () => {
    const problem = { reference: [0.5, 0.5], reward: [0, 1], params: { beta: 0.5 }, group: 2, teachers: [] };
    const [low = 0, high = 0] = onlineIpo.optimum?.(problem) ?? [];
    // The better wins p_low + p_high / 2 of its duels and the worse p_low / 2: apart by 1/2, so log(high / low) = (1/2) / beta.
    expect(Math.log(high / low)).toBeCloseTo(1, 6);
    expect(onlineIpo.optimum?.({ ...problem, group: 4 })).toBeNull();
  });
});
