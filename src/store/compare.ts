/** Runs beside each other: what their arms are called, what differs between them, and their numbers over seeds. */
import { firstFrom, type PairedDifference, pairedDifference, type Summary, summarise } from '../core/aggregate';
import type { Catalogue } from '../core/catalogue';
import type { ChartId, MetricSpec } from '../core/charts';
import type { Experiment } from '../core/experiment';
import { distinctions, type Group } from './arms';
import { diffSpecs } from './diff';
import { EXPERIMENTS } from './experiments';
import type { Recordings } from './recording';
import type { Run } from './run';
import type { Series } from './series';
import type { Reading } from './views';

/** Settings in the name of an arm; the others stand in the table of settings. */
const NAMED = 2;

/**
 * A short name for each arm: the experiment's where it is one of its arms, else what it trains; with what tells it from the other
 * arms where two would be called the same.
 */
export function armNames(groups: readonly Group[], catalogue: Catalogue | null): ReadonlyMap<string, string> {
  const plain = new Map(groups.map(({ arm, runs }) => [arm, plainName(runs[0], catalogue)]));
  const told = distinctions(groups, catalogue);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { arm, runs } of groups) {
    const name = plain.get(arm) as string;
    const alone = [...plain.values()].filter((other) => other === name).length === 1;
    const settings = (told.get(arm) ?? []).slice(0, NAMED).map(({ title, value }) => `${title.toLowerCase()} ${value}`);
    let full = alone || settings.length === 0 ? name : `${name}, ${settings.join(', ')}`;
    if (taken.has(full)) full = `${full} (${runs[0].name})`;
    taken.add(full);
    names.set(arm, full);
  }
  return names;
}

function plainName({ spec, origin }: Run, catalogue: Catalogue | null): string {
  const experiment = EXPERIMENTS.find(({ id }) => id === origin?.experiment);
  const arm = origin === null || origin.edited ? undefined : experiment?.arms[origin.arm];
  if (arm !== undefined) return arm.title;
  const nameOf = (id: string): string => catalogue?.objectives.find((entry) => entry.id === id)?.title ?? id;
  return spec.stages.map(({ objective }) => nameOf(objective.id)).join(', then ');
}

/** One run for each seed: of those that repeat one, the one that has come furthest, else the newest. */
export function oneForEachSeed(runs: readonly Run[], stepsOf: (run: Run) => number): Run[] {
  const bySeed = new Map<number, Run>();
  for (const run of runs) {
    const other = bySeed.get(run.spec.seed);
    if (other === undefined || stepsOf(run) >= stepsOf(other)) bySeed.set(run.spec.seed, run);
  }
  return [...bySeed.values()].sort((a, b) => a.spec.seed - b.spec.seed);
}

/** A setting that is not the same in all arms. */
export interface SettingRow {
  readonly path: string;
  readonly title: string;
  /** By arm, in the groups' order; null where the arm has no such setting. */
  readonly values: readonly (string | null)[];
}

/** Every setting in which one of the arms differs from the first. The seed is never among them. */
export function settingRows(groups: readonly Group[], catalogue: Catalogue | null): SettingRow[] {
  const [first, ...others] = groups;
  if (first === undefined) return [];
  const base = { ...first.runs[0].spec, seed: 0 };
  const differences = others.map(({ runs }) => diffSpecs(base, { ...runs[0].spec, seed: 0 }, catalogue));
  const rows = new Map(differences.flat().map((one) => [one.path, one]));
  return [...rows.values()].map(({ path, title, before }) => ({
    path,
    title,
    values: [
      before,
      ...differences.map((list) => {
        const own = list.find((one) => one.path === path);
        // Where another objective or reward was chosen, its settings have no counterpart.
        const replaced = list.some((one) => path.startsWith(`${one.path}.`) && one.path !== path);
        return own?.after ?? (replaced ? null : before);
      }),
    ],
  }));
}

/** Where a number is read off a curve. */
export interface Place {
  readonly reading: Reading;
  /** For a reading at a step: the last value at or before it. */
  readonly step: number;
}

/** A number with the step that it is of; null where there is none. */
export function readOff(
  series: Series,
  metric: string,
  { reading, step }: Place,
): { readonly value: number; readonly step: number } | null {
  const column = series.columns.get(metric);
  if (column === undefined) return null;
  const end = reading === 'step' ? firstFrom(series.steps, series.length, step + 0.5) : series.length;
  let found = -1;
  for (let row = end - 1; row >= 0; row--) {
    const value = column.values[row] as number;
    if (!Number.isFinite(value)) continue;
    const best = column.values[found] as number;
    if (found < 0 || (reading === 'largest' ? value >= best : reading === 'smallest' && value <= best)) found = row;
    if (reading === 'last' || reading === 'step') break;
  }
  return found < 0 ? null : { value: column.values[found] as number, step: series.steps[found] as number };
}

/** The numbers of one arm. */
export interface ArmNumbers {
  readonly arm: string;
  /** By metric: mean, deviation and count over seeds. */
  readonly summaries: ReadonlyMap<string, Summary>;
  /** By metric: the value of each seed. */
  readonly bySeed: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Runs that have not come to the end of their steps. */
  readonly unfinished: number;
  readonly runs: readonly Run[];
}

/** @param groups whose runs are one for each seed */
export function numbersOf(
  groups: readonly Pick<Group, 'arm' | 'runs'>[],
  metrics: readonly string[],
  place: Place,
  recordings: Recordings,
): ArmNumbers[] {
  return groups.map(({ arm, runs }) => {
    const bySeed = new Map(metrics.map((metric) => [metric, seedValues(runs, metric, place, recordings)]));
    const summaries = new Map([...bySeed].map(([metric, values]) => [metric, summarise([...values.values()])]));
    const unfinished = runs.filter((run) => (recordings.get(run.id)?.step ?? run.lastStep ?? 0) < run.totalSteps).length;
    return { arm, runs, bySeed, summaries, unfinished };
  });
}

function seedValues(runs: readonly Run[], metric: string, place: Place, recordings: Recordings): Map<number, number> {
  const values = new Map<number, number>();
  for (const run of runs) {
    const series = recordings.get(run.id)?.series;
    const read = series === undefined ? null : readOff(series, metric, place);
    if (read !== null) values.set(run.spec.seed, read.value);
  }
  return values;
}

/** One metric of an arm less that of the base, over the seeds that both have. */
export interface DifferenceRow {
  readonly arm: string;
  readonly metric: string;
  readonly paired: PairedDifference;
}

export function differencesOf(numbers: readonly ArmNumbers[], base: string, metrics: readonly string[]): DifferenceRow[] {
  const held = numbers.find(({ arm }) => arm === base);
  if (held === undefined) return [];
  return numbers.flatMap(({ arm, bySeed }) => {
    if (arm === base) return [];
    return metrics.map((metric) => ({
      arm,
      metric,
      paired: pairedDifference(bySeed.get(metric) ?? new Map(), held.bySeed.get(metric) ?? new Map()),
    }));
  });
}

/** An arm with one run for each seed. */
export interface SeedGroup extends Group {
  /** Runs that are left out since another one is of the same seed. */
  readonly repeated: number;
}

export function seedGroups(groups: readonly Group[], stepsOf: (run: Run) => number): SeedGroup[] {
  return groups.map((group) => {
    const runs = oneForEachSeed(group.runs, stepsOf) as [Run, ...Run[]];
    return { ...group, runs, repeated: group.runs.length - runs.length };
  });
}

/** Charts whose first metric is shown while nothing else is chosen. */
const USUAL: readonly ChartId[] = ['reward', 'accuracy', 'kl', 'diversity', 'entropy', 'sparsity', 'loss'];
const AT_MOST = 6;

/** The metrics to begin with: what the experiments at hand are decided by, then the first of each of the usual charts. */
export function usualMetrics(
  measured: readonly string[],
  specs: Readonly<Record<string, MetricSpec>>,
  groups: readonly Group[],
  experiments: readonly Pick<Experiment, 'id' | 'claims'>[],
): string[] {
  const opened = new Set(groups.flatMap(({ runs }) => runs.map(({ origin }) => origin?.experiment)));
  const claimed = experiments.filter(({ id }) => opened.has(id)).flatMap(({ claims }) => claims.map(({ metric }) => metric));
  const usual = USUAL.flatMap((chart) => measured.find((id) => specs[id]?.chart === chart && specs[id].onDemand !== true) ?? []);
  return [...new Set([...claimed.filter((id) => measured.includes(id)), ...usual])].slice(0, AT_MOST);
}
