/** All metrics of runs as one table, in the columns of experiment trackers: run, run_id, seed, arm, step, then the metrics. */
import { type BundleSeries, noPause, type Pause } from './bundle-format';
import { cellText, float32Text, shortFloat32 } from './export-csv';

/** A run with what the table says of it in every row. */
export interface MetricsRun {
  readonly run: string;
  readonly run_id: string;
  readonly seed: number;
  /** The experiment that it was set up from, and what it trains; empty where there is no experiment. */
  readonly experiment: string;
  readonly arm: string;
  readonly world: string;
  readonly objective: string;
  readonly series: BundleSeries;
}

const LABELS = ['run', 'run_id', 'seed', 'experiment', 'arm', 'world', 'objective'] as const;
/** Rows that are written between two pauses. */
const ROWS = 300;

/** @returns metrics that any of the runs has measured, sorted; of `only` where it is given */
function metricsOf(runs: readonly MetricsRun[], only: readonly string[] | null): string[] {
  const all = new Set(runs.flatMap(({ series }) => Object.keys(series.columns)));
  const measured = (id: string): boolean => runs.some(({ series }) => series.columns[id]?.some((value) => !Number.isNaN(value)) === true);
  return (only ?? [...all].sort()).filter((id) => all.has(id) && measured(id));
}

/** Rows of a run in which one of the metrics was measured. */
function* rowsOf({ series }: MetricsRun, metrics: readonly string[]): Generator<readonly [step: number, values: readonly number[]]> {
  const columns = metrics.map((id) => series.columns[id]);
  for (let row = 0; row < series.steps.length; row++) {
    const values = columns.map((column) => column?.[row] ?? Number.NaN);
    if (values.some((value) => !Number.isNaN(value))) yield [series.steps[row] as number, values];
  }
}

/**
 * One CSV with a row per run and step. A metric's column is empty where it was not measured.
 * @param only the metrics to write, in this order; null for all
 */
export async function metricsCsv(runs: readonly MetricsRun[], only: readonly string[] | null, pause: Pause = noPause): Promise<string> {
  const metrics = metricsOf(runs, only);
  const lines = [[...LABELS, 'step', ...metrics].map(cellText).join(',')];
  for (const run of runs) {
    const labels = LABELS.map((label) => cellText(run[label])).join(',');
    for (const [step, values] of rowsOf(run, metrics)) {
      lines.push(`${labels},${step},${values.map(float32Text).join(',')}`);
      if (lines.length % ROWS === 0) await pause();
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The same as JSON Lines. What was not measured is left out; numbers that JSON has no word for are null. */
export async function metricsJsonl(runs: readonly MetricsRun[], pause: Pause = noPause): Promise<string> {
  const metrics = metricsOf(runs, null);
  const lines: string[] = [];
  for (const run of runs) {
    const labels = Object.fromEntries(LABELS.map((label) => [label, run[label]]));
    for (const [step, values] of rowsOf(run, metrics)) {
      const measured = metrics.flatMap((id, k) => (Number.isNaN(values[k]) ? [] : [[id, shortFloat32(values[k] as number)]]));
      lines.push(JSON.stringify({ ...labels, step, ...Object.fromEntries(measured) }));
      if (lines.length % ROWS === 0) await pause();
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
