import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, bytesOf, dirtyBlocks, surplusCheckpoints } from './persist';

describe('what is written', () => {
  it('is the last block of a growing curve, and the one before while late rows may still change it', () => {
    expect(dirtyBlocks(0, 10)).toEqual({ first: 0, last: 0 });
    expect(dirtyBlocks(BLOCK_ROWS, BLOCK_ROWS + 10)).toEqual({ first: 0, last: 1 });
    expect(dirtyBlocks(BLOCK_ROWS + 500, BLOCK_ROWS + 900)).toEqual({ first: 1, last: 1 });
    expect(dirtyBlocks(0, 3 * BLOCK_ROWS)).toEqual({ first: 0, last: 2 });
  });

  it('starts at the cut where the curve has become shorter', () => {
    expect(dirtyBlocks(3 * BLOCK_ROWS, 10)).toEqual({ first: 0, last: 0 });
    expect(dirtyBlocks(3 * BLOCK_ROWS, 2 * BLOCK_ROWS + 400)).toEqual({ first: 2, last: 2 });
  });
});

describe('checkpoints that make room', () => {
  const stored = ['b', 'c', 'a'].map((runId) => ({ runId, bytes: 10 }));
  const none = new Set<string>();

  it('are those of the oldest runs, until the others fit', () => {
    expect(surplusCheckpoints(stored, { bytes: 30, keep: 0, protect: none })).toEqual([]);
    expect(surplusCheckpoints(stored, { bytes: 29, keep: 0, protect: none })).toEqual(['a']);
    expect(surplusCheckpoints(stored, { bytes: 10, keep: 0, protect: none })).toEqual(['a', 'b']);
    expect(surplusCheckpoints(stored, { bytes: -1, keep: 0, protect: none })).toEqual(['a', 'b', 'c']);
  });

  it('are never those of the newest runs, nor of a protected one', () => {
    expect(surplusCheckpoints(stored, { bytes: 0, keep: 2, protect: none })).toEqual(['a']);
    expect(surplusCheckpoints(stored, { bytes: 0, keep: 1, protect: new Set(['a']) })).toEqual(['b']);
  });
});

describe('the size of what is stored', () => {
  it('counts arrays by their bytes and each of them once', () => {
    const theta = new Float32Array(100);
    expect(bytesOf({ theta })).toBe(400 + 9);
    // Two keys of one letter, and a reference.
    expect(bytesOf({ a: theta, b: theta })).toBe(400 + 5 + 5 + 4);
    expect(bytesOf(['ab', 1, null])).toBe(8 + 8 + 8);
  });
});
