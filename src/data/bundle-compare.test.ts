import { describe, expect, it } from 'vitest';
import { checkpointAt } from './bundle.fixture';
import { compareCheckpoints, compareSeries } from './bundle-compare';

const series = (columns: Record<string, number[]>) => ({
  steps: Float64Array.of(0, 10, 20),
  columns: Object.fromEntries(Object.entries(columns).map(([id, values]) => [id, Float32Array.from(values)])),
});
const ALL = { after: -1, until: 20, leaveOut: (metric: string) => metric === 'speed' };

describe('metrics of a run that was done again', () => {
  it('agree to the bit, where 0 and -0 differ, and what was not measured is not asked for', () => {
    const recorded = series({ loss: [0.1, Number.NaN, 0], speed: [1, 2, 3] });
    expect(compareSeries(recorded, recorded, ALL)).toEqual([
      { metric: 'loss', values: 2, differing: 0, firstStep: null, worst: null, relative: 0 },
    ]);
    const [minus] = compareSeries(recorded, series({ loss: [0.1, 7, -0] }), ALL);
    expect(minus).toMatchObject({ differing: 1, firstStep: 20, relative: 0 });
  });

  it('have their worst difference named with its step, as a share of the largest value', () => {
    const [loss] = compareSeries(series({ loss: [4, 2, 1] }), series({ loss: [4, 2.5, 0.75] }), ALL);
    // |2 - 2.5| = 0.5 at step 10, of a largest value of 4.
    expect(loss).toEqual({
      metric: 'loss',
      values: 3,
      differing: 2,
      firstStep: 10,
      worst: { step: 10, recorded: 2, again: 2.5, difference: 0.5 },
      relative: 0.125,
    });
  });

  it('differ without bound where one of the two was not measured, or is no number', () => {
    expect(compareSeries(series({ loss: [1, 2, 3] }), series({}), ALL)[0]).toMatchObject({
      differing: 3,
      relative: Number.POSITIVE_INFINITY,
    });
    const infinite = series({ loss: [1, 2, Number.POSITIVE_INFINITY] });
    expect(compareSeries(infinite, infinite, ALL)[0]?.differing).toBe(0);
    expect(compareSeries(infinite, series({ loss: [1, 2, 3] }), ALL)[0]?.relative).toBe(Number.POSITIVE_INFINITY);
  });

  it('are compared within the steps that were done again', () => {
    const [loss] = compareSeries(series({ loss: [1, 2, 3] }), series({ loss: [9, 2, 9] }), { ...ALL, after: 0, until: 10 });
    expect(loss).toMatchObject({ values: 1, differing: 0 });
  });
});

it('vectors are compared number by number', () => {
  expect(compareCheckpoints(checkpointAt(3), checkpointAt(3)).map(({ differing }) => differing)).toEqual([0, 0, 0, 0]);
  const other = { ...checkpointAt(3), m: Float32Array.of(1, 2, 5) };
  const [theta, m] = compareCheckpoints(checkpointAt(3), other);
  expect(theta?.differing).toBe(0);
  // Distance 2 of a length of √14.
  expect(m).toMatchObject({ vector: 'm', size: 3, differing: 1, worst: 2 });
  expect(m?.relative).toBeCloseTo(2 / Math.sqrt(14), 12);
  const short = { ...checkpointAt(3), theta: Float32Array.of(1) };
  expect(compareCheckpoints(checkpointAt(3), short)[0]).toMatchObject({ differing: 3, relative: Number.POSITIVE_INFINITY });
});
