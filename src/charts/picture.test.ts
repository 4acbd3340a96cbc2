import { describe, expect, it } from 'vitest';
import { createRecording, createRecordings, type Recordings } from '../store/recording';
import { appendRows } from '../store/series';
import { type ChartRun, type Entry, entryOf, linesOfMetric } from './lines';
import { type Canvas, pictureOf, valueAtX } from './picture';
import { STEPS, xAxisOf } from './xaxis';

const run = (id: string, totalSteps = 100): ChartRun => ({ id, name: id, accent: 0, totalSteps, stages: [{ steps: 100, samples: 8 }] });
const CANVAS: Canvas = {
  axis: STEPS,
  logX: false,
  logY: false,
  band: 'none',
  individuals: false,
  smoothing: 0,
  left: 0,
  top: 0,
  width: 200,
  height: 100,
  zero: true,
  range: null,
};

/** Recordings of a metric `m` by step. */
function recorded(values: Readonly<Record<string, readonly (readonly [number, number])[]>>): Recordings {
  const recordings = createRecordings();
  for (const [id, points] of Object.entries(values)) {
    const recording = createRecording();
    appendRows(
      recording.series,
      points.map(([step]) => step),
      { m: points.map(([, value]) => value) },
    );
    recordings.set(id, recording);
  }
  return recordings;
}

const line = (n: number): [number, number][] => Array.from({ length: n }, (_, i) => [i, n - i]);
const arm = (...ids: string[]): Entry => ({ id: 'arm', name: 'arm', accent: 0, runs: ids.map((id) => run(id)) });
const draw = (entries: readonly Entry[], recordings: Recordings, changes: Partial<Canvas> = {}) => {
  const lines = linesOfMetric('m', 'M', entries, recordings);
  return { lines, picture: pictureOf(lines, { ...CANVAS, ...changes }) };
};

describe('a picture of one run', () => {
  const recordings = recorded({ a: line(100) });

  it('has its axes, its path, and its end labelled by the last value', () => {
    const { picture } = draw([entryOf(run('a'))], recordings);
    expect([picture.x.domain, picture.y.domain]).toEqual([
      [0, 100],
      [0, 100],
    ]);
    expect(picture.paths.map(({ kind }) => kind)).toEqual(['main']);
    expect(picture.paths[0]?.d.startsWith('M0 0L2 1L')).toBe(true);
    expect(picture.labels[0]).toMatchObject({ value: 1, spread: '' });
    expect(picture.labels[0]?.top).toBeGreaterThan(90);
    expect(picture.nothing).toBeNull();
  });

  it('keeps the raw curve pale under the smoothed one', () => {
    const { picture } = draw([entryOf(run('a'))], recordings, { smoothing: 0.5 });
    expect(picture.paths.map(({ kind }) => kind)).toEqual(['raw', 'main']);
    expect(picture.labels[0]?.value).toBe(1);
  });

  it('shows a stretch alone when it is zoomed into, with a y axis of its own', () => {
    const { picture } = draw([entryOf(run('a'))], recordings, { range: [90, 98], zero: false });
    expect(picture.x.domain).toEqual([90, 98]);
    expect(picture.y.domain[1]).toBeLessThanOrEqual(10);
    expect(picture.full).toEqual([0, 100]);
  });

  it('leaves step 0 out of a logarithmic axis, and says where nothing is above 0', () => {
    const { picture } = draw([entryOf(run('a'))], recordings, { logX: true });
    expect(picture.x).toMatchObject({ domain: [1, 99], log: true });
    const below = recorded({
      a: [
        [1, -1],
        [2, -2],
      ],
    });
    expect(draw([entryOf(run('a'))], below, { logY: true }).picture.nothing).toBe('not-positive');
    expect(draw([entryOf(run('a'))], below).picture.nothing).toBeNull();
    // A curve that dips below 0 is broken there.
    const dips = recorded({ a: [1, 10, -1, 10, 1].map((value, i) => [i, value]) });
    expect(draw([entryOf(run('a'))], dips, { logY: true }).picture.paths[0]?.d).toBe('M0 100L50 0M150 0L200 100');
  });

  it('of nothing is empty', () => {
    expect(pictureOf([], CANVAS)).toMatchObject({ paths: [], bands: [], labels: [], nothing: 'unmeasured' });
  });
});

describe('a picture of an arm', () => {
  // Means 2, 4 and 6; deviations sqrt 2, sqrt 8 and sqrt 2.
  const recordings = recorded({
    a: [
      [0, 1],
      [10, 2],
      [20, 5],
    ],
    b: [
      [0, 3],
      [10, 6],
      [20, 7],
      [30, 9],
    ],
  });

  it('is the mean with its band, and with the runs behind it on demand', () => {
    const { picture, lines } = draw([arm('a', 'b')], recordings, { band: 'sd' });
    expect(picture.paths.map(({ kind }) => kind)).toEqual(['main']);
    expect(picture.bands).toHaveLength(1);
    expect(picture.labels[0]).toMatchObject({ value: 6, spread: '± 1.41' });
    expect(valueAtX(lines[0] as (typeof lines)[0], 15, { ...CANVAS, band: 'range' })).toEqual({ value: 4, spread: '2.00 to 6.00' });
    const behind = draw([arm('a', 'b')], recordings, { band: 'sd', individuals: true }).picture;
    expect(behind.paths.map(({ kind }) => kind)).toEqual(['run', 'run', 'main']);
  });

  it('has an axis that holds the band', () => {
    // At step 10 the band ends at 4 + sqrt 8 = 6.83, at step 20 at 6 + sqrt 2 = 7.41.
    expect(draw([arm('a', 'b')], recordings, { band: 'sd' }).picture.y.domain).toEqual([0, 8]);
  });

  it('is its runs where they share few steps', () => {
    const apart = recorded({ a: line(40), b: [[0, 1]] });
    const { picture } = draw([arm('a', 'b')], apart, { band: 'se' });
    expect(picture.paths.map(({ kind }) => kind)).toEqual(['run', 'run', 'main']);
  });

  it('grows with its runs', () => {
    const growing = recorded({ a: line(50), b: line(50) });
    draw([arm('a', 'b')], growing, { band: 'se' });
    for (const id of ['a', 'b']) appendRows(growing.get(id)?.series as never, [50, 51], { m: [7, id === 'a' ? 1 : 2] });
    expect(draw([arm('a', 'b')], growing, { band: 'se' }).picture.labels[0]?.value).toBe(1.5);
    // A value that comes late changes a point that was drawn.
    appendRows(growing.get('a')?.series as never, [51], { m: [3] });
    expect(draw([arm('a', 'b')], growing, { band: 'se' }).picture.labels[0]?.value).toBe(2.5);
  });
});

describe('the x axis', () => {
  const recordings = recorded({
    a: [
      [0, 1],
      [10, 2],
      [20, 3],
    ],
    b: [
      [0, 3],
      [10, 4],
      [20, 5],
    ],
  });
  for (const [id, each] of [
    ['a', 10],
    ['b', 30],
  ] as const) {
    const series = recordings.get(id)?.series;
    // Tokens are counted at steps 10 and 20 only; KL is 0.5, none, 0.2.
    if (series !== undefined) appendRows(series, [0, 10, 20], { num_tokens: [Number.NaN, each, 2 * each], kl: [0.5, Number.NaN, 0.2] });
  }
  const by = (id: string) => xAxisOf(id, [], {});

  it('counts up to what a run had used by then, and takes the mean over an arm', () => {
    const own = draw([entryOf(run('a'))], recordings, { axis: by('num_tokens') });
    expect(own.picture.x.domain).toEqual([0, 20]);
    expect(valueAtX(own.lines[0] as never, 9, { ...CANVAS, axis: by('num_tokens') })?.value).toBe(1);
    // Tokens 0, 20, 40 and values 2, 3, 4 on average.
    const both = draw([arm('a', 'b')], recordings, { axis: by('num_tokens'), band: 'se' });
    expect(both.picture.x.domain).toEqual([0, 40]);
    expect(valueAtX(both.lines[0] as never, 20, { ...CANVAS, axis: by('num_tokens'), band: 'se' })?.value).toBe(3);
  });

  it('counts samples by the steps of the stages', () => {
    const { lines } = draw([entryOf(run('a'))], recordings, { axis: by('samples') });
    const at = (samples: number) => valueAtX(lines[0] as never, samples, { ...CANVAS, axis: by('samples') })?.value;
    expect([79, 80, 160].map(at)).toEqual([1, 2, 3]);
  });

  it('can be a metric as it was last measured, in the order of the steps', () => {
    const { picture, lines } = draw([entryOf(run('a'))], recordings, { axis: by('metric:kl'), zero: false });
    // From KL .5 at steps 0 and 10, which is the right end, back to KL .2 at step 20; values 1, 2 and 3.
    expect(picture.x.domain).toEqual([0.2, 0.5]);
    expect(picture.paths[0]?.d).toBe('M200 100L200 50L0 0');
    expect(valueAtX(lines[0] as never, 0.25, { ...CANVAS, axis: by('metric:kl') })?.value).toBe(3);
  });

  it('that no run has is said', () => {
    expect(draw([entryOf(run('a'))], recordings, { axis: by('reward_queries') }).picture.nothing).toBe('off-axis');
    expect(by('unheard of').id).toBe('step');
  });
});
