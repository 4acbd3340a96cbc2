import { describe, expect, it } from 'vitest';
import { ACCENTS, pickAccent } from './palette';

describe('accents', () => {
  it('prefers the arm’s own, then the least used', () => {
    expect(pickAccent([], null)).toBe(0);
    expect(pickAccent([0], 2)).toBe(2);
    expect(pickAccent([0, 2], 2)).toBe(1);
    expect(pickAccent([0, 1, 2, 3, 4, 5, 0], null)).toBe(1);
  });

  it('gives every colour its own marker', () => {
    expect(new Set(ACCENTS.map((accent) => accent.marker)).size).toBe(ACCENTS.length);
  });
});
