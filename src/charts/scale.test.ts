import { describe, expect, it } from 'vitest';
import { formatTick, niceAxis, niceStep, spreadLabels } from './scale';

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
