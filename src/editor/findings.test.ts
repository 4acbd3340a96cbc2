import { describe, expect, it } from 'vitest';
import { findingsIn, runs, type Verdict, verdictInWords } from './findings';

const TEXT = 'first line\nsecond line\nthird line';
const type = (at: string, message: string) => {
  const from = TEXT.indexOf(at);
  return { from, to: from + at.length, message, kind: 'type' as const };
};
const error = (line: number, column: number, message: string) => ({ line, column, message });
const verdict = (types: Verdict['types'], errors: ReturnType<typeof error>[] | null): Verdict => ({
  types,
  checked: errors === null ? null : { errors, entry: errors.length > 0 ? null : ({ id: 'x' } as never) },
});

describe('findingsIn', () => {
  it('tells lines and columns from 1, in the order of the text', () => {
    const found = findingsIn(TEXT, verdict([type('third', 'no third')], [error(2, 8, 'no line')]));
    expect(found).toMatchObject([
      { line: 2, column: 8, message: 'no line', from: 18, fatal: true },
      { line: 3, column: 1, message: 'no third', from: 23, to: 28, fatal: false },
    ]);
  });

  it('leaves the worker’s echo of a syntax error out', () => {
    const syntax = { ...type('second', "';' expected."), kind: 'syntax' as const };
    expect(findingsIn(TEXT, verdict([syntax], [error(2, 1, 'Unexpected token'), error(1, 1, 'No objective')]))).toMatchObject([
      { message: "';' expected.", fatal: true },
    ]);
  });

  it('says a thing once: on a line with a type error, and where it repeats itself', () => {
    const types = [type('second', 'no such name'), type('line\nthird', 'no such name')];
    const found = findingsIn(TEXT, verdict(types, [error(2, 1, 'second is not defined'), error(1, 1, 'The loss is not finite')]));
    expect(found.map(({ line, message, from }) => [line, message, from])).toEqual([
      [1, 'The loss is not finite', 0],
      [2, 'no such name', 11],
    ]);
  });

  it('keeps places inside the text', () => {
    expect(findingsIn(TEXT, verdict([], [error(99, 99, 'beyond')]))).toMatchObject([{ line: 3, from: TEXT.length, to: TEXT.length }]);
    expect(findingsIn('', verdict([], [error(0, 0, 'empty')]))).toMatchObject([{ line: 1, from: 0, to: 0 }]);
  });
});

describe('verdictInWords', () => {
  const words = (value: Verdict): string => verdictInWords(value, findingsIn(TEXT, value));

  it('tells how far it is and what came of it', () => {
    expect(words({ types: null, checked: null })).toBe('checking');
    expect(words(verdict([], []))).toBe('checked: fine');
    expect(words(verdict([], [error(1, 1, 'a')]))).toBe('1 error');
    expect(words(verdict([], [error(1, 1, 'a'), error(2, 1, 'b')]))).toBe('2 errors');
    expect(words(verdict([type('second', 'a')], []))).toBe('1 error of type; it runs');
    expect(words({ types: [], checked: 'unasked' })).toBe('not checked: the lab is not ready');
  });

  it('counts as running only what the worker has run', () => {
    expect(runs(verdict([type('second', 'a')], []))).toBe(true);
    expect(runs({ types: [], checked: 'unasked' })).toBe(false);
    expect(runs(verdict([], [error(1, 1, 'a')]))).toBe(false);
  });
});
