import { describe, expect, it } from 'vitest';
import { appendBlock, appendRows, copyBlock, createSeries, lastOf, type Series, truncateAfter } from './series';

const values = (series: Series, id: string): number[] => [...(series.columns.get(id)?.values.subarray(0, series.length) ?? [])];
const steps = (series: Series): number[] => [...series.steps.subarray(0, series.length)];

describe('series', () => {
  it('fills what was not measured with NaN, before and after', () => {
    const series = createSeries();
    appendRows(series, [1, 2], { loss: [4, 3] });
    appendRows(series, [3], { reward: [0.5] });
    expect(steps(series)).toEqual([1, 2, 3]);
    expect(values(series, 'loss')).toEqual([4, 3, Number.NaN]);
    expect(values(series, 'reward')).toEqual([Number.NaN, Number.NaN, 0.5]);
    expect(lastOf(series, 'loss')).toEqual({ step: 2, value: 3 });
    expect(lastOf(series, 'kl')).toBeNull();
  });

  it('merges a step that is already there and keeps its other values', () => {
    const series = createSeries();
    appendRows(series, [1, 2], { loss: [4, 3] });
    appendRows(series, [2], { reward: [0.5], loss: [Number.NaN] });
    expect(steps(series)).toEqual([1, 2]);
    expect(values(series, 'loss')).toEqual([4, 3]);
    expect(values(series, 'reward')).toEqual([Number.NaN, 0.5]);
  });

  it('puts late steps in order, several in one batch too', () => {
    const series = createSeries();
    appendRows(series, [1, 5, 9], { loss: [1, 5, 9] });
    appendRows(series, [7, 3, 11], { loss: [7, 3, 11] });
    expect(steps(series)).toEqual([1, 3, 5, 7, 9, 11]);
    expect(values(series, 'loss')).toEqual([1, 3, 5, 7, 9, 11]);
  });

  it('grows past its first capacity without losing rows', () => {
    const series = createSeries();
    for (let i = 0; i < 1000; i++) appendRows(series, [i], i % 10 === 0 ? { a: [i], b: [-i] } : { a: [i] });
    expect(series.length).toBe(1000);
    expect(lastOf(series, 'a')).toEqual({ step: 999, value: 999 });
    expect(lastOf(series, 'b')).toEqual({ step: 990, value: -990 });
    expect(values(series, 'b')[511]).toBeNaN();
  });

  it('forgets what came after a checkpoint', () => {
    const series = createSeries();
    appendRows(series, [1, 2, 3], { loss: [4, 3, 2] });
    truncateAfter(series, 2);
    expect(steps(series)).toEqual([1, 2]);
    appendRows(series, [3], { reward: [1] });
    expect(values(series, 'loss')).toEqual([4, 3, Number.NaN]);
  });

  it('counts a revision only where a row already there changes', () => {
    const series = createSeries();
    appendRows(series, [1], { loss: [4] });
    appendRows(series, [2], { loss: [3] });
    expect(series.columns.get('loss')?.revision).toBe(0);
    appendRows(series, [1], { loss: [5] });
    expect(series.columns.get('loss')?.revision).toBeGreaterThan(0);
  });

  it('comes back from stored blocks as it was', () => {
    const series = createSeries();
    appendRows(series, [1, 2, 3], { loss: [4, 3, 2] });
    appendRows(series, [3], { reward: [1] });
    const copy = createSeries();
    appendBlock(copy, copyBlock(series, 0, 2));
    appendBlock(copy, copyBlock(series, 2, 4));
    expect(steps(copy)).toEqual(steps(series));
    expect(values(copy, 'loss')).toEqual(values(series, 'loss'));
    expect(values(copy, 'reward')).toEqual(values(series, 'reward'));
  });
});
