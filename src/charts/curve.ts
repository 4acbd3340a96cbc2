/** From a line to its points: of one run as it was recorded, of several the mean over those that share a step. */
import { type Aggregate, aggregate, type BandKind, bandAt, firstFrom, type Trace } from '../core/aggregate';
import type { Column } from '../store/series';
import type { Points } from './decimate';
import type { LineSpec, Member } from './lines';
import { type Smoothing, smoothed } from './smooth';
import { type XAxis, xValues } from './xaxis';

/** The mean of several runs, with what its band is made of. */
export interface Mean extends Points {
  readonly steps: Float64Array;
  readonly points: Aggregate;
  readonly traces: readonly Trace[];
  /** Most values that one of the runs has. */
  readonly most: number;
}

/** A run's own points. */
export function runPoints({ run, series, column }: Member, axis: XAxis, smoothing: Smoothing | null): Points {
  const y = smoothing === null ? column.values : smoothed(series, column, smoothing);
  const along = axis.metric === null ? undefined : series.columns.get(axis.metric);
  const version = `${axis.id} ${smoothing?.weight} ${smoothing?.steps} ${column.revision} ${along?.revision} ${series.length}`;
  return { x: xValues(run, series, axis), y, length: series.length, ordered: axis.ordered, source: { of: y, version } };
}

/** The mean of a line's runs. Where x is not the step, it too is the mean of the runs that have it at that step. */
export function meanPoints({ metric, members }: LineSpec, axis: XAxis, smoothing: Smoothing | null): Mean {
  const traces = members.map(({ series, column }): Trace => {
    const values = smoothing === null ? column.values : smoothed(series, column, smoothing);
    return { steps: series.steps, values, length: series.length };
  });
  const how = smoothing === null ? '' : `${smoothing.weight} ${smoothing.steps}`;
  const columns = members.map(({ column }) => column);
  const { points, most } = known(`${metric} ${how}`, columns, traces);
  const { steps, means: y, length } = points;
  if (axis.id === 'step') return { x: steps, y, length, ordered: true, steps, points, traces, most };
  const { x, ordered } = meanX(members, columns, axis, points);
  return { x, y, length, ordered, steps, points, traces, most };
}

function meanX(members: readonly Member[], columns: readonly Column[], axis: XAxis, { steps, length }: Aggregate) {
  const traces = members.map(
    ({ run, series }): Trace => ({ steps: series.steps, values: xValues(run, series, axis), length: series.length }),
  );
  const sources = axis.metric === null ? columns : members.map(({ series, column }) => series.columns.get(axis.metric ?? '') ?? column);
  const at = known(`x ${axis.id}`, sources, traces).points;
  const x = new Float64Array(length);
  let ordered = axis.ordered;
  for (let i = 0, k = 0; i < length; i++) {
    while (k < at.length && (at.steps[k] as number) < (steps[i] as number)) k += 1;
    x[i] = at.steps[k] === steps[i] && k < at.length ? (at.means[k] as number) : Number.NaN;
    // Where one run ends before the others, the mean over those that are left may fall.
    if (i > 0 && (x[i] as number) < (x[i - 1] as number)) ordered = false;
  }
  return { x, ordered };
}

interface Known {
  readonly columns: readonly Column[];
  revisions: readonly number[];
  lengths: readonly number[];
  points: Aggregate;
  most: number;
}

/** By the first run's column, so that what is known of a run goes with it. */
const cache = new WeakMap<Column, Map<string, Known>>();
const KEPT = 12;

/** The aggregate of traces, carried on from the last one where its rows stand as they were. */
function known(key: string, columns: readonly Column[], traces: readonly Trace[]): { readonly points: Aggregate; readonly most: number } {
  const first = columns[0];
  if (first === undefined) return { points: aggregate([]), most: 0 };
  const aggregates = cache.get(first) ?? new Map<string, Known>();
  cache.set(first, aggregates);
  const before = aggregates.get(key);
  const lengths = traces.map(({ length }) => length);
  const revisions = columns.map(({ revision }) => revision);
  const same =
    before !== undefined &&
    before.columns.length === columns.length &&
    columns.every((column, k) => before.columns[k] === column && before.revisions[k] === revisions[k]);
  if (same && lengths.every((length, k) => length === before.lengths[k])) return before;
  const grown = same && lengths.every((length, k) => length >= (before.lengths[k] as number));
  const points = aggregate(traces, grown ? before.points : null);
  const made: Known = { columns, revisions, lengths, points, most: Math.max(...traces.map(countOf)) };
  aggregates.delete(key);
  aggregates.set(key, made);
  if (aggregates.size > KEPT) aggregates.delete(aggregates.keys().next().value as string);
  return made;
}

function countOf({ values, length }: Trace): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (Number.isFinite(values[i])) count += 1;
  return count;
}

const bands = new WeakMap<Aggregate, Map<number, readonly [number, number]>>();

/** The ends of a band at a point. Intervals by resampling are worth keeping. */
export function bandOf({ points, traces }: Mean, i: number, kind: BandKind): readonly [number, number] {
  if (kind !== 'bootstrap' || i >= points.settled) return bandAt(points, i, kind, traces);
  const intervals = bands.get(points) ?? new Map<number, readonly [number, number]>();
  bands.set(points, intervals);
  const kept = intervals.get(i) ?? bandAt(points, i, kind, traces);
  intervals.set(i, kept);
  return kept;
}

/** Where a mean would be of so few of its runs' values, the runs say more. */
const SHARED = 0.25;

export const isTold = ({ length, most }: Mean): boolean => length > 0 && length >= SHARED * most;

/** The index of the point that is read off at an x: the last one before it, or of a curve without order the nearest; -1 for none. */
export function indexAt({ x, y, length, ordered }: Points, at: number): number {
  if (!ordered) return nearest(x, y, length, at);
  let i = firstFrom(x, length, at);
  // Among points at one x, the newest.
  while (i < length && (x[i] as number) <= at) i += 1;
  i -= 1;
  while (i >= 0 && !(Number.isFinite(y[i]) && Number.isFinite(x[i]))) i -= 1;
  return i;
}

function nearest(x: ArrayLike<number>, y: ArrayLike<number>, length: number, at: number): number {
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const distance = Math.abs((x[i] as number) - at);
    if (distance <= least && Number.isFinite(y[i])) [found, least] = [i, distance];
  }
  return found;
}
