/** Histograms with edges at round numbers, so that one of them is 0 and neighbours can be compared by eye. */
import type { Histogram } from '../core/diagnosis';

export interface Binning {
  /** Most bins; there are at least half as many where the values differ. */
  readonly bins: number;
  /** Values that have to lie within the edges, such as bounds that are drawn. */
  readonly include?: readonly number[];
  /** Whether values are whole numbers: bins then hold whole numbers of them. */
  readonly whole?: boolean;
}

/** Share of values at either end that does not stretch the edges; they are counted in the outermost bins. */
const TAIL = 0.01;
/** Edges around values that are all the same lie this share of the value apart, or this far. */
const NARROWEST = 0.05;

/** Edges around almost all of the values. Values that are not finite are left out. */
export function edgesOf(values: ArrayLike<number>, { bins, include = [], whole = false }: Binning): number[] {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const at = (share: number): number[] => (sorted.length === 0 ? [] : [sorted[Math.round(share * (sorted.length - 1))] as number]);
  const held = [...at(TAIL), ...at(1 - TAIL), ...include];
  if (held.length === 0) held.push(0);
  const [low, high] = [Math.min(...held), Math.max(...held)];
  const span = high - low > 1e-6 * Math.max(1, Math.abs(high)) ? high - low : NARROWEST * Math.max(1, Math.abs(high));
  // One bin is kept for what stands beyond a multiple of the step.
  const step = whole ? Math.max(1, roundUp(span / (bins - 1))) : roundUp(span / (bins - 1));
  const first = Math.floor(low / step + 1e-9);
  // A value on the last edge has a bin of its own, as the edge below belongs to its bin.
  const last = Math.max(first + 1, Math.floor(high / step + 1e-9) + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step, step));
}

/** Counts of the finite values. */
export function histogramOf(values: ArrayLike<number>, edges: readonly number[]): Histogram {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  let [count, sum] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    counts[binOf(value, edges)] = (counts[binOf(value, edges)] as number) + 1;
  }
  return { edges, counts, count, mean: count === 0 ? 0 : sum / count };
}

/** The histogram of values on edges of their own. */
export const histogram = (values: ArrayLike<number>, binning: Binning): Histogram => histogramOf(values, edgesOf(values, binning));

function binOf(value: number, edges: readonly number[]): number {
  let bin = 0;
  while (bin < edges.length - 2 && value >= (edges[bin + 1] as number)) bin += 1;
  return bin;
}

/** The next of 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const part = value / power;
  return power * (part <= 1 + 1e-9 ? 1 : part <= 2 + 1e-9 ? 2 : part <= 5 + 1e-9 ? 5 : 10);
}

/** Takes off the digits that a product of a step brings in. */
const tidy = (value: number, step: number): number => Number(value.toFixed(Math.max(0, Math.min(20, 1 - Math.floor(Math.log10(step))))));
