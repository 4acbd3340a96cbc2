/** From lines to what a chart draws: decimated rows, axes, and labels at the line ends. */
import { lastOf, lowerBound } from '../store/series';
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

export type Axis = ReturnType<typeof niceAxis>;

export interface Picture {
  readonly rows: readonly Row[];
  readonly lines: readonly DrawnLine[];
  readonly x: Axis;
  readonly y: Axis;
  readonly labels: readonly EndLabel[];
  /** Whether labels have a second line for their words. */
  readonly tallLabels: boolean;
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
const LABEL_GAP = 15;
/** Labels of two lines, where there is room for them. */
const TALL_LABEL_GAP = 28;
const MARGIN = 8;

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
  const x = stepAxis(lines, rows.at(-1)?.step ?? 0, width);
  const labelled = labelledLines(lines, height);
  // The first and the last label may stand a little outside the plot, but not upon the ticks below it.
  const gap = (labelled.length - 1) * TALL_LABEL_GAP <= height - 2 * MARGIN ? TALL_LABEL_GAP : LABEL_GAP;
  const labels = labelsOf(labelled, drawn, rows, y.domain, height, gap);
  return { rows, lines: drawn, x, y, labels, tallLabels: gap === TALL_LABEL_GAP };
}

/** From 0 to a round number of steps that is rarely passed, and no further than the longest run goes. */
function stepAxis(lines: readonly LineSpec[], lastStep: number, width: number): Axis {
  const end = Math.max(1, ...lines.map((line) => line.run.totalSteps));
  const { domain, ticks } = niceAxis(0, Math.max(1, lastStep), true, Math.max(2, Math.floor(width / 60)));
  const to = Math.max(lastStep, Math.min(domain[1], end));
  return { domain: [0, to], ticks: ticks.filter((tick) => tick <= to && Number.isInteger(tick)) };
}

export const sameAxis = (a: Axis, b: Axis): boolean =>
  a.domain[0] === b.domain[0] && a.domain[1] === b.domain[1] && a.ticks.length === b.ticks.length;

/** The last value that a line had at or before a step; null where it had none yet. */
export function valueAtStep({ series, column }: LineSpec, step: number): number | null {
  for (let row = Math.min(series.length, lowerBound(series, step + 0.5)) - 1; row >= 0; row--) {
    const value = column.values[row] as number;
    if (Number.isFinite(value)) return value;
  }
  return null;
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

/** The lines of the run that is looked at, then, as far as there is room, the first metric of the others. */
function labelledLines(lines: readonly LineSpec[], height: number): readonly LineSpec[] {
  const first = lines[0]?.metric;
  const wanted = lines.filter((line) => line.active || line.metric === first || !lines[0]?.active);
  return wanted.slice(0, Math.max(1, Math.floor(height / LABEL_GAP)));
}

function labelsOf(
  labelled: readonly LineSpec[],
  drawn: readonly DrawnLine[],
  rows: readonly Row[],
  domain: readonly [number, number],
  height: number,
  gap: number,
): EndLabel[] {
  const ends = labelled.map((line) => {
    const key = drawn.find((entry) => entry.line === line && !entry.faint)?.key;
    const end = key === undefined ? undefined : rows.findLast((row) => row[key] !== undefined)?.[key];
    const value = lastOf(line.series, line.metric)?.value ?? Number.NaN;
    const share = ((end ?? value) - domain[0]) / (domain[1] - domain[0]);
    return { line, value, centre: height * (1 - Math.min(1, Math.max(0, share))) };
  });
  const tops = spreadLabels(
    ends.map((end) => end.centre),
    gap,
    gap === TALL_LABEL_GAP ? MARGIN : 0,
    gap === TALL_LABEL_GAP ? height - MARGIN : height,
  );
  return ends.map(({ line, value }, i) => ({ line, value, top: tops[i] as number }));
}
