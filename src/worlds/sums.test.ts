import { describe, expect, it } from 'vitest';
import type { Params } from '../core/params';
import { createRng } from '../core/rng';
import { EOS, type Example, type WorldInstance } from '../core/world';
import { columnsOf, type Problem, plausibleWrong, resultOf, splitOf, sums } from './sums';
import { completionOf, decode, encode } from './text';

const make = (params: Params = {}) => sums.create(params, { dataset: () => undefined });
const judge = (world: WorldInstance, problem: Problem, text: string, end = true) => {
  const example: Example = { prompt: [1], data: problem };
  return world.verify(example, completionOf(world.vocab, [...encode(world.vocab, text), ...(end ? [EOS] : [])], true));
};
const right = { correct: true, score: 1, parts: { format: 1, accuracy: 1 } };
const sum: Problem = { a: 47, b: 38, op: '+' };

/** Every problem with operands up to the limit. */
function everyProblem(limit: number): Problem[] {
  const all: Problem[] = [];
  for (let a = 0; a < limit; a++) {
    for (let b = 0; b < limit; b++) {
      all.push({ a, b, op: '+' });
      if (a >= b) all.push({ a, b, op: '-' });
    }
  }
  return all;
}

describe('how a sum is written', () => {
  const written = (params: Params) => {
    const world = make(params);
    const { example, completion } = world.demonstrate?.(createRng(5), 'train') ?? { example: { prompt: [] }, completion: [] };
    return decode(world.vocab, [...example.prompt, ...completion]);
  };

  it('is fixed in width unless told otherwise', () => {
    expect(written({})).toMatch(/^\d\d\+\d\d=\d\d\d$/);
    expect(written({ digits: 1 })).toMatch(/^\d\+\d=\d\d$/);
    expect(written({ operation: 'subtract' })).toMatch(/^\d\d-\d\d=\d\d$/);
    expect(written({ padded: false })).toMatch(/^[1-9]?\d\+[1-9]?\d=(0|[1-9]\d{0,2})$/);
  });

  it('carries its tag', () => {
    expect(written({ format: 'angle' })).toMatch(/=<\d{3}>$/);
    expect(written({ format: 'square' })).toMatch(/=\[\d{3}\]$/);
  });

  it('works out the columns, units first', () => {
    // 7+8 is 15, so 1 is carried: 4+3+1 is 8.
    expect(columnsOf(sum, 2)).toBe('7+8=15,4+3+1=08');
    expect(columnsOf({ a: 21, b: 7, op: '+' }, 2)).toBe('1+7=08,2+0+0=02');
    // 3-8 needs a ten: 13-8 is 5, and 4-1-1 is 2.
    expect(columnsOf({ a: 43, b: 18, op: '-' }, 2)).toBe('13-8=5,4-1-1=2');
    expect(columnsOf({ a: 49, b: 18, op: '-' }, 2)).toBe('09-8=1,4-1-0=3');
    expect(columnsOf({ a: 7, b: 8, op: '+' }, 1)).toBe('7+8=15');
    expect(written({ steps: true })).toMatch(/^\d\d\+\d\d=\d\+\d=\d\d,\d\+\d\+\d=\d\d,\d{3}$/);
    expect(written({ steps: true, format: 'angle' })).toMatch(/=<\d\+\d=\d\d,\d\+\d\+\d=\d\d,\d{3}>$/);
  });

  it('uses all three formats where they are mixed', () => {
    const world = make({ format: 'mixed' });
    const firsts = Array.from(
      { length: 60 },
      (_, i) => decode(world.vocab, world.demonstrate?.(createRng(i), 'train').completion ?? [])[0],
    );
    expect(firsts.filter((c) => c === '<').length).toBeGreaterThan(5);
    expect(firsts.filter((c) => c === '[').length).toBeGreaterThan(5);
    expect(firsts.filter((c) => c !== '[' && c !== '<').length).toBeGreaterThan(5);
    expect(world.modes?.map((mode) => mode.name)).toEqual(['plain', 'angle', 'square']);
    expect(make().modes).toBeUndefined();
  });
});

describe('how a sum is judged', () => {
  it('is right only when it is well formed and the number is right', () => {
    expect(judge(make(), sum, '085')).toEqual(right);
    expect(judge(make(), sum, '086')).toEqual({ correct: false, score: 0, parts: { format: 1, accuracy: 0 } });
    expect(judge(make(), sum, '85')).toEqual({ correct: false, score: 0, parts: { format: 0, accuracy: 1 } });
    expect(judge(make(), sum, '0850')).toEqual({ correct: false, score: 0, parts: { format: 0, accuracy: 0 } });
    expect(judge(make(), sum, '')).toEqual({ correct: false, score: 0, parts: { format: 0, accuracy: 0 } });
    expect(judge(make(), sum, '=+')).toEqual({ correct: false, score: 0, parts: { format: 0, accuracy: 0 } });
  });

  it('must end', () => {
    expect(judge(make(), sum, '085', false)).toEqual({ correct: false, score: 0, parts: { format: 0, accuracy: 1 } });
  });

  it('takes any tag in mixed and only its own elsewhere', () => {
    const mixed = make({ format: 'mixed' });
    for (const text of ['085', '<085>', '[085]']) expect(judge(mixed, sum, text)).toEqual(right);
    for (const text of ['<085', '<085]', '085>', '<<085>']) expect(judge(mixed, sum, text).parts).toEqual({ format: 0, accuracy: 1 });
    expect(judge(make({ format: 'angle' }), sum, '[085]').parts).toEqual({ format: 0, accuracy: 1 });
    const [plain, angle] = mixed.modes ?? [];
    expect(plain?.contains({ tokens: [], text: '085', ended: true })).toBe(true);
    expect(angle?.contains({ tokens: [], text: '085', ended: true })).toBe(false);
  });

  it('wants no zeros in front where the width is free', () => {
    const free = make({ padded: false });
    expect(judge(free, sum, '85')).toEqual(right);
    expect(judge(free, sum, '085').parts.format).toBe(0);
    expect(judge(free, { a: 3, b: 3, op: '-' }, '0')).toEqual(right);
  });

  it('wants the steps written, and judges the answer', () => {
    const stepped = make({ steps: true });
    expect(judge(stepped, sum, '7+8=15,4+3+1=08,085')).toEqual(right);
    expect(judge(stepped, sum, '7+8=15,4+3+0=07,085')).toEqual(right);
    expect(judge(stepped, sum, '085').parts).toEqual({ format: 0, accuracy: 1 });
    expect(judge(stepped, sum, '7+8=15,4+3+0=07,075').parts).toEqual({ format: 1, accuracy: 0 });
  });
});

describe('problems', () => {
  it.each([
    [1, 0.15, 0.25],
    [2, 0.08, 0.12],
  ])('of %d digits are held out in the stated share', (digits, low, high) => {
    const all = everyProblem(10 ** digits);
    const share = all.filter((problem) => splitOf(problem, digits) === 'test').length / all.length;
    expect(share).toBeGreaterThan(low);
    expect(share).toBeLessThan(high);
  });

  it('are held out together with their mirror image', () => {
    for (const { a, b, op } of everyProblem(100)) {
      if (op === '+') expect(splitOf({ a, b, op }, 2)).toBe(splitOf({ a: b, b: a, op }, 2));
    }
  });

  it('never have a negative result', () => {
    const world = make({ operation: 'both' });
    for (let i = 0; i < 300; i++) expect(Number(world.sample(createRng(i), 'train').answer)).toBeGreaterThanOrEqual(0);
  });
});

describe('wrong results', () => {
  it('are the slips that one expects', () => {
    // 47+38: one off 84, 86; ten off 75, 95; without the carry 75; swapped 58.
    expect(plausibleWrong(sum, 3).sort((a, b) => a - b)).toEqual([58, 75, 84, 86, 95]);
    // 43-18: without the borrow 3 tens and 5 units.
    expect(plausibleWrong({ a: 43, b: 18, op: '-' }, 2).sort((a, b) => a - b)).toEqual([15, 24, 26, 35, 52]);
  });

  it('are never right, negative or too wide, and never run out', () => {
    for (const problem of everyProblem(100)) {
      const width = problem.op === '+' ? 3 : 2;
      const wrong = plausibleWrong(problem, width);
      expect(wrong.length).toBeGreaterThan(0);
      for (const value of wrong) expect(value !== resultOf(problem) && value >= 0 && value < 10 ** width).toBe(true);
    }
  });
});

describe('flipped labels', () => {
  const pairs = (params: Params, split: 'train' | 'test' = 'train') => {
    const world = make(params);
    const rng = createRng(11);
    return Array.from({ length: 1000 }, () => world.prefer?.(rng, split)).filter((pair) => pair !== undefined);
  };
  const truth = pairs({});
  const flippedOf = (drawn: typeof truth) => drawn.map((pair, i) => pair.chosen.join() !== truth[i]?.chosen.join());

  it('exchange the sides of their share of the same pairs', () => {
    for (const [flip, bound] of [
      // Four standard deviations: 4 sqrt(p (1 - p) / 1000).
      [0.2, 0.051],
      [0.5, 0.064],
    ] as const) {
      const drawn = pairs({ flip });
      const flipped = flippedOf(drawn);
      expect(Math.abs(flipped.filter(Boolean).length / 1000 - flip)).toBeLessThan(bound);
      drawn.forEach(({ example, chosen, rejected }, i) => {
        const pair = truth[i] as (typeof truth)[number];
        expect(example).toEqual(pair.example);
        expect([chosen, rejected]).toEqual(flipped[i] ? [pair.rejected, pair.chosen] : [pair.chosen, pair.rejected]);
      });
    }
  });

  it('are more of the same at a larger share, and all at 1', () => {
    const [few, many] = [flippedOf(pairs({ flip: 0.2 })), flippedOf(pairs({ flip: 0.5 }))];
    few.forEach((flipped, i) => {
      if (flipped) expect(many[i]).toBe(true);
    });
    expect(flippedOf(pairs({ flip: 1 }))).not.toContain(false);
  });

  it('leave held-out pairs as they are', () => {
    expect(pairs({ flip: 1 }, 'test')).toEqual(pairs({}, 'test'));
  });
});
