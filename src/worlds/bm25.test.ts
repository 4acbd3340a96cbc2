import { describe, expect, it } from 'vitest';
import { createBm25, indexWords } from './bm25';

const usual = { k1: 1.2, b: 0.75 };
const words = (text: string) => text.split(' ');
const index = (texts: readonly string[], options = usual) => createBm25(texts.map(words), options);

describe('BM25', () => {
  it('finds what holds a word of the query and nothing else', () => {
    const engine = index(['red fish', 'blue fish', 'green bird']);
    expect(engine.search(['bird'])).toEqual([2]);
    expect(engine.search(['cat'])).toEqual([]);
    expect(engine.search([])).toEqual([]);
    expect(engine.knows('fish')).toBe(true);
    expect(engine.knows('cat')).toBe(false);
    expect(createBm25([], usual).search(['fish'])).toEqual([]);
  });

  it('keeps the order of the collection among equals', () => {
    expect(index(['a x', 'b x', 'c y', 'd x']).search(['x'])).toEqual([0, 1, 3]);
  });

  it('weighs repetition against length as k1 and b say', () => {
    const texts = ['x x p q r s', 'x t'];
    // Mean length 4. First: 2 (2.2) / (2 + 1.2 (.25 + .75 6/4)) = 4.4 / 3.65 = 1.205; second: 2.2 / (1 + 1.2 (.25 + .75 2/4)) = 1.257.
    expect(index(texts).search(['x'])).toEqual([1, 0]);
    // Without length: 4.4 / 3.2 = 1.375 against 2.2 / 2.2 = 1.
    expect(index(texts, { k1: 1.2, b: 0 }).search(['x'])).toEqual([0, 1]);
    // Length in full: 4.4 / (2 + 1.8) = 1.158 against 2.2 / (1 + .6) = 1.375.
    expect(index(texts, { k1: 1.2, b: 1 }).search(['x'])).toEqual([1, 0]);
  });

  it('weighs rare words as the idf says', () => {
    // One word each, so a score is the idf: ln(1 + 1.5/3.5) = .357 for the common one, ln(1 + 3.5/1.5) = 1.204 for the rare one.
    const engine = index(['common', 'common', 'common', 'rare']);
    expect(engine.search(['common', 'rare'])[0]).toBe(3);
    // 3 x .357 = 1.070 is still less, 4 x .357 = 1.427 is more.
    expect(engine.search(words('common common common rare'))[0]).toBe(3);
    expect(engine.search(words('common common common common rare'))[0]).toBe(0);
  });
});

describe('the words of the index', () => {
  it('are plain, and those that say nothing are left out', () => {
    expect(indexWords("Émile Zola, The Ladies' Paradise")).toEqual(['emile', 'zola', 'ladies', 'paradise']);
    expect(indexWords('Moby-Dick')).toEqual(['moby', 'dick']);
    expect(indexWords('of the and')).toEqual([]);
    expect(indexWords('')).toEqual([]);
  });
});
