import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { csvTable, float32Text, losslessJson, parseLossless } from './export-csv';

describe('a table as CSV', () => {
  it('quotes what has to be quoted, and leaves out what was not measured', () => {
    expect(
      csvTable(
        ['a', 'b, c'],
        [
          ['x "y"', Number.NaN],
          ['two\nlines', null],
          [-0, true],
        ],
      ),
    ).toBe('a,"b, c"\n"x ""y""",\n"two\nlines",\n-0,true\n');
  });

  it('gives a spreadsheet nothing to compute', () => {
    expect(csvTable(['name'], [['=1+1'], ['@x'], ['-cmd'], ['+a'], ['-5'], ['+1.5'], ['a=b']])).toBe(
      "name\n'=1+1\n'@x\n'-cmd\n'+a\n-5\n+1.5\na=b\n",
    );
  });
});

describe('a float32 in digits', () => {
  it('reads back as the same bits', () => {
    const rng = createRng(3).fork('bits');
    const words = Uint32Array.from({ length: 20_000 }, () => Math.floor(rng.uniform() * 2 ** 32));
    const values = new Float32Array(words.buffer);
    for (const value of values) {
      const text = float32Text(value);
      if (Number.isNaN(value)) expect(text).toBe('');
      else if (!Object.is(Math.fround(Number(text)), value)) expect.fail(`${value} as ${text}`);
    }
  });

  it('has no digits that it does not need', () => {
    expect([0.1, 1 / 3, 1e-8, 16_777_215, -0].map((value) => float32Text(Math.fround(value)))).toEqual([
      '0.1',
      '0.33333334',
      '1e-8',
      '16777215',
      '-0',
    ]);
  });
});

it('JSON keeps numbers that it has no word for', () => {
  const value = { a: [Number.NaN, Number.NEGATIVE_INFINITY, 1], b: 'NaN' };
  expect(parseLossless(losslessJson(value))).toEqual(value);
});
