/**
 * Smoothed curves: an exponential moving average over time. A value counts for the time since the value before it, so that a
 * stretch that was looked at often counts no more than one of the same length that was looked at rarely.
 */
import type { Column, Series } from '../store/series';

/** Steps after which a value has `weight` left of what it counted. */
export interface Smoothing {
  /** In (0, 1). */
  readonly weight: number;
  readonly steps: number;
}

interface Smoothed extends Smoothing {
  readonly revision: number;
  values: Float32Array;
  /** Rows that are done. */
  rows: number;
  /** The last value's step; NaN before the first. */
  at: number;
  sum: number;
  /** What the values so far count together; 0 after the first, until the wait for the second says what the first one counts. */
  mass: number;
}

/** Share of the longest run on show that the weight is of: the smoothing is the same for all curves, whatever their steps. */
const UNIT = 0.01;

/** The smoothing of curves beside each other; null where it is off. */
export const smoothingOver = (weight: number, longest: number): Smoothing | null =>
  weight > 0 ? { weight, steps: Math.max(1, UNIT * longest) } : null;

const cache = new WeakMap<Column, Smoothed>();

/**
 * The moving average of a column, [series.length], NaN where the column is. After a wait of `d` steps the past has
 * `a = weight ** (d / steps)` left and the new value counts 1 - a; the first counts as if it had been waited for as long as the
 * second. So the start is not pulled towards zero, and values at equal distances give the usual average. Grows with the
 * series: only new rows are computed.
 */
export function smoothed(series: Series, column: Column, { weight, steps }: Smoothing): Float32Array {
  let state = cache.get(column);
  const same = state?.weight === weight && state.steps === steps && state.revision === column.revision && state.rows <= series.length;
  if (state === undefined || !same) {
    const values = new Float32Array(column.values.length);
    state = { weight, steps, revision: column.revision, values, rows: 0, at: Number.NaN, sum: 0, mass: 0 };
    cache.set(column, state);
  }
  if (state.values.length < series.length) {
    const grown = new Float32Array(column.values.length);
    grown.set(state.values);
    state.values = grown;
  }
  for (let row = state.rows; row < series.length; row++) {
    const value = column.values[row] as number;
    state.values[row] = Number.isFinite(value) ? take(state, series.steps[row] as number, value) : Number.NaN;
  }
  state.rows = series.length;
  return state.values;
}

function take(state: Smoothed, step: number, value: number): number {
  const first = Number.isNaN(state.at);
  const left = state.weight ** ((step - state.at) / state.steps);
  state.at = step;
  if (first) {
    state.sum = value;
    return value;
  }
  if (state.mass === 0) {
    state.mass = 1 - left;
    state.sum *= state.mass;
  }
  state.sum = left * state.sum + (1 - left) * value;
  state.mass = left * state.mass + (1 - left);
  return state.sum / state.mass;
}
