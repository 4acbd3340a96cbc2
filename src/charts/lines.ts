/** Which lines stand in which chart. */
import type { Catalogue } from '../core/catalogue';
import { CHARTS, type ChartId, type MetricSpec } from '../core/charts';
import type { Draft } from '../store/draft';
import { type Accent, accentOf } from '../store/palette';
import type { Recordings } from '../store/recording';
import type { Run } from '../store/run';
import type { Column, Series } from '../store/series';

const CHART_IDS = Object.keys(CHARTS) as ChartId[];

/** Dash patterns of the metrics of one chart, in their order; the first is solid. */
const DASHES = ['', '6 3', '2 2', '8 3 2 3', '1 3', '10 4'] as const;

/** As much of a run as a chart shows. */
export interface ChartRun extends Pick<Run, 'id' | 'name' | 'accent' | 'totalSteps'> {
  /** Of each stage: its steps, and the samples that a step learns from. */
  readonly stages: readonly { readonly steps: number; readonly samples: number }[];
}

/** What a chart draws as one: a run, or the runs of an arm. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly accent: number;
  /** At least one. */
  readonly runs: readonly ChartRun[];
}

export const entryOf = (run: ChartRun): Entry => ({ id: run.id, name: run.name, accent: run.accent, runs: [run] });

/** A run's values of the metric of a line. */
export interface Member {
  readonly run: ChartRun;
  readonly series: Series;
  readonly column: Column;
}

export interface LineSpec {
  readonly entry: Entry;
  readonly accent: Accent;
  readonly metric: string;
  readonly title: string;
  readonly dash: string;
  /** Share of the entry's colour; the rest is the text colour. */
  readonly shade: number;
  /** Of the entry that is looked at, whose lines are labelled by metric. */
  readonly active: boolean;
  /** Whether the spread of its runs is drawn. */
  readonly banded: boolean;
  /** One, or several whose mean it is. */
  readonly members: readonly Member[];
}

/** The unit of a metric: its own where it has one, else its chart's. */
const unitOf = (spec: MetricSpec): string => spec.unit ?? CHARTS[spec.chart].unit;

/** What the policy earns and what it should, which are only worth something side by side: no label of theirs may give way to another. */
const EARNED = new Set(['true_reward', 'eval/reward', 'eval/true_reward', 'expected_reward', 'expected_true_reward']);

/** The metrics of a chart: the one that it is named after first, the parts of the reward last. */
function metricsOf(chart: ChartId, metrics: Readonly<Record<string, MetricSpec>>): [string, MetricSpec][] {
  const rank = (id: string): number => (id === chart ? 0 : EARNED.has(id) ? 1 : id.startsWith('reward/') ? 3 : 2);
  return Object.entries(metrics)
    .filter(([, spec]) => spec.chart === chart)
    .sort(([a], [b]) => rank(a) - rank(b));
}

/** Metrics that the reader wants drawn, or not; the others are drawn as usual. */
export type Choices = Readonly<Record<string, boolean>>;

interface Measured {
  readonly chart: ChartId;
  /** Metrics of another unit would need another axis, and are left out. */
  readonly unit: string;
  readonly recordings: Recordings;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
}

export interface LinesInput extends Measured {
  readonly entries: readonly Entry[];
  readonly activeId: string | null;
  /** Metrics that the experiment at hand is decided by. */
  readonly claimed: readonly string[];
  readonly choices?: Choices;
}

/** The metrics of a chart that one of the runs has measured. */
export function measuredIn({
  chart,
  unit,
  runs,
  recordings,
  metrics,
}: Measured & { readonly runs: readonly Pick<ChartRun, 'id'>[] }): [string, MetricSpec][] {
  const all = seriesOf(runs, recordings);
  return metricsOf(chart, metrics).filter(([id, spec]) => unitOf(spec) === unit && all.some((series) => hasValues(series, id)));
}

/**
 * Which of the measured metrics are drawn: those that the reader has chosen; without a choice those that are not on demand, and
 * those that are claimed. Never none.
 */
export function drawnOf(measured: readonly [string, MetricSpec][], claimed: readonly string[], choices: Choices): ReadonlySet<string> {
  const usual = measured.filter(([id, spec]) => spec.onDemand !== true || claimed.includes(id));
  const chosen = measured.filter((one) => choices[one[0]] ?? usual.includes(one));
  const drawn = chosen.length > 0 ? chosen : usual.length > 0 ? usual : measured;
  return new Set(drawn.map(([id]) => id));
}

/**
 * The lines of a chart for the entries on show: every metric of the one that is looked at, which comes first, and the
 * headline of the others, so that they can be compared.
 */
export function linesOf({ entries, activeId, claimed, choices = {}, ...from }: LinesInput): LineSpec[] {
  const { recordings } = from;
  const shown = entries.map((entry) => ({ entry, all: seriesOf(entry.runs, recordings) }));
  const measured = measuredIn({ ...from, runs: entries.flatMap(({ runs }) => runs) });
  // A metric that is not drawn takes no dash pattern away from the others.
  const drawn = drawnOf(measured, claimed, choices);
  const listed = measured.filter(([id]) => drawn.has(id));
  const everywhere = ([id]: [string, MetricSpec]): boolean =>
    shown.every(({ all }) => all.length === 0 || all.some((series) => hasValues(series, id)));
  const headline = listed.find(([id]) => claimed.includes(id)) ?? listed.find(everywhere) ?? listed[0];
  if (headline !== undefined) listed.unshift(...listed.splice(listed.indexOf(headline), 1));
  const lines: LineSpec[] = [];
  for (const { entry } of shown) {
    for (const [index, [metric, { title }]] of listed.entries()) {
      if (index > 0 && activeId !== null && entry.id !== activeId) continue;
      const line = lineOf(entry, metric, title, recordings);
      if (line === null) continue;
      const shade = index % 2 === 0 ? 1 : 0.65;
      lines.push({ ...line, dash: DASHES[index % DASHES.length] as string, shade, active: entry.id === activeId, banded: index === 0 });
    }
  }
  return lines.sort((a, b) => Number(b.active) - Number(a.active));
}

/** One metric of every entry that has measured it. */
export const linesOfMetric = (metric: string, title: string, entries: readonly Entry[], recordings: Recordings): LineSpec[] =>
  entries.flatMap((entry) => lineOf(entry, metric, title, recordings) ?? []);

function lineOf(entry: Entry, metric: string, title: string, recordings: Recordings): LineSpec | null {
  const members = entry.runs.flatMap((run) => {
    const series = recordings.get(run.id)?.series;
    const column = series?.columns.get(metric);
    return series === undefined || column === undefined || !hasValues(series, metric) ? [] : [{ run, series, column }];
  });
  if (members.length === 0) return null;
  return { entry, accent: accentOf(entry.accent), metric, title, dash: '', shade: 1, active: false, banded: true, members };
}

const seriesOf = (runs: readonly Pick<ChartRun, 'id'>[], recordings: Recordings): Series[] =>
  runs.flatMap(({ id }) => recordings.get(id)?.series ?? []);

/** Units that the runs have measured something in, chart by chart; the chart's own unit first. */
export function measuredUnits(
  runs: readonly Pick<ChartRun, 'id'>[],
  recordings: Recordings,
  metrics: Readonly<Record<string, MetricSpec>>,
): Map<ChartId, readonly string[]> {
  const units = new Map<ChartId, string[]>();
  for (const [id, spec] of Object.entries(metrics)) {
    const measured = runs.some((run) => {
      const series = recordings.get(run.id)?.series;
      return series !== undefined && hasValues(series, id);
    });
    if (!measured) continue;
    const known = units.get(spec.chart) ?? [];
    const unit = unitOf(spec);
    if (!known.includes(unit)) known.push(unit);
    units.set(spec.chart, known);
  }
  for (const [chart, known] of units) known.sort((a, b) => Number(b === CHARTS[chart].unit) - Number(a === CHARTS[chart].unit));
  return units;
}

/** Metrics that any of the runs has measured, in the charts' order. */
export function measuredMetrics(
  runs: readonly Pick<ChartRun, 'id'>[],
  recordings: Recordings,
  metrics: Readonly<Record<string, MetricSpec>>,
): string[] {
  const all = seriesOf(runs, recordings);
  return CHART_IDS.flatMap((chart) =>
    metricsOf(chart, metrics).flatMap(([id]) => (all.some((series) => hasValues(series, id)) ? [id] : [])),
  );
}

/** Whether a metric was measured at all. Measured metrics are rarely missing for long, so the newest rows are read first. */
function hasValues(series: Series, id: string): boolean {
  const column = series.columns.get(id);
  if (column === undefined) return false;
  for (let row = series.length - 1; row >= 0; row--) if (Number.isFinite(column.values[row])) return true;
  return false;
}

/** Charts that a setup will fill: those of its objectives' diagnostics and of what every run logs. */
export function expectedCharts(draft: Draft, catalogue: Catalogue): ChartId[] {
  const expected = new Set<ChartId>();
  const special = new Set<string>();
  for (const objective of catalogue.objectives) {
    const used = draft.stages.some((stage) => stage.objective.id === objective.id);
    for (const [id, spec] of Object.entries(objective.diagnostics)) {
      special.add(id);
      if (used) expected.add(spec.chart);
    }
  }
  for (const [id, spec] of Object.entries(catalogue.metrics)) {
    if (!special.has(id) && !id.startsWith('reward/')) expected.add(spec.chart);
  }
  return CHART_IDS.filter((id) => expected.has(id));
}

/** Charts to draw: those with data, and while a run has not come far, those that it is expected to fill. */
export function chartsToDraw(expected: readonly ChartId[], filled: ReadonlySet<ChartId>, early: boolean): ChartId[] {
  if (filled.size > 0 && !early) return CHART_IDS.filter((id) => filled.has(id));
  return CHART_IDS.filter((id) => filled.has(id) || expected.includes(id));
}
