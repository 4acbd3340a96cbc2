import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, dirtyBlocks, surplusCheckpoints } from './persist';

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
  it('are those of the oldest runs', () => {
    expect(surplusCheckpoints(['b', 'c', 'a'], 2, new Set())).toEqual(['a']);
    expect(surplusCheckpoints(['b', 'c', 'a'], 3, new Set())).toEqual([]);
    expect(surplusCheckpoints(['b', 'c', 'a'], 0, new Set())).toEqual(['c', 'b', 'a']);
  });

  it('are never those of a protected run', () => {
    expect(surplusCheckpoints(['b', 'c', 'a'], 1, new Set(['a']))).toEqual(['b']);
  });
});
