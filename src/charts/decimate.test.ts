import { describe, expect, it } from 'vitest';
import { decimate, type Trace } from './decimate';

const trace = (steps: readonly number[], values: readonly number[]): Trace => ({
  steps: Float64Array.from(steps),
  values: Float32Array.from(values),
  length: steps.length,
});
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('decimation', () => {
  it('keeps short curves exactly, on the union of their steps, without what was not measured', () => {
    const rows = decimate([trace([0, 1, 2], [5, Number.NaN, 7]), trace([1, 2], [1, Number.POSITIVE_INFINITY])], 10);
    expect(rows).toEqual([
      { step: 0, y0: 5 },
      { step: 1, y1: 1 },
      { step: 2, y0: 7 },
    ]);
  });

  it('has nothing to show of nothing', () => {
    expect(decimate([], 10)).toEqual([]);
    expect(decimate([trace([0, 1], [Number.NaN, Number.NaN])], 10)).toEqual([]);
  });

  it('keeps every spike, both ways, and the last value', () => {
    const values = count(10_000).map((i) => (i === 4321 ? 100 : i === 7777 ? -100 : i / 10_000));
    const rows = decimate([trace(count(10_000), values)], 50);
    expect(rows.length).toBeLessThanOrEqual(100);
    const shown = rows.map((row) => row.y0).filter((value) => value !== undefined);
    expect(Math.max(...shown)).toBe(100);
    expect(Math.min(...shown)).toBe(-100);
    expect(shown.at(-1)).toBeCloseTo(0.9999, 5);
    expect(rows[0]?.step).toBe(0);
    expect(rows.at(-1)?.step).toBe(9999);
  });

  it('keeps steps in order and low before high where it came first', () => {
    // One column of values that fall: the larger one comes first.
    const rows = decimate(
      [
        trace(
          count(100),
          count(100).map((i) => -i),
        ),
      ],
      4,
    );
    const steps = rows.map((row) => row.step);
    expect([...steps].sort((a, b) => a - b)).toEqual(steps);
    const shown = rows.map((row) => row.y0 as number);
    expect([...shown].sort((a, b) => b - a)).toEqual(shown);
  });

  it('shows a sparse curve beside a dense one', () => {
    const rows = decimate([trace(count(5000), count(5000)), trace([0, 2500, 4999], [1, 2, 3])], 40);
    expect(rows.map((row) => row.y1).filter((value) => value !== undefined)).toEqual([1, 2, 3]);
  });
});
