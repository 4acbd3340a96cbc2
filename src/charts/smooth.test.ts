import { describe, expect, it } from 'vitest';
import { appendRows, type Column, createSeries } from '../store/series';
import { type Smoothing, smoothed, smoothingOver } from './smooth';

const HALF: Smoothing = { weight: 0.5, steps: 1 };

const setUp = (values: readonly number[], steps: readonly number[] = values.map((_, i) => i)) => {
  const series = createSeries();
  appendRows(series, steps, { x: values });
  return { series, column: series.columns.get('x') as Column };
};

describe('smoothing', () => {
  it('is a moving average with the start corrected', () => {
    // Weight .5: masses .5, .75, sums .5 * 1, .25 + .5 * 3 = 1.75. So 1, then 1.75 / .75 = 7 / 3.
    const { series, column } = setUp([1, 3]);
    const out = smoothed(series, column, HALF);
    expect(out[0]).toBeCloseTo(1, 6);
    expect(out[1]).toBeCloseTo(7 / 3, 6);
  });

  it('weighs by time: an irregular series by hand', () => {
    // Steps 0, 1, 3, 4 with values 4, 0, 8, 0, half of the past left after each step.
    // Step 1: a = 1/2. The first counts 1 - a = 1/2: sum 1/2 * 2 + 1/2 * 0 = 1, mass 1/2 * 1/2 + 1/2 = 3/4, so 4/3.
    // Step 3: a = 1/4. Sum 1/4 * 1 + 3/4 * 8 = 25/4, mass 1/4 * 3/4 + 3/4 = 15/16, so 100/15 = 20/3.
    // Step 4: a = 1/2. Sum 25/8 + 0, mass 15/32 + 1/2 = 31/32, so 25/8 * 32/31 = 100/31.
    const { series, column } = setUp([4, 0, 8, 0], [0, 1, 3, 4]);
    const out = smoothed(series, column, HALF);
    expect(out[1]).toBeCloseTo(4 / 3, 6);
    expect(out[2]).toBeCloseTo(20 / 3, 6);
    expect(out[3]).toBeCloseTo(100 / 31, 6);
  });

  it('does not depend on how often a level was looked at', () => {
    // 0 until step 10 and 1 after it; looked at at every step, or at every second one from then on.
    const steps = Array.from({ length: 21 }, (_, i) => i);
    const level = (list: readonly number[]) => list.map((step) => (step > 10 ? 1 : 0));
    const sparse = steps.filter((step) => step <= 10 || step % 2 === 0);
    const often = setUp(level(steps), steps);
    const rarely = setUp(level(sparse), sparse);
    const slow: Smoothing = { weight: 0.9, steps: 1 };
    const [a, b] = [smoothed(often.series, often.column, slow), smoothed(rarely.series, rarely.column, slow)];
    expect(b[sparse.length - 1]).toBeCloseTo(a[20] as number, 6);
  });

  it('is over a share of the longest run on show, and off at 0', () => {
    expect(smoothingOver(0.5, 4000)).toEqual({ weight: 0.5, steps: 40 });
    expect(smoothingOver(0.5, 20)).toEqual({ weight: 0.5, steps: 1 });
    expect(smoothingOver(0, 4000)).toBeNull();
  });

  it('passes over what was not measured', () => {
    const { series, column } = setUp([2, Number.NaN, 2]);
    const out = smoothed(series, column, { weight: 0.9, steps: 1 });
    expect(out[1]).toBeNaN();
    expect(out[2]).toBeCloseTo(2, 6);
  });

  it('goes on where it was, and starts again when an old row changes', () => {
    const { series, column } = setUp([1, 1]);
    smoothed(series, column, HALF);
    appendRows(series, [2], { x: [4] });
    const grown = smoothed(series, column, HALF)[2];
    const fresh = setUp([1, 1, 4]);
    expect(grown).toBeCloseTo(smoothed(fresh.series, fresh.column, HALF)[2] as number, 6);
    appendRows(series, [0], { x: [9] });
    expect(smoothed(series, column, HALF)[0]).toBe(9);
  });

  it('keeps up with a curve that outgrows its buffer', () => {
    const { series, column } = setUp(Array.from({ length: 200 }, () => 1));
    smoothed(series, column, HALF);
    for (let i = 200; i < 2000; i++) appendRows(series, [i], { x: [1] });
    expect(smoothed(series, column, HALF)[1999]).toBeCloseTo(1, 6);
  });
});
