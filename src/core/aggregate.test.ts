import { describe, expect, it } from 'vitest';
import { aggregate, bandAt, pairedDifference, summarise, type Trace, valuesAt } from './aggregate';
import { bootstrap } from './bootstrap';
import { createRng } from './rng';

const trace = (steps: readonly number[], values: readonly number[]): Trace => ({
  steps: Float64Array.from(steps),
  values: Float32Array.from(values),
  length: steps.length,
});
const shown = ({ length, steps, counts, means }: ReturnType<typeof aggregate>): number[][] =>
  Array.from({ length }, (_, i) => [steps[i] as number, counts[i] as number, means[i] as number]);

describe('runs as one curve', () => {
  // Steps 0, 10 and 20 are shared by two or three; 5 and 30 belong to one run alone, and at 10 one has not measured.
  const traces = [trace([0, 5, 10, 20], [1, 9, 2, 3]), trace([0, 10, 20], [3, 4, Number.NaN]), trace([10, 20, 30], [6, 9, 1])];

  it('have a mean at every step that two of them share, and nowhere else', () => {
    // Step 0: (1 + 3) / 2; step 10: (2 + 4 + 6) / 3; step 20: (3 + 9) / 2.
    expect(shown(aggregate(traces))).toEqual([
      [0, 2, 2],
      [10, 3, 4],
      [20, 2, 6],
    ]);
  });

  it('have a spread: by hand at step 10, where the values are 2, 4 and 6', () => {
    const points = aggregate(traces);
    // Squares (4 + 0 + 4) / 2 = 4, so the deviation is 2 and the error 2 / sqrt 3.
    expect(bandAt(points, 1, 'sd', traces)).toEqual([2, 6]);
    expect(bandAt(points, 1, 'se', traces)[0]).toBeCloseTo(4 - 2 / Math.sqrt(3), 12);
    expect(bandAt(points, 1, 'range', traces)).toEqual([2, 6]);
    expect(valuesAt(traces, 10)).toEqual([2, 4, 6]);
    expect(bandAt(points, 1, 'bootstrap', traces)).toEqual(bootstrap([2, 4, 6]));
  });

  it('grow point by point into what they are at once', () => {
    const rng = createRng(3);
    const long = Array.from({ length: 4 }, (_, k) => {
      const steps = Array.from({ length: 700 }, (_, i) => i).filter((i) => (i + k) % 3 !== 0 || i % 2 === 0);
      return trace(
        steps,
        steps.map(() => (rng.uniform() < 0.1 ? Number.NaN : rng.normal())),
      );
    });
    // One run is there from the beginning; the others come in pieces of uneven length.
    const upTo = (share: number): Trace[] => long.map((one, k) => ({ ...one, length: Math.floor(one.length * (k === 0 ? 1 : share)) }));
    let grown = aggregate(upTo(0));
    for (const share of [0.1, 0.11, 0.5, 0.5, 0.97, 1]) grown = aggregate(upTo(share), grown);
    const fresh = aggregate(long);
    expect(shown(grown)).toEqual(shown(fresh));
    expect(grown.stds.slice(0, grown.length)).toEqual(fresh.stds.slice(0, fresh.length));
    expect(fresh.length).toBeGreaterThan(400);
  });

  it('are nothing where there is one or none', () => {
    expect(aggregate([]).length).toBe(0);
    expect(aggregate([trace([0, 1], [1, 2])]).length).toBe(0);
  });
});

describe('bootstrap', () => {
  it('is the sorted percentile interval of seeded resamples', () => {
    const values = [0.3, -0.1, 0.8, 0.25, 0.4];
    const rng = createRng(0).fork('bootstrap');
    const means = Array.from({ length: 2000 }, () => values.reduce((sum) => sum + (values[rng.below(5)] as number), 0) / 5);
    means.sort((a, b) => a - b);
    expect(bootstrap(values)).toEqual([means[50], means[1949]]);
    expect(bootstrap(values)).toEqual(bootstrap([...values]));
  });

  it('of equal values is that value, and of none is nothing', () => {
    expect(bootstrap([0.5, 0.5, 0.5])).toEqual([0.5, 0.5]);
    expect(bootstrap([])).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('numbers of arms', () => {
  it('are mean and deviation', () => {
    expect(summarise([1, 2, 6])).toEqual({ n: 3, mean: 3, std: Math.sqrt(7) });
    expect(summarise([4])).toEqual({ n: 1, mean: 4, std: Number.NaN });
    expect(summarise([]).mean).toBeNaN();
  });

  it('differ over the seeds that both arms have', () => {
    const ours = new Map([
      [2, 5],
      [0, 1],
      [1, 3],
      [7, 100],
    ]);
    const theirs = new Map([
      [0, 2],
      [1, 1],
      [2, 1],
      [9, -100],
    ]);
    const paired = pairedDifference(ours, theirs);
    expect(paired).toMatchObject({ seeds: [0, 1, 2], differences: [-1, 2, 4], above: 2, below: 1, equal: 0 });
    expect(paired.mean).toBeCloseTo(5 / 3, 12);
    expect(paired.interval).toEqual(bootstrap([-1, 2, 4]));
  });

  it('have no interval over one seed, and no difference over none', () => {
    expect(pairedDifference(new Map([[0, 1]]), new Map([[0, 1]]))).toMatchObject({ mean: 0, interval: null, equal: 1 });
    expect(pairedDifference(new Map([[0, 1]]), new Map()).mean).toBeNaN();
  });
});
