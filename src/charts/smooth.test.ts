import { describe, expect, it } from 'vitest';
import { appendRows, type Column, createSeries } from '../store/series';
import { smoothed } from './smooth';

const setUp = (values: readonly number[]) => {
  const series = createSeries();
  appendRows(
    series,
    values.map((_, i) => i),
    { x: values },
  );
  return { series, column: series.columns.get('x') as Column };
};

describe('smoothing', () => {
  it('is a moving average with the start corrected', () => {
    // Weight .5: sums .5, .75 + ..., masses .5, .75. First 1; second (.5*.5*1 + .5*3)/.75 = (.25 + 1.5)/.75 = 7/3.
    const { series, column } = setUp([1, 3]);
    const out = smoothed(series, column, 0.5);
    expect(out[0]).toBeCloseTo(1, 6);
    expect(out[1]).toBeCloseTo(7 / 3, 6);
  });

  it('passes over what was not measured', () => {
    const { series, column } = setUp([2, Number.NaN, 2]);
    const out = smoothed(series, column, 0.9);
    expect(out[1]).toBeNaN();
    expect(out[2]).toBeCloseTo(2, 6);
  });

  it('goes on where it was, and starts again when an old row changes', () => {
    const { series, column } = setUp([1, 1]);
    smoothed(series, column, 0.5);
    appendRows(series, [2], { x: [4] });
    const grown = smoothed(series, column, 0.5)[2];
    const fresh = setUp([1, 1, 4]);
    expect(grown).toBeCloseTo(smoothed(fresh.series, fresh.column, 0.5)[2] as number, 6);
    appendRows(series, [0], { x: [9] });
    expect(smoothed(series, column, 0.5)[0]).toBe(9);
  });

  it('keeps up with a curve that outgrows its buffer', () => {
    const { series, column } = setUp(Array.from({ length: 200 }, () => 1));
    smoothed(series, column, 0.5);
    for (let i = 200; i < 2000; i++) appendRows(series, [i], { x: [1] });
    expect(smoothed(series, column, 0.5)[1999]).toBeCloseTo(1, 6);
  });
});
