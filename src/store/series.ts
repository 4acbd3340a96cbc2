/**
 * The curves of a run as growable typed-array columns, kept outside React. Rows are ordered by step; a metric that was
 * not measured at a step is NaN there.
 */

export interface Column {
  /** Values by row; only the first `length` of the series are meaningful. */
  values: Float32Array;
  /** Counts the times that a row already shown was changed, so that whatever is derived from the column can be cached. */
  revision: number;
}

export interface Series {
  length: number;
  steps: Float64Array;
  readonly columns: Map<string, Column>;
}

const FIRST_CAPACITY = 256;

export const createSeries = (): Series => ({ length: 0, steps: new Float64Array(FIRST_CAPACITY), columns: new Map() });

/**
 * Adds rows. A step that is already there is merged into its row (NaN leaves the row's value alone), and a step that
 * arrives late is put in order: evaluations are read back later than the steps that follow them.
 */
export function appendRows(series: Series, steps: readonly number[], columns: Readonly<Record<string, readonly number[]>>): void {
  const before = series.length;
  const rows = steps.map((step) => rowFor(series, step));
  // Inserting a late row moves the ones found before it, so a batch that held one is looked up again.
  const moved = rows.some((row, i) => series.steps[row] !== steps[i]);
  for (const [id, values] of Object.entries(columns)) {
    const column = columnOf(series, id);
    for (let i = 0; i < steps.length; i++) {
      const value = values[i];
      if (value === undefined || Number.isNaN(value)) continue;
      const row = moved ? lowerBound(series, steps[i] as number) : (rows[i] as number);
      column.values[row] = value;
      if (row < before) column.revision += 1;
    }
  }
}

/** Drops every row after `step`, for a run that goes on from an earlier checkpoint. */
export function truncateAfter(series: Series, step: number): void {
  const keep = lowerBound(series, step + 0.5);
  for (const column of series.columns.values()) {
    column.values.fill(Number.NaN, keep, series.length);
    column.revision += 1;
  }
  series.length = keep;
}

/** The last measured value of a metric with its step, or null where there is none. */
export function lastOf(series: Series, id: string): { step: number; value: number } | null {
  const column = series.columns.get(id);
  if (column === undefined) return null;
  for (let row = series.length - 1; row >= 0; row--) {
    const value = column.values[row] as number;
    if (!Number.isNaN(value)) return { step: series.steps[row] as number, value };
  }
  return null;
}

/** First row whose step is at least `step`. */
export function lowerBound(series: Series, step: number): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series.steps[middle] as number) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows `from` to `to` as plain arrays, for storage. */
export interface SeriesBlock {
  readonly steps: Float64Array;
  readonly columns: Readonly<Record<string, Float32Array>>;
}

export function copyBlock(series: Series, from: number, to: number): SeriesBlock {
  const end = Math.min(to, series.length);
  const columns: Record<string, Float32Array> = {};
  for (const [id, column] of series.columns) columns[id] = column.values.slice(from, end);
  return { steps: series.steps.slice(from, end), columns };
}

/** Appends a stored block to a series that ends before it. */
export function appendBlock(series: Series, block: SeriesBlock): void {
  const from = series.length;
  reserve(series, from + block.steps.length);
  series.steps.set(block.steps, from);
  series.length = from + block.steps.length;
  for (const [id, values] of Object.entries(block.columns)) columnOf(series, id).values.set(values, from);
}

function rowFor(series: Series, step: number): number {
  const last = series.length - 1;
  if (last < 0 || step > (series.steps[last] as number)) {
    reserve(series, series.length + 1);
    series.steps[series.length] = step;
    series.length += 1;
    return series.length - 1;
  }
  const row = lowerBound(series, step);
  if (series.steps[row] === step) return row;
  reserve(series, series.length + 1);
  series.steps.copyWithin(row + 1, row, series.length);
  series.steps[row] = step;
  for (const column of series.columns.values()) {
    column.values.copyWithin(row + 1, row, series.length);
    column.values[row] = Number.NaN;
    column.revision += 1;
  }
  series.length += 1;
  return row;
}

function columnOf(series: Series, id: string): Column {
  const known = series.columns.get(id);
  if (known !== undefined) return known;
  const column: Column = { values: new Float32Array(series.steps.length).fill(Number.NaN), revision: 0 };
  series.columns.set(id, column);
  return column;
}

function reserve(series: Series, rows: number): void {
  if (rows <= series.steps.length) return;
  const capacity = Math.max(rows, series.steps.length * 2);
  const steps = new Float64Array(capacity);
  steps.set(series.steps);
  series.steps = steps;
  for (const column of series.columns.values()) {
    const values = new Float32Array(capacity).fill(Number.NaN);
    values.set(column.values);
    column.values = values;
  }
}
