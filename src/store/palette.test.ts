import { describe, expect, it } from 'vitest';
import { ACCENTS, accentOf, pickAccent } from './palette';

describe('accents', () => {
  it('prefers the arm’s own, then the least used', () => {
    expect(pickAccent([], null)).toBe(0);
    expect(pickAccent([0], 2)).toBe(2);
    expect(pickAccent([0, 2], 2)).toBe(1);
    expect(pickAccent([0, 1, 2, 3, 4, 5, 0], null)).toBe(6);
    expect(pickAccent([...Array(36).keys(), 0, 1], null)).toBe(2);
  });

  it('gives every colour its own marker', () => {
    expect(new Set(ACCENTS.map((accent) => accent.marker)).size).toBe(ACCENTS.length);
    const pairs = [...Array(36).keys()].map((i) => `${accentOf(i).name} ${accentOf(i).marker}`);
    expect(new Set(pairs).size).toBe(36);
    expect(accentOf(36)).toEqual(accentOf(0));
    expect(ACCENTS.map((_, i) => accentOf(i))).toEqual(ACCENTS);
  });
});
