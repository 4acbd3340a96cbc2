/**
 * How charts are looked at, as parts of an address and back:
 *
 *     smooth=0.6&x=num_tokens&log=xy&band=se,runs   smoothing, axes, band and whether its runs are drawn
 *     &show=diagnosis                               on the page of the lab: what stands below the behaviour
 *     &metrics=eval/reward,eval/kl_k1               on the page that compares: what has a chart and a column
 *     &read=largest   or   read=step:120            there: which of a run's values stands in the tables
 *     &runs=…&base=…                                there: what is ticked and held against what (`link-runs`)
 *
 * What is as it is at first is left out; whoever opens an address that says nothing of all this keeps their own.
 */
import type { MetricSpec } from '../core/charts';
import { quoted } from './link-view';
import { type ChartView, type CompareView, FIRST_VIEWS, type LabView, viewsOf } from './views';

type Specs = Readonly<Record<string, MetricSpec>>;

/** Axes that are no metric's own; another is called `metric:` and its id. */
const AXES: ReadonlySet<string> = new Set(['step', 'num_tokens', 'reward_queries', 'samples', 'train_runtime', 'kl']);
const METRIC = 'metric:';
const MOST_METRICS = 60;

/** The keys of either page, beside `smooth`. */
const OF_CHARTS = ['x', 'log', 'band'] as const;
export const OF_LAB = [...OF_CHARTS, 'show'] as const;
export const OF_COMPARE = [...OF_CHARTS, 'metrics', 'read', 'runs', 'base'] as const;

export const labParts = (view: LabView): string[] => [
  ...chartParts(view, FIRST_VIEWS.lab),
  ...(view.below === FIRST_VIEWS.lab.below ? [] : [`show=${view.below}`]),
];

export function compareParts(view: CompareView): string[] {
  const { metrics, reading, step, base } = view;
  const parts = chartParts(view, FIRST_VIEWS.compare);
  if (metrics !== null && metrics.length > 0) parts.push(`metrics=${metrics.map(inAddress).join(',')}`);
  if (reading !== FIRST_VIEWS.compare.reading) parts.push(`read=${reading === 'step' ? `step:${step}` : reading}`);
  if (base !== null) parts.push(`base=${base}`);
  return parts;
}

/** Slashes and colons need no escape behind the #, and ids are full of them. */
const inAddress = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/');

function chartParts({ x, logX, logY, band, individuals }: ChartView, first: ChartView): string[] {
  const parts: string[] = [];
  if (x !== first.x) parts.push(`x=${encodeURIComponent(x)}`);
  if (logX || logY) parts.push(`log=${logX ? 'x' : ''}${logY ? 'y' : ''}`);
  const behind = individuals && band !== 'none';
  if (band !== first.band || behind) parts.push(`band=${behind ? `${band},runs` : band}`);
  return parts;
}

const says = (query: URLSearchParams, keys: readonly string[]): boolean => keys.some((key) => query.has(key));

/** How an address wants the page of the lab looked at; null where it says nothing of that. What is unknown is as at first, and said. */
export function labAt(query: URLSearchParams, metrics: Specs, problems: string[]): LabView | null {
  if (!says(query, OF_LAB)) return null;
  const below = query.get('show') ?? FIRST_VIEWS.lab.below;
  const { lab } = viewsOf({ lab: { ...chartsAt(query, FIRST_VIEWS.lab, metrics, problems), below } });
  if (lab.below !== below) problems.push(`show: expected charts or diagnosis; got ${quoted(below)}.`);
  return lab;
}

/** The same of the page that compares. */
export function compareAt(query: URLSearchParams, metrics: Specs, problems: string[]): CompareView | null {
  if (!says(query, OF_COMPARE)) return null;
  const charts = chartsAt(query, FIRST_VIEWS.compare, metrics, problems);
  return { ...charts, ...readingAt(query, problems), metrics: metricsAt(query, metrics, problems), base: baseAt(query, problems) };
}

const ARM = /^[0-9a-f]{16}$/;

/** Whether a text could be what `armOf` gives. */
export const isArm = (text: string): boolean => ARM.test(text);

/** The arm that an address holds the others against; null where it names none. */
function baseAt(query: URLSearchParams, problems: string[]): string | null {
  const given = query.get('base');
  if (given === null || isArm(given)) return given;
  problems.push(`base: expected the sixteen letters of an arm; got ${quoted(given)}.`);
  return null;
}

function chartsAt(query: URLSearchParams, first: ChartView, metrics: Specs, problems: string[]): ChartView {
  const x = query.get('x') ?? first.x;
  const log = query.get('log');
  const [kind = '', runs] = (query.get('band') ?? first.band).split(',');
  const isAxis = AXES.has(x) || (x.startsWith(METRIC) && Object.hasOwn(metrics, x.slice(METRIC.length)));
  if (!isAxis) problems.push(`x: there is no axis called ${quoted(x)}.`);
  if (log !== null && !/^(x|y|xy)$/.test(log)) problems.push(`log: expected x, y or xy; got ${quoted(log)}.`);
  const { compare } = viewsOf({ compare: { band: kind } });
  const isBand = compare.band === kind;
  if (!isBand) problems.push(`band: there is none called ${quoted(kind)}.`);
  return {
    x: isAxis ? x : first.x,
    logX: log?.includes('x') ?? false,
    logY: log?.includes('y') ?? false,
    band: isBand ? compare.band : first.band,
    individuals: runs === 'runs',
  };
}

function readingAt(query: URLSearchParams, problems: string[]): Pick<CompareView, 'reading' | 'step'> {
  const { reading, step } = FIRST_VIEWS.compare;
  const given = query.get('read');
  if (given === null) return { reading, step };
  const [kind, at] = given.split(':');
  const { compare } = viewsOf({ compare: { reading: kind } });
  const isStep = kind === 'step' && /^\d{1,9}$/.test(at ?? '');
  if (compare.reading === kind && (isStep || (kind !== 'step' && at === undefined))) {
    return { reading: compare.reading, step: isStep ? Number(at) : step };
  }
  problems.push(`read: expected last, largest, smallest or step: and a number; got ${quoted(given)}.`);
  return { reading, step };
}

function metricsAt(query: URLSearchParams, known: Specs, problems: string[]): readonly string[] | null {
  const asked = (query.get('metrics') ?? '').split(',').filter((id) => id !== '');
  for (const id of asked) if (!Object.hasOwn(known, id)) problems.push(`metrics: the lab has none called ${quoted(id)}.`);
  const usable = [...new Set(asked.filter((id) => Object.hasOwn(known, id)))].slice(0, MOST_METRICS);
  return usable.length === 0 ? null : usable;
}
