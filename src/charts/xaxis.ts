/** What can stand on the x axis: steps, what a run has used up by then, or any metric. */
import type { MetricSpec } from '../core/charts';
import type { Column, Series } from '../store/series';
import type { ChartRun } from './lines';

/** Counters that a run logs, and steps. */
const COUNTS = {
  step: { title: 'steps', metric: null },
  num_tokens: { title: 'tokens trained on', metric: 'num_tokens' },
  reward_queries: { title: 'reward queries', metric: 'reward_queries' },
  samples: { title: 'samples trained on', metric: null },
  train_runtime: { title: 'training time, s', metric: 'train_runtime' },
} as const;

type Count = keyof typeof COUNTS;

/** KL to the reference: the first of these that all runs have. */
const KL = ['eval/kl_exact', 'eval/kl_k3', 'eval/kl_k1'] as const;
const METRIC = 'metric:';

export interface XAxis {
  /** As a view keeps it. */
  readonly id: string;
  readonly title: string;
  /** Whether it only grows along a curve. */
  readonly ordered: boolean;
  /** Column that it is read from; null for steps and samples. */
  readonly metric: string | null;
}

export const STEPS: XAxis = { id: 'step', title: COUNTS.step.title, ordered: true, metric: null };

/** The axis of a view. One that does not exist is steps. */
export function xAxisOf(id: string, allSeries: readonly Series[], metrics: Readonly<Record<string, MetricSpec>>): XAxis {
  if (id in COUNTS) return { id, ordered: true, ...COUNTS[id as Count] };
  if (id === 'kl') {
    const metric = KL.find((one) => allSeries.every((series) => series.columns.has(one))) ?? KL[0];
    return { id, title: `${metrics[metric]?.title ?? 'KL'}, nats`, ordered: false, metric };
  }
  const metric = id.slice(METRIC.length);
  return id.startsWith(METRIC) ? { id, title: metrics[metric]?.title ?? metric, ordered: false, metric } : STEPS;
}

/** What a menu offers: the fixed axes, then every metric. */
export function xChoices(
  metrics: readonly string[],
  specs: Readonly<Record<string, MetricSpec>>,
): { readonly id: string; readonly title: string; readonly group?: string }[] {
  return [
    ...Object.entries(COUNTS).map(([id, { title }]) => ({ id, title })),
    { id: 'kl', title: 'KL to the reference' },
    ...metrics.map((id) => ({ id: `${METRIC}${id}`, title: specs[id]?.title ?? id, group: 'Metrics' })),
  ];
}

interface Known {
  readonly column: Column | null;
  readonly revision: number;
  values: Float64Array;
  rows: number;
  /** What it stood at last. */
  last: number;
}

const cache = new WeakMap<Series, Map<string, Known>>();

/**
 * The x of every row, [series.length]: what it stood at when it was last measured. Before that a counter is 0 and a metric NaN; an axis
 * that the run does not have is NaN throughout.
 */
export function xValues(run: ChartRun, series: Series, axis: XAxis): Float64Array {
  if (axis.id === 'step') return series.steps;
  const column = axis.metric === null ? null : (series.columns.get(axis.metric) ?? null);
  const known = knownOf(series, axis.metric ?? axis.id, column, axis.ordered ? 0 : Number.NaN);
  if (known.values.length < series.length) {
    const grown = new Float64Array(series.steps.length);
    grown.set(known.values);
    known.values = grown;
  }
  for (let row = known.rows; row < series.length; row++) {
    if (axis.metric === null) known.values[row] = samplesBy(run, series.steps[row] as number);
    else known.values[row] = column === null ? Number.NaN : lastBy(known, column.values[row] as number);
  }
  known.rows = series.length;
  return known.values;
}

function lastBy(known: Known, value: number): number {
  if (Number.isFinite(value)) known.last = value;
  return known.last;
}

function knownOf(series: Series, key: string, column: Column | null, last: number): Known {
  const axes = cache.get(series) ?? new Map<string, Known>();
  cache.set(series, axes);
  const known = axes.get(key);
  const revision = column?.revision ?? 0;
  if (known !== undefined && known.column === column && known.revision === revision && known.rows <= series.length) return known;
  const fresh: Known = { column, revision, values: new Float64Array(series.steps.length), rows: 0, last };
  axes.set(key, fresh);
  return fresh;
}

/** Samples that a run has been trained on by a step: demonstrations, pairs, or sampled completions. */
function samplesBy({ stages }: ChartRun, step: number): number {
  let [samples, from] = [0, 0];
  for (const { steps, samples: each } of stages) {
    samples += each * Math.min(steps, Math.max(0, step - from));
    from += steps;
  }
  return samples;
}
