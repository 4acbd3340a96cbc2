/** Smoothed curves: an exponential moving average whose start is not pulled towards zero. */
import type { Column, Series } from '../store/series';

interface Smoothed {
  readonly weight: number;
  readonly revision: number;
  values: Float32Array;
  rows: number;
  sum: number;
  mass: number;
}

const cache = new WeakMap<Column, Smoothed>();

/**
 * The moving average of a column, [series.length], NaN where the column is; `weight` in [0, 1) is the weight of the
 * past. Values that were not measured leave the average as it is. Grows with the series: only new rows are computed.
 */
export function smoothed(series: Series, column: Column, weight: number): Float32Array {
  let state = cache.get(column);
  if (state === undefined || state.weight !== weight || state.revision !== column.revision || state.rows > series.length) {
    state = { weight, revision: column.revision, values: new Float32Array(column.values.length), rows: 0, sum: 0, mass: 0 };
    cache.set(column, state);
  }
  if (state.values.length < series.length) {
    const grown = new Float32Array(column.values.length);
    grown.set(state.values);
    state.values = grown;
  }
  for (let row = state.rows; row < series.length; row++) {
    const value = column.values[row] as number;
    if (!Number.isFinite(value)) {
      state.values[row] = Number.NaN;
      continue;
    }
    state.sum = weight * state.sum + (1 - weight) * value;
    state.mass = weight * state.mass + (1 - weight);
    state.values[row] = state.sum / state.mass;
  }
  state.rows = series.length;
  return state.values;
}
