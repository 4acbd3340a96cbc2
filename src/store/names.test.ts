import { describe, expect, it } from 'vitest';
import { runName } from './names';

describe('run names', () => {
  it('are the same for the same count and differ between counts', () => {
    expect(runName(3, new Set())).toBe(runName(3, new Set()));
    const names = new Set(Array.from({ length: 50 }, (_, i) => runName(i, new Set())));
    expect(names.size).toBeGreaterThan(45);
    for (const name of names) expect(name).toMatch(/^[a-z]+-[a-z]+$/);
  });

  it('pass over a name that is taken', () => {
    const first = runName(0, new Set());
    const second = runName(0, new Set([first]));
    expect(second).not.toBe(first);
    expect(second).toMatch(/^[a-z]+-[a-z]+$/);
  });
});
