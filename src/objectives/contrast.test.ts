import { describe, expect, it } from 'vitest';
import { sami } from './sami';
import { sami_sum } from './sami_sum';
import { batchOf, evaluate } from './testing';

const logSumExp = (...values: number[]) => Math.log(values.reduce((sum, x) => sum + Math.exp(x), 0));

/** One question, two principles: responses of two tokens and one under each. */
const batch = batchOf('contrasts', {
  // Under the first principle, both responses; then under the second.
  logp: [
    [-1, -1],
    [-3, 0],
    [-2, -2],
    [-0.5, 0],
  ],
  mask: [
    [1, 1],
    [1, 0],
    [1, 1],
    [1, 0],
  ],
  group: 2,
});

describe('sami', () => {
  it('is the mean cross-entropy of rows and columns against the identity', () => {
    // Means: L = [[-1, -3], [-2, -.5]].
    const rows = (logSumExp(-1, -3) + 1 + logSumExp(-2, -0.5) + 0.5) / 2;
    const columns = (logSumExp(-1, -2) + 1 + logSumExp(-3, -0.5) + 0.5) / 2;
    const { loss, terms, diagnostics, gradient } = evaluate(sami, batch, {});
    expect(terms).toEqual({ responses: expect.closeTo(rows / 2, 6), principles: expect.closeTo(columns / 2, 6) });
    expect(loss).toBeCloseTo((rows + columns) / 2, 6);
    expect(diagnostics['sami/mutual_information']).toBeCloseTo(Math.LN2 - loss, 6);
    expect(diagnostics).toMatchObject({ 'sami/accuracy_responses': 1, 'sami/accuracy_principles': 1 });
    // Of four cross-entropies, weighted 1/4, two hold L_11; each pulls with the probability of the other cell. Two tokens share it.
    const other = (a: number, b: number) => 1 / (1 + Math.exp(a - b));
    const slope = -(other(-1, -3) + other(-1, -2)) / 4 / 2;
    expect(gradient[0]).toEqual([expect.closeTo(slope, 6), expect.closeTo(slope, 6)]);
  });

  it('knows nothing at the start, where all are alike, and everything in the end', () => {
    const alike = batchOf('contrasts', { logp: [[-1], [-1], [-1], [-1]], group: 2 });
    expect(evaluate(sami, alike, {}).loss).toBeCloseTo(Math.LN2, 6);
    expect(evaluate(sami, alike, {}).diagnostics['sami/mutual_information']).toBeCloseTo(0, 6);
    const apart = batchOf('contrasts', { logp: [[-0.01], [-900], [-900], [-0.01]], group: 2 });
    expect(evaluate(sami, apart, {}).diagnostics['sami/mutual_information']).toBeCloseTo(Math.LN2, 6);
  });

  it('finds the wrong response where another is likelier', () => {
    const swapped = batchOf('contrasts', { logp: [[-2], [-1], [-1], [-2]], group: 2 });
    expect(evaluate(sami, swapped, {}).diagnostics).toMatchObject({ 'sami/accuracy_responses': 0, 'sami/accuracy_principles': 0 });
  });
});

describe('sami_sum', () => {
  it('compares whole responses', () => {
    // Sums: [[-2, -3], [-4, -.5]].
    const rows = (logSumExp(-2, -3) + 2 + logSumExp(-4, -0.5) + 0.5) / 2;
    const columns = (logSumExp(-2, -4) + 2 + logSumExp(-3, -0.5) + 0.5) / 2;
    expect(evaluate(sami_sum, batch, {}).loss).toBeCloseTo((rows + columns) / 2, 6);
  });

  it('is sami on single tokens', () => {
    const single = batchOf('contrasts', { logp: [[-1], [-2], [-3], [-0.5]], group: 2 });
    expect(evaluate(sami_sum, single, {}).loss).toBe(evaluate(sami, single, {}).loss);
  });
});
