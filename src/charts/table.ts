/** The curves of a chart as a table: what a screen reader reads, and what is copied. */
import { type Cell, shortFloat32 } from '../data/export-csv';
import { bandOf, type Mean, meanPoints, runPoints } from './curve';
import type { Points } from './decimate';
import type { LineSpec } from './lines';
import type { Look } from './picture';

export interface CurveTable {
  /** The first column is the step. */
  readonly header: readonly string[];
  /** In the order of the steps; null where a curve has no value. */
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * Every value of the lines by step, as measured: not smoothed and not thinned out. A mean has its band's ends and its number of
 * runs beside it. Where x is not the step, each curve has a column for that too.
 */
export function curveTable(lines: readonly LineSpec[], look: Look): CurveTable {
  const header = ['step'];
  const rows = new Map<number, Cell[]>();
  const alone = new Set(lines.map(({ metric }) => metric)).size === 1;
  const put = (step: number, column: number, value: number): void => {
    if (!Number.isFinite(value)) return;
    const row = rows.get(step) ?? [step];
    rows.set(step, row);
    row[column] = shortFloat32(Math.fround(value));
  };
  const addX = (name: string, points: Points, steps: Float64Array): void => {
    if (look.axis.id === 'step') return;
    const column = header.push(`${name}: ${look.axis.title}`) - 1;
    for (let i = 0; i < points.length; i++) if (Number.isFinite(points.y[i])) put(steps[i] as number, column, points.x[i] as number);
  };
  for (const line of lines) {
    const name = [line.entry.name, alone ? '' : line.title].filter((part) => part !== '').join(', ') || line.title;
    const mean = look.band !== 'none' && line.members.length > 1;
    if (mean) addMean(header, put, name, meanPoints(line, look.axis, null), look);
    for (const member of mean && !look.individuals ? [] : line.members) {
      const own = mean ? `${name}, ${member.run.name}` : name;
      const points = runPoints(member, look.axis, null);
      const { steps, length } = member.series;
      const column = header.push(own) - 1;
      for (let i = 0; i < length; i++) put(steps[i] as number, column, points.y[i] as number);
      addX(own, points, steps);
    }
    if (mean) addX(name, meanPoints(line, look.axis, null), meanPoints(line, look.axis, null).steps);
  }
  const width = header.length;
  const filled = [...rows.values()].map((row) => Array.from({ length: width }, (_, i) => row[i] ?? null));
  return { header, rows: filled.sort((a, b) => Number(a[0]) - Number(b[0])) };
}

type Put = (step: number, column: number, value: number) => void;

function addMean(header: string[], put: Put, name: string, mean: Mean, { band }: Look): void {
  if (band === 'none') return;
  const first = header.push(`${name}: mean`, `${name}: low`, `${name}: high`, `${name}: runs`) - 4;
  for (let i = 0; i < mean.length; i++) {
    const step = mean.steps[i] as number;
    const [low, high] = bandOf(mean, i, band);
    for (const [k, value] of [mean.y[i] as number, low, high, mean.points.counts[i] as number].entries()) put(step, first + k, value);
  }
}

/** At most `limit` of a table's rows, evenly chosen, the last one among them. */
export function someRows<T>(rows: readonly T[], limit: number): readonly T[] {
  if (rows.length <= limit) return rows;
  return Array.from({ length: limit }, (_, i) => rows[Math.round((i * (rows.length - 1)) / (limit - 1))] as T);
}

/** A table as lines of cells with tabs between them, which spreadsheets take from the clipboard. */
export const tabbed = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows].map((row) => row.map((cell) => (cell === null ? '' : String(cell).replace(/[\t\n]/g, ' '))).join('\t')).join('\n');
