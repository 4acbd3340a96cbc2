import { describe, expect, it } from 'vitest';
import { edgesOf, histogram, histogramOf } from './histogram';

describe('edges', () => {
  it('are round, one of them is 0, and the last value has a bin of its own', () => {
    // A span of 4 in at most 8 bins: 4 / 7 is rounded up to a step of 1.
    expect(edgesOf([-1, 3], { bins: 8 })).toEqual([-1, 0, 1, 2, 3, 4]);
    // .37 / 9 is rounded up to .05: from the multiple below -.12 to one above .25.
    expect(edgesOf([-0.12, 0.25], { bins: 10 })).toEqual([-0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]);
  });

  it('hold what has to be drawn, and are not stretched by a hundredth of the values', () => {
    expect(edgesOf([1], { bins: 5, include: [0.8, 1.2] })).toEqual([0.8, 0.9, 1, 1.1, 1.2, 1.3]);
    const many = [...Array.from({ length: 200 }, (_, i) => i / 200), 1000];
    expect(edgesOf(many, { bins: 6 }).at(-1)).toBeLessThan(1.5);
  });

  it('of whole numbers are whole', () => {
    expect(edgesOf([2, 3, 4], { bins: 10, whole: true })).toEqual([2, 3, 4, 5]);
    expect(edgesOf([0, 100], { bins: 11, whole: true })).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]);
  });

  it('are there for equal values, for none, and for values that are not finite', () => {
    for (const values of [[2, 2], [], [0, 0], [Number.NaN, Number.POSITIVE_INFINITY, 5]]) {
      const edges = edgesOf(values, { bins: 8 });
      expect(edges.length).toBeGreaterThan(1);
      expect(edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)))).toBe(true);
    }
  });
});

describe('a histogram', () => {
  it('counts each value once: an edge belongs to the bin above it, what lies beyond to the outermost', () => {
    const seen = histogramOf([-5, 0, 0.5, 1, 1.5, 9, Number.NaN], [0, 1, 2]);
    // -5, 0 and .5 in the first bin; 1, 1.5 and 9 in the second.
    expect(seen.counts).toEqual([3, 3]);
    expect(seen.count).toBe(6);
    expect(seen.mean).toBeCloseTo(7 / 6, 12);
  });

  it('of nothing is empty', () => {
    const { counts, count, mean } = histogram([], { bins: 4, include: [0] });
    expect([count, mean, counts.every((n) => n === 0)]).toEqual([0, 0, true]);
  });
});
