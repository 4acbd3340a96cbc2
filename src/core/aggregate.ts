/**
 * Curves of several runs as one: mean and spread over seeds. Runs are aligned by step and nothing is interpolated: a point
 * stands at every step at which at least two runs have a value, and says how many they were.
 */
import { bootstrap } from './bootstrap';

/** A curve by step. */
export interface Trace {
  /** [length] ascending. */
  readonly steps: Float64Array;
  /** [length], NaN where nothing was measured. */
  readonly values: Float32Array | Float64Array;
  readonly length: number;
}

/** What a band shows. */
export type BandKind = 'se' | 'sd' | 'range' | 'bootstrap';

export const BANDS: Readonly<Record<BandKind, { readonly title: string; readonly help: string }>> = {
  se: { title: 'standard error', help: 'Mean plus and minus the standard deviation over the square root of the number of runs.' },
  sd: { title: 'standard deviation', help: 'Mean plus and minus the standard deviation over runs, with n − 1.' },
  range: { title: 'min to max', help: 'From the smallest to the largest run.' },
  bootstrap: { title: '95 % bootstrap', help: '95 % percentile bootstrap interval of the mean, 2000 resamples of the runs.' },
};

/** Columns of one length; only the first `length` entries are meaningful. */
export interface Aggregate {
  length: number;
  /** Ascending. */
  steps: Float64Array;
  /** Runs with a value there, two at least. */
  counts: Uint16Array;
  means: Float64Array;
  /** Standard deviation with n - 1. */
  stds: Float64Array;
  lows: Float64Array;
  highs: Float64Array;
  /** Points that stay as they are while the traces only grow. */
  settled: number;
  /** [traces] first row of each trace after the settled points. */
  readonly rows: Int32Array;
}

const FIRST_CAPACITY = 256;

function create(traces: number): Aggregate {
  const column = (): Float64Array => new Float64Array(FIRST_CAPACITY);
  return {
    length: 0,
    steps: column(),
    counts: new Uint16Array(FIRST_CAPACITY),
    means: column(),
    stds: column(),
    lows: column(),
    highs: column(),
    settled: 0,
    rows: new Int32Array(traces),
  };
}

/**
 * Mean, spread and extremes over traces at the steps that two of them share.
 * @param before what an earlier call gave for the same traces, none of whose rows have changed since: it is carried on with
 *   the rows that were added, and returned
 */
export function aggregate(traces: readonly Trace[], before: Aggregate | null = null): Aggregate {
  const out = before ?? create(traces.length);
  out.length = out.settled;
  const at = Int32Array.from(out.rows);
  const settles = traces.reduce((least, { steps, length }) => Math.min(least, length === 0 ? -1 : (steps[length - 1] as number)), 1 / 0);
  let settling = true;
  for (;;) {
    const step = nextStep(traces, at);
    if (settling && step > settles) {
      out.settled = out.length;
      out.rows.set(at);
      settling = false;
    }
    if (step === Number.POSITIVE_INFINITY) return out;
    addPoint(out, traces, at, step);
  }
}

function nextStep(traces: readonly Trace[], at: Int32Array): number {
  let step = Number.POSITIVE_INFINITY;
  for (let k = 0; k < traces.length; k++) {
    const { steps, length } = traces[k] as Trace;
    const row = at[k] as number;
    if (row < length && (steps[row] as number) < step) step = steps[row] as number;
  }
  return step;
}

/** Takes each trace's value at a step, and moves past it. Welford's running mean and sum of squares. */
function addPoint(out: Aggregate, traces: readonly Trace[], at: Int32Array, step: number): void {
  let [count, mean, squares, low, high] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < traces.length; k++) {
    const { steps, values, length } = traces[k] as Trace;
    const row = at[k] as number;
    if (row >= length || steps[row] !== step) continue;
    at[k] = row + 1;
    const value = values[row] as number;
    if (!Number.isFinite(value)) continue;
    count += 1;
    const delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (count < 2) return;
  if (out.length === out.steps.length) grow(out);
  const i = out.length;
  out.steps[i] = step;
  out.counts[i] = count;
  out.means[i] = mean;
  out.stds[i] = Math.sqrt(squares / (count - 1));
  out.lows[i] = low;
  out.highs[i] = high;
  out.length += 1;
}

function grow(out: Aggregate): void {
  const longer = (column: Float64Array): Float64Array => {
    const grown = new Float64Array(2 * column.length);
    grown.set(column);
    return grown;
  };
  const counts = new Uint16Array(2 * out.counts.length);
  counts.set(out.counts);
  out.counts = counts;
  for (const name of ['steps', 'means', 'stds', 'lows', 'highs'] as const) out[name] = longer(out[name]);
}

/** The ends of a band at one point. The traces are those that were aggregated; only the bootstrap looks at them again. */
export function bandAt(points: Aggregate, i: number, kind: BandKind, traces: readonly Trace[]): [number, number] {
  const mean = points.means[i] as number;
  const std = points.stds[i] as number;
  switch (kind) {
    case 'sd':
      return [mean - std, mean + std];
    case 'se': {
      const error = std / Math.sqrt(points.counts[i] as number);
      return [mean - error, mean + error];
    }
    case 'range':
      return [points.lows[i] as number, points.highs[i] as number];
    case 'bootstrap':
      return bootstrap(valuesAt(traces, points.steps[i] as number));
    default:
      return kind satisfies never;
  }
}

/** The values that traces have at a step. */
export function valuesAt(traces: readonly Trace[], step: number): number[] {
  return traces.flatMap(({ steps, values, length }) => {
    const row = firstFrom(steps, length, step);
    const value = values[row] as number;
    return row < length && steps[row] === step && Number.isFinite(value) ? [value] : [];
  });
}

/** First of `length` ascending numbers that is at least `least`; `length` where none is. */
export function firstFrom(ascending: ArrayLike<number>, length: number, least: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One number of several runs. */
export interface Summary {
  readonly n: number;
  /** NaN for none. */
  readonly mean: number;
  /** With n - 1; NaN for fewer than two. */
  readonly std: number;
}

export function summarise(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, std: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1)) };
}

/** One arm less another, seed by seed. */
export interface PairedDifference {
  /** Seeds that both arms have, ascending. */
  readonly seeds: readonly number[];
  /** By seed. */
  readonly differences: readonly number[];
  /** NaN without a common seed. */
  readonly mean: number;
  /** 95 % bootstrap interval of the mean over seeds; null with fewer than two. */
  readonly interval: readonly [number, number] | null;
  /** Seeds whose difference is above, below and equal to 0. */
  readonly above: number;
  readonly below: number;
  readonly equal: number;
}

/** @param ours a number by seed, of which `theirs` is taken away */
export function pairedDifference(ours: ReadonlyMap<number, number>, theirs: ReadonlyMap<number, number>): PairedDifference {
  const seeds = [...ours.keys()].filter((seed) => theirs.has(seed)).sort((a, b) => a - b);
  const differences = seeds.map((seed) => (ours.get(seed) as number) - (theirs.get(seed) as number));
  const above = differences.filter((difference) => difference > 0).length;
  const below = differences.filter((difference) => difference < 0).length;
  return {
    seeds,
    differences,
    mean: summarise(differences).mean,
    interval: seeds.length < 2 ? null : bootstrap(differences),
    above,
    below,
    equal: seeds.length - above - below,
  };
}
