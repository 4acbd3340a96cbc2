import { describe, expect, it } from 'vitest';
import { BOS, EOS, PAD } from '../core/world';
import { completionOf, decode, encode, makeVocabulary } from './text';

const letters = makeVocabulary('abca', '');
const words = makeVocabulary(['red', 'blue', '🟦'], ' ');

describe('vocabulary', () => {
  it('puts the special tokens first and keeps one of each word', () => {
    expect(letters.tokens).toEqual(['<pad>', '<bos>', '<eos>', 'a', 'b', 'c']);
  });

  it('takes a text apart and puts it together again', () => {
    expect(encode(letters, 'cab')).toEqual([5, 3, 4]);
    expect(decode(letters, [BOS, 5, 3, 4, EOS, PAD])).toBe('cab');
    expect(encode(words, 'blue red')).toEqual([4, 3]);
    expect(decode(words, [4, 3])).toBe('blue red');
    expect(encode(words, '')).toEqual([]);
  });

  it('takes characters by code point, not by UTF-16 unit', () => {
    const vocab = makeVocabulary(Array.from('a🟦'), '');
    expect(encode(vocab, '🟦a')).toEqual([4, 3]);
    expect(decode(vocab, [4])).toBe('🟦');
  });

  it('refuses what the vocabulary lacks', () => {
    expect(() => encode(letters, 'ad')).toThrow(RangeError);
    expect(() => decode(letters, [6])).toThrow(RangeError);
  });
});

describe('completionOf', () => {
  it('cuts at the first end token', () => {
    expect(completionOf(letters, [3, 4, EOS, 5, PAD], true)).toEqual({ tokens: [3, 4], text: 'ab', ended: true });
  });

  it('says that the length limit cut it off where no end token came', () => {
    expect(completionOf(letters, [3, 4, PAD], true)).toEqual({ tokens: [3, 4], text: 'ab', ended: false });
  });

  it('counts a completion as ended where it could not end', () => {
    expect(completionOf(letters, [3], false)).toEqual({ tokens: [3], text: 'a', ended: true });
  });

  it('takes an empty completion', () => {
    expect(completionOf(letters, [EOS], true)).toEqual({ tokens: [], text: '', ended: true });
    expect(completionOf(letters, [], true)).toEqual({ tokens: [], text: '', ended: false });
  });
});
