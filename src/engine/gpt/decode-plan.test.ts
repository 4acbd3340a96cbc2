import { describe, expect, it } from 'vitest';
import { gptLayout } from '../../policies/gpt';
import { decodeArena, decodeSteps, wholeSteps } from './decode-plan';
import { type Parts, partsOf } from './plan';

/** Workgroup memory that WebGPU guarantees. */
const MEMORY = 16_384;

function partsFor(layers: number, width: number, heads: number, length: number): Parts {
  const shape = { vocabSize: 64, maxLen: length, promptLen: 8, sampleable: [], head: false };
  const layout = gptLayout({ layers, width, heads, shape });
  return partsOf({ layers, width, heads, vocabSize: 64, maxLen: length, layout }, 'registers');
}

/** Names of a plan's dispatches, how many threads they have in all, and their fields. */
const plan = (parts: Parts, size: { rows: number; length: number; prefix: number }, memory = MEMORY) => {
  const arena = decodeArena(parts, size);
  return { arena, steps: decodeSteps(parts, size, arena), whole: wholeSteps(parts, size, arena, memory) };
};

describe('a rollout of 64 sequences, 8 tokens of prompt and 24 new ones', () => {
  const size = { rows: 64, length: 32, prefix: 8 };

  it.each([2, 4])('takes 1 + 24 (5 L + 1) dispatches with %d layers, the prompts in one block', (layers) => {
    const { steps } = plan(partsFor(layers, 64, 4, 32), size);
    expect(steps).toHaveLength(1 + 24 * (5 * layers + 1));
    // The first product takes all positions of the prompts, and behind its values the last layer takes the last one only.
    const rows = steps.slice(1, 1 + 5 * layers).map(({ fields }) => (fields.rows as number) * (fields.places ?? 1));
    expect(rows.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 64 * 8));
    expect(rows.slice(-4)).toEqual(Array.from({ length: 4 }, () => 64));
  });

  it('is a single dispatch where it takes no more than 2^28 operations, and else as many as those make', () => {
    expect(plan(partsFor(2, 64, 4, 32), { ...size, rows: 32 }).whole).toHaveLength(1);
    // 2 (4 (12 128^2 + 2 128 32) + 128 64) operations for a token of each of 32 rows: five positions in 2^28.
    const split = plan(partsFor(4, 128, 4, 32), { ...size, rows: 32 }).whole?.map(({ fields }) => [fields.start, fields.stop]);
    expect(split).toEqual([0, 5, 10, 15, 20, 25, 30].map((start) => [start, Math.min(31, start + 5)]));
  });

  it('has the same arena whatever the prompts are', () => {
    const parts = partsFor(2, 64, 4, 32);
    expect(plan(parts, { ...size, prefix: 1 }).arena.size).toBe(plan(parts, size).arena.size);
  });
});

describe('the single dispatch', () => {
  it('reads prompts in blocks where these take fewer dispatches than positions', () => {
    const parts = partsFor(1, 16, 2, 32);
    const lengthOf = (prefix: number) => plan(parts, { rows: 4, length: 32, prefix }).whole?.length;
    expect(lengthOf(6)).toBe(1);
    // Tokens in, 5 for the layer, the draw of the first token, and the rest.
    expect(lengthOf(7)).toBe(8);
    // Nothing is left to draw after the prompts.
    expect(lengthOf(31)).toBe(7);
  });

  it('takes several sequences at once where there are many, and as many as fit', () => {
    const groups = (rows: number, width: number, memory: number) =>
      plan(partsFor(1, width, 4, 32), { rows, length: 32, prefix: 1 }, memory).whole?.[0]?.groups;
    expect([1, 64, 65, 256, 1024].map((rows) => groups(rows, 64, MEMORY))).toEqual([1, 64, 33, 64, 256]);
    // 6 · 256 numbers of 4 bytes for a sequence, 512 for its scores and 4,096 for the teams: one fits into 16 KB, four into 32.
    expect(groups(256, 256, MEMORY)).toBe(256);
    expect(groups(256, 256, 2 * MEMORY)).toBe(64);
  });

  it('is not there for a model that is too wide for the memory of a workgroup', () => {
    expect(plan(partsFor(1, 768, 4, 32), { rows: 4, length: 32, prefix: 1 }).whole).toBeNull();
  });
});
