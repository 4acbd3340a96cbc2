import { describe, expect, it } from 'vitest';
import { createRecording, createRecordings } from '../store/recording';
import { appendRows } from '../store/series';
import { type Entry, linesOfMetric } from './lines';
import type { Look } from './picture';
import { curveTable, someRows, tabbed } from './table';
import { STEPS, xAxisOf } from './xaxis';

const LOOK: Look = { axis: STEPS, logX: false, logY: false, band: 'none', individuals: false, smoothing: 0 };
const entry = (id: string, ...runs: string[]): Entry => ({
  id,
  name: id,
  accent: 0,
  runs: runs.map((run) => ({ id: run, name: run, accent: 0, totalSteps: 20, stages: [] })),
});

const recordings = createRecordings();
for (const [id, steps, m] of [
  ['a', [0, 10], [0.1, 0.2]],
  ['b', [0, 20], [0.3, 0.4]],
] as const) {
  const recording = createRecording();
  appendRows(recording.series, steps, { m, num_tokens: steps.map((step) => 3 * step) });
  recordings.set(id, recording);
}

describe('curves as a table', () => {
  it('have a row for each step, with gaps where a curve has no value', () => {
    expect(curveTable(linesOfMetric('m', 'M', [entry('a', 'a'), entry('b', 'b')], recordings), LOOK)).toEqual({
      header: ['step', 'a', 'b'],
      rows: [
        [0, 0.1, 0.3],
        [10, 0.2, null],
        [20, null, 0.4],
      ],
    });
  });

  it('of an arm are its mean, the ends of its band and its runs', () => {
    const lines = linesOfMetric('m', 'M', [entry('arm', 'a', 'b')], recordings);
    expect(curveTable(lines, { ...LOOK, band: 'range' })).toEqual({
      header: ['step', 'arm: mean', 'arm: low', 'arm: high', 'arm: runs'],
      rows: [[0, 0.2, 0.1, 0.3, 2]],
    });
    const all = curveTable(lines, { ...LOOK, band: 'range', individuals: true });
    expect(all.header.slice(5)).toEqual(['arm, a', 'arm, b']);
    expect(all.rows.map((row) => row.slice(5))).toEqual([
      [0.1, 0.3],
      [0.2, null],
      [null, 0.4],
    ]);
  });

  it('have x beside them where it is not the step', () => {
    const table = curveTable(linesOfMetric('m', 'M', [entry('a', 'a')], recordings), { ...LOOK, axis: xAxisOf('num_tokens', [], {}) });
    expect(table.header).toEqual(['step', 'a', 'a: tokens trained on']);
    expect(table.rows[1]).toEqual([10, 0.2, 30]);
  });

  it('are thinned out evenly on the page, and copied with tabs', () => {
    expect(someRows([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 3, 6, 9]);
    expect(someRows([1, 2], 4)).toEqual([1, 2]);
    expect(tabbed(['step', 'a\tb'], [[1, null]])).toBe('step\ta b\n1\t');
  });
});
