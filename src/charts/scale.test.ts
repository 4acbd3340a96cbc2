import { describe, expect, it } from 'vitest';
import { exactAxis, formatTick, logAxis, niceAxis, niceStep, shareOn, spreadLabels, valueOn } from './scale';

describe('axes', () => {
  it('step by 1, 2 or 5 times a power of ten', () => {
    expect(niceStep(1, 4)).toBe(0.5);
    expect(niceStep(10, 5)).toBe(2);
    expect(niceStep(0.08, 4)).toBeCloseTo(0.02, 12);
  });

  it('stand on ticks and include 0 where it means something', () => {
    expect(niceAxis(0.13, 0.78, true)).toEqual({ domain: [0, 0.8], ticks: [0, 0.2, 0.4, 0.6, 0.8] });
    expect(niceAxis(-7, -2, false).domain).toEqual([-8, -2]);
    expect(niceAxis(-3, -1, true).domain).toEqual([-3, 0]);
  });

  it('are never empty', () => {
    expect(niceAxis(0, 0, true).domain).toEqual([0, 1]);
    expect(niceAxis(0, 0, false).domain).toEqual([0, 1]);
    expect(niceAxis(2, 2, false).domain).toEqual([1, 3]);
    expect(niceAxis(2, 2, true).domain).toEqual([0, 2]);
    expect(niceAxis(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true).domain).toEqual([0, 1]);
  });

  it('write ticks shortly', () => {
    expect([0, 0.25, 1500, 200000, 0.00002, -0.5].map(formatTick)).toEqual(['0', '0.25', '1500', '2.0e5', '2e−5', '−0.5']);
  });
});

describe('logarithmic axes', () => {
  it('end on round numbers, with as many ticks as there is room for', () => {
    expect(logAxis(0.013, 0.7)).toEqual({ domain: [0.01, 1], ticks: [0.01, 0.03, 0.1, 0.3, 1], log: true });
    expect(logAxis(3, 40).ticks).toEqual([2, 5, 10, 20, 50]);
    expect(logAxis(1e-7, 2).ticks.length).toBeLessThanOrEqual(6);
    expect(logAxis(1e-20, 1).domain).toEqual([1e-8, 1]);
    expect(logAxis(5, 5).domain).toEqual([5, 10]);
    expect(logAxis(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).domain).toEqual([0.1, 1]);
  });

  it('give equal room to equal ratios', () => {
    const share = shareOn({ domain: [1, 10_000], ticks: [], log: true });
    expect([1, 100, 10_000].map(share)).toEqual([0, 0.5, 1]);
    expect(share(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(valueOn({ domain: [1, 10_000], ticks: [], log: true }, 0.25)).toBeCloseTo(10, 9);
  });

  it('may end where they are told to', () => {
    expect(exactAxis(3, 47, false, 4)).toEqual({ domain: [3, 47], ticks: [20, 40], log: false });
    expect(exactAxis(3, 47, true, 4)).toEqual({ domain: [3, 47], ticks: [5, 10, 20], log: true });
  });
});

describe('labels', () => {
  it('move apart and keep their order', () => {
    const placed = spreadLabels([50, 50, 20], 12, 0, 100);
    expect(placed[2]).toBe(20);
    expect(Math.abs((placed[0] as number) - (placed[1] as number))).toBeGreaterThanOrEqual(12);
  });

  it('stay within their room', () => {
    const placed = spreadLabels([99, 100, 98], 12, 0, 100);
    expect(Math.max(...placed)).toBeLessThanOrEqual(100);
    expect([...placed].sort((a, b) => a - b)).toEqual([76, 88, 100]);
  });
});
