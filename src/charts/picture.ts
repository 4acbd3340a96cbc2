/** From lines to what a chart draws: decimated rows, axes, and labels at the line ends. */
import { lastOf } from '../store/series';
import { decimate, type Row, type Trace } from './decimate';
import type { LineSpec } from './lines';
import { niceAxis, spreadLabels } from './scale';
import { smoothed } from './smooth';

export interface DrawnLine {
  readonly key: `y${number}`;
  readonly line: LineSpec;
  /** The raw curve under its smoothed one. */
  readonly faint: boolean;
}

export interface EndLabel {
  readonly line: LineSpec;
  readonly value: number;
  /** Centre, in pixels from the top of the plot. */
  readonly top: number;
}

export interface Picture {
  readonly rows: readonly Row[];
  readonly lines: readonly DrawnLine[];
  readonly x: ReturnType<typeof niceAxis>;
  readonly y: ReturnType<typeof niceAxis>;
  readonly labels: readonly EndLabel[];
}

export interface Canvas {
  /** Of the plot, without axes, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly zero: boolean;
  readonly smoothing: number;
}

/** Fewer points than this are drawn as they are. */
const SMOOTHED_FROM = 40;
export const LABEL_GAP = 15;

export function pictureOf(lines: readonly LineSpec[], { width, height, zero, smoothing }: Canvas): Picture {
  const traces: Trace[] = [];
  const drawn: DrawnLine[] = [];
  const add = (line: LineSpec, values: Float32Array, faint: boolean): void => {
    drawn.push({ key: `y${traces.length}`, line, faint });
    traces.push({ steps: line.series.steps, values, length: line.series.length });
  };
  // Faint curves first, so that the smoothed ones lie on top; of these, the run that is looked at comes last.
  const smooth = lines.map((line) => smoothing > 0 && countValues(line, SMOOTHED_FROM) >= SMOOTHED_FROM);
  for (const [i, line] of lines.entries()) if (smooth[i]) add(line, line.column.values, true);
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i] as LineSpec;
    add(line, smooth[i] ? smoothed(line.series, line.column, smoothing) : line.column.values, false);
  }
  const rows = decimate(traces, Math.max(20, Math.floor(width / 2)));
  const [low, high] = valueRange(rows, drawn.length);
  const y = niceAxis(low, high, zero);
  const lastStep = rows.at(-1)?.step ?? 0;
  const ticks = niceAxis(0, Math.max(1, lastStep), true, Math.max(2, Math.floor(width / 70))).ticks;
  const to = Math.max(1, lastStep);
  const x = { domain: [0, to] as [number, number], ticks: ticks.filter((tick) => tick <= to && Number.isInteger(tick)) };
  return { rows, lines: drawn, x, y, labels: labelsOf(lines, drawn, rows, y.domain, height) };
}

function countValues(line: LineSpec, enough: number): number {
  let count = 0;
  for (let i = 0; i < line.series.length && count < enough; i++) if (Number.isFinite(line.column.values[i])) count += 1;
  return count;
}

function valueRange(rows: readonly Row[], count: number): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    for (let k = 0; k < count; k++) {
      const value = row[`y${k}`];
      if (value === undefined) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** Labels for the run that is looked at, then, as far as there is room, for the first metric of the others. */
function labelsOf(
  lines: readonly LineSpec[],
  drawn: readonly DrawnLine[],
  rows: readonly Row[],
  domain: readonly [number, number],
  height: number,
): EndLabel[] {
  const first = lines[0]?.metric;
  const wanted = lines.filter((line) => line.active || line.metric === first || !lines[0]?.active);
  const labelled = wanted.slice(0, Math.max(1, Math.floor(height / LABEL_GAP)));
  const ends = labelled.map((line) => {
    const key = drawn.find((entry) => entry.line === line && !entry.faint)?.key;
    const end = key === undefined ? undefined : rows.findLast((row) => row[key] !== undefined)?.[key];
    const value = lastOf(line.series, line.metric)?.value ?? Number.NaN;
    const share = ((end ?? value) - domain[0]) / (domain[1] - domain[0]);
    return { line, value, centre: height * (1 - Math.min(1, Math.max(0, share))) };
  });
  const tops = spreadLabels(
    ends.map((end) => end.centre),
    LABEL_GAP,
    0,
    height,
  );
  return ends.map(({ line, value }, i) => ({ line, value, top: tops[i] as number }));
}
