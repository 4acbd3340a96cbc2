import { describe, expect, it } from 'vitest';
import { tintRange, tintShare } from './tint';

describe('reward tints', () => {
  it('spread over at least 0 to 1', () => {
    expect(tintRange([0.2, 0.4])).toEqual([0, 1]);
    expect(tintRange([-2, 3, Number.NaN])).toEqual([-2, 3]);
    expect(tintRange([])).toEqual([0, 1]);
  });

  it('deepen with the reward', () => {
    expect(tintShare(0.25, 0, 1)).toBe(0.25);
    expect(tintShare(-2, -2, 3)).toBe(0);
    expect(tintShare(Number.NaN, 0, 1)).toBe(0);
  });
});
