/**
 * Curves cut down to what the pixels can show. All lines of a chart share their x positions, so that one tooltip reads
 * them all. Each pixel column keeps a line's smallest and largest value: no spike is lost.
 */

export interface Trace {
  /** [length] ascending. */
  readonly steps: Float64Array;
  /** [length], NaN where nothing was measured. */
  readonly values: Float32Array;
  readonly length: number;
}

/** One x position: `step`, and under `y0`, `y1`, ... the value of each trace that has one there. */
export type Row = { readonly step: number } & { readonly [key: `y${number}`]: number | undefined };

type MutableRow = { step: number; [key: `y${number}`]: number | undefined };

/**
 * Rows for the traces over all their steps, at most about `2 * columns` of them. NaN and infinite values are left out.
 */
export function decimate(traces: readonly Trace[], columns: number): Row[] {
  const exact = exactRows(traces, 2 * columns);
  return exact ?? bucketRows(traces, columns);
}

/** Every measured step as it is; null where there are more than `limit`. */
function exactRows(traces: readonly Trace[], limit: number): Row[] | null {
  const rows = new Map<number, MutableRow>();
  for (const [k, { steps, values, length }] of traces.entries()) {
    for (let i = 0; i < length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) continue;
      const step = steps[i] as number;
      let row = rows.get(step);
      if (row === undefined) {
        if (rows.size === limit) return null;
        row = { step };
        rows.set(step, row);
      }
      row[`y${k}`] = value;
    }
  }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}

function bucketRows(traces: readonly Trace[], columns: number): Row[] {
  const [from, to] = extent(traces);
  const width = (to - from) / columns;
  // Two rows a column: at its first and its third quarter, the ends at the very ends.
  const rows: MutableRow[] = Array.from({ length: 2 * columns }, (_, i) => ({
    step: from + ((i >> 1) + (i % 2 === 0 ? 0.25 : 0.75)) * width,
  }));
  (rows[0] as MutableRow).step = from;
  (rows[rows.length - 1] as MutableRow).step = to;
  for (const [k, trace] of traces.entries()) fillBuckets(rows, `y${k}`, trace, from, width, columns);
  return rows.filter((row) => Object.keys(row).length > 1);
}

function fillBuckets(rows: MutableRow[], key: `y${number}`, trace: Trace, from: number, width: number, columns: number): void {
  let bucket = -1;
  let low = -1;
  let high = -1;
  const close = (): void => {
    if (bucket < 0 || low < 0) return;
    const [first, second] = low <= high ? [low, high] : [high, low];
    (rows[2 * bucket] as MutableRow)[key] = trace.values[first] as number;
    if (second !== first) (rows[2 * bucket + 1] as MutableRow)[key] = trace.values[second] as number;
  };
  let last = -1;
  for (let i = 0; i < trace.length; i++) {
    const value = trace.values[i] as number;
    if (!Number.isFinite(value)) continue;
    last = i;
    const at = Math.min(columns - 1, Math.floor(((trace.steps[i] as number) - from) / width));
    if (at !== bucket) {
      close();
      bucket = at;
      low = i;
      high = i;
      continue;
    }
    if (value < (trace.values[low] as number)) low = i;
    if (value > (trace.values[high] as number)) high = i;
  }
  close();
  if (last < 0) return;
  // The end of a line is where its newest value is.
  if (low === high) delete (rows[2 * bucket] as MutableRow)[key];
  (rows[2 * bucket + 1] as MutableRow)[key] = trace.values[last] as number;
}

/** First and last step at which anything was measured. */
function extent(traces: readonly Trace[]): [from: number, to: number] {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { steps, length } of traces) {
    if (length === 0) continue;
    from = Math.min(from, steps[0] as number);
    to = Math.max(to, steps[length - 1] as number);
  }
  return [from, to];
}
