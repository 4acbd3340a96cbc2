import { describe, expect, it } from 'vitest';
import { type ArmCurves, meanOf, type RunCurves, rightOption, type SketchPrediction, scoreSketch, sketchInWords, valueAt } from './lesson';

const run = (seed: number, steps: readonly number[], values: readonly (number | null)[]): RunCurves => ({
  seed,
  first: {},
  last: {},
  series: { steps, columns: { m: values } },
});

const sketch: SketchPrediction = {
  kind: 'sketch',
  id: 's',
  question: '',
  metric: 'm',
  arm: 'a',
  from: 0,
  to: 10,
  low: 0,
  high: 2,
  why: '',
};

describe('curves of a result', () => {
  it('are averaged where every seed has a value', () => {
    const runs = [run(0, [0, 5, 10], [1, null, 3]), run(1, [0, 5, 10], [3, 4, 5])];
    expect(meanOf(runs, 'm')).toEqual([
      [0, 2],
      [10, 4],
    ]);
    expect(meanOf(runs, 'other')).toEqual([]);
  });

  it('are read on straight lines between their points, and nowhere else', () => {
    const points = [
      [0, 1],
      [10, 3],
    ] as const;
    expect([0, 2.5, 10].map((step) => valueAt(points, step))).toEqual([1, 1.5, 3]);
    expect([-1, 11].map((step) => valueAt(points, step))).toEqual([null, null]);
  });
});

describe('the right prediction', () => {
  const arms: ArmCurves = { a: [run(0, [0, 10], [1, 2])], b: [run(0, [0, 10], [5, 1.5])], c: [run(0, [0, 10], [1, 1.05])] };

  it('is the arm that ends highest, wherever it began', () => {
    const answer = { by: 'highest', metric: 'm', arms: { first: 'a', second: 'b' } } as const;
    expect(rightOption(answer, arms)).toBe('first');
    expect(rightOption(answer, { a: [] })).toBeNull();
  });

  it('is where a metric has gone from a step or from a value', () => {
    const answer = (arm: string, against: { readonly step: number } | { readonly value: number }) =>
      ({ by: 'change', metric: 'm', arm, against, margin: 0.1, options: { rises: 'up', falls: 'down', stays: 'same' } }) as const;
    expect(['a', 'b', 'c'].map((arm) => rightOption(answer(arm, { step: 0 }), arms))).toEqual(['up', 'down', 'same']);
    expect(['a', 'b', 'c'].map((arm) => rightOption(answer(arm, { value: 1.5 }), arms))).toEqual(['up', 'same', 'down']);
    expect(rightOption(answer('moon', { step: 0 }), arms)).toBeNull();
  });
});

describe('a sketch', () => {
  const curve = [
    [0, 0],
    [10, 2],
  ] as const;

  it('is at no distance from itself, and its distance is a share of the axis', () => {
    expect(scoreSketch(curve, sketch, curve)).toEqual({ distance: 0, end: 0 });
    // One below everywhere on an axis of two: half of it.
    const low = [
      [0, -1],
      [10, 1],
    ] as const;
    expect(scoreSketch(low, sketch, curve)).toEqual({ distance: 0.5, end: -0.5 });
  });

  it('is compared where both are, or not at all', () => {
    const short = [
      [0, 0],
      [5, 1],
    ] as const;
    expect(scoreSketch(curve, sketch, short)?.distance).toBeCloseTo(0, 12);
    expect(scoreSketch(curve, sketch, [])).toBeNull();
  });

  it.each([
    [{ distance: 0.02, end: 0.02 }, /right along/],
    [{ distance: 0.3, end: 0.01 }, /saw where it ends/],
    [{ distance: 0.15, end: 0.2 }, /ends above the result/],
    [{ distance: 0.6, end: 0.6 }, /ends lower than you drew/],
  ])('is told kindly: %o', (score, words) => {
    expect(sketchInWords(score)).toMatch(words);
    expect(sketchInWords(score)).toContain(`${Math.round(100 * score.distance)} %`);
  });
});
