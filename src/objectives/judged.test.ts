import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { apo_zero } from './apo_zero';
import { bco } from './bco';
import { bco_pair } from './bco_pair';
import { kto } from './kto';
import { batchOf, evaluate, type PlainBatch, randomBatch } from './testing';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const cost = (x: number) => Math.log1p(Math.exp(-x));
const defaults = defaultsOf(kto.params);
const sum = (values: readonly number[]) => values.reduce((total, x) => total + x, 0);

/** Judged completions of one token with log-ratios `s`, then mismatched ones with log-ratios `other`. */
const judgements = (s: number[], other: number[], labels: number[]): PlainBatch =>
  batchOf('unpaired', { logp: [...s, ...other].map((x) => [-4 + x]), refLogp: [...s, ...other].map(() => [-4]), labels, carried: [0, 0] });

describe('kto', () => {
  it('values desirable and undesirable completions from the estimate of the KL', () => {
    // z = (1 + 2) / 2 = 1.5; above it by -.5, and by -2.5.
    const { loss, gradient, diagnostics, terms } = evaluate(kto, judgements([1, -1], [1, 2], [1, 0]), { ...defaults, beta: 1 });
    expect(diagnostics.kl).toBeCloseTo(1.5, 6);
    expect(terms).toEqual({ desirable: expect.closeTo(sigmoid(0.5) / 2, 6), undesirable: expect.closeTo(sigmoid(-2.5) / 2, 6) });
    expect(loss).toBeCloseTo((sigmoid(0.5) + sigmoid(-2.5)) / 2, 6);
    // The slope of sigmoid at -.5 and -2.5 over two rows; z is held constant.
    const slope = (x: number) => (sigmoid(x) * sigmoid(-x)) / 2;
    expect(gradient).toEqual([[expect.closeTo(-slope(0.5), 6)], [expect.closeTo(slope(2.5), 6)], [0], [0]]);
    expect(diagnostics).toMatchObject({ 'rewards/chosen': 1, 'rewards/rejected': -1, 'rewards/margins': 2, 'logps/chosen': -3 });
  });

  it('takes an estimate below zero for zero', () => {
    expect(evaluate(kto, judgements([1, -1], [-1, -2], [1, 0]), defaults).diagnostics.kl).toBe(0);
  });

  it('weighs both sides', () => {
    const batch = judgements([1, -1], [0, 0], [1, 0]);
    const { terms } = evaluate(kto, batch, { beta: 1, desirable_weight: 3, undesirable_weight: 0.5 });
    expect(terms).toEqual({ desirable: expect.closeTo((3 * sigmoid(-1)) / 2, 6), undesirable: expect.closeTo(sigmoid(-1) / 4, 6) });
  });

  it('is its definition on balanced labels', () => {
    const batch = { ...randomBatch('unpaired', createRng(5)), values: null, scores: null, labels: [1, 0, 1, 0] };
    const ratios = batch.logp.map((row, i) => sum(row) - sum(batch.refLogp?.[i] ?? []));
    const z = Math.max(0, sum(ratios.slice(4)) / 4);
    const value = (s: number, label: number) => 1 - sigmoid((label === 1 ? 1 : -1) * 0.3 * (s - z));
    const expected = sum(ratios.slice(0, 4).map((s, i) => value(s, batch.labels[i] as number))) / 4;
    expect(evaluate(kto, batch, { ...defaults, beta: 0.3 }).loss).toBeCloseTo(expected, 6);
  });

  it('is half of apo_zero on pairs where the KL is taken for zero', () => {
    const pairs = batchOf('preferences', { logp: [[-3], [-5]], refLogp: [[-4], [-4]] });
    const half = evaluate(apo_zero, pairs, { beta: 0.5 }).loss / 2;
    expect(evaluate(kto, judgements([1, -1], [-1, -1], [1, 0]), { ...defaults, beta: 0.5 }).loss).toBeCloseTo(half, 6);
  });
});

describe('bco', () => {
  it('classifies around the mean of all rewards so far, this batch with them', () => {
    // Rewards 1 and -1 after two of sum 4: d = 4 / 4 = 1. Above it by 0 and by -2.
    const batch = { ...judgements([1, -1], [9, 9], [1, 0]), carried: [4, 2] };
    const { loss, gradient, diagnostics, carry } = evaluate(bco, batch, { beta: 1 });
    expect(diagnostics.delta).toBeCloseTo(1, 6);
    expect(loss).toBeCloseTo((cost(0) + cost(2)) / 2, 6);
    expect(gradient).toEqual([[expect.closeTo(-sigmoid(0) / 2, 6)], [expect.closeTo(sigmoid(-2) / 2, 6)], [0], [0]]);
    expect(carry).toEqual([0, 2]);
  });

  it('is half of bco_pair where the mean is zero', () => {
    const pairs = batchOf('preferences', { logp: [[-3], [-5]], refLogp: [[-4], [-4]] });
    const half = evaluate(bco_pair, pairs, { beta: 0.5 }).loss / 2;
    expect(evaluate(bco, judgements([1, -1], [0, 0], [1, 0]), { beta: 0.5 }).loss).toBeCloseTo(half, 6);
  });
});
