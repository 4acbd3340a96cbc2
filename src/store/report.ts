/** What a report says of the runs that are compared: tables, settings, environment and what to type. */
import type { Catalogue } from '../core/catalogue';
import { BUILD, buildInWords } from '../data/build';
import type { Report, Section } from '../data/export-report';
import { type Group, groupsOf } from './arms';
import { armNames, differencesOf, numbersOf, type Place, seedGroups, settingRows } from './compare';
import { formatCount, formatNumber, plural } from './format';
import type { Recordings } from './recording';
import { type Run, stateInWords } from './run';
import { lastOf } from './series';
import type { Reading } from './views';

export interface ReportInput {
  /** At least one. */
  readonly runs: readonly Run[];
  readonly catalogue: Catalogue;
  readonly recordings: Recordings;
  readonly figures: readonly { readonly title: string; readonly svg: string }[];
  /** Metrics that come first, as those that the experiment is decided by. */
  readonly claimed: readonly string[];
  /** Which of a run's values the tables show. */
  readonly place: Place;
  /** The arm that the others are held against; the first where it is null or has no run. */
  readonly base: string | null;
  readonly browser: string;
  readonly device: string;
  readonly date: Date;
}

const MINUS = '\u2212';
const signed = (value: number): string => (value > 0 ? `+${formatNumber(value)}` : formatNumber(value));

export function reportOf(input: ReportInput): Report {
  const { runs, catalogue, date } = input;
  const groups = groupsOf(runs);
  const names = armNames(groups, catalogue);
  const arms = groups.map(({ arm }) => names.get(arm) ?? '');
  const title = arms.length === 1 ? `${arms[0]}` : `${arms.slice(0, 3).join(', ')}${arms.length > 3 ? ` and ${arms.length - 3} more` : ''}`;
  const sections = [
    runsSection(input, groups, names),
    settingsSection(groups, arms, catalogue),
    { title: 'Curves', figures: input.figures },
    ...numbersSections(input, groups, names),
    againSection(runs),
    environmentSection(input),
  ];
  const count = runs.length === 1 ? '1 run' : `${plural(runs.length, 'run')} of ${plural(arms.length, 'arm')}`;
  return { title, lead: `${count}, ${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`, sections };
}

function runsSection({ recordings }: ReportInput, groups: readonly Group[], names: ReadonlyMap<string, string>): Section {
  const rows = groups.flatMap(({ arm, runs }) =>
    runs.map((run) => {
      const step = recordings.get(run.id)?.step ?? run.lastStep ?? 0;
      const from = run.imported === undefined ? run.device : `${run.device}, opened from a bundle`;
      const parameters = run.parameters === null ? '' : formatCount(run.parameters);
      const state = run.state === 'interrupted' ? stateInWords(run, step) : `${stateInWords(run, step)}, ${step} of ${run.totalSteps}`;
      return [run.name, names.get(arm) ?? '', String(run.spec.seed), state, parameters, from, run.note ?? ''];
    }),
  );
  return {
    title: 'Runs',
    table: { head: ['Run', 'Arm', 'Seed', 'State', 'Parameters', 'Device', 'Note'], rows, numeric: [2, 4] },
  };
}

function settingsSection(groups: readonly Group[], arms: readonly string[], catalogue: Catalogue): Section {
  const rows = settingRows(groups, catalogue);
  const title = 'Settings';
  if (groups.length === 1) return { title, note: 'All runs have the same settings; only their seeds differ. The whole spec stands below.' };
  if (rows.length === 0) return { title, note: 'The arms differ in no setting that is listed.' };
  return {
    title: 'Settings that differ',
    table: { head: ['Setting', ...arms], rows: rows.map(({ title: name, values }) => [name, ...values.map((value) => value ?? '')]) },
  };
}

/** What a table shows of each run. */
const READINGS: Readonly<Record<Reading, (step: number) => string>> = {
  last: () => 'The newest value of each run',
  largest: () => 'The largest value of each run',
  smallest: () => 'The smallest value of each run',
  step: (step) => `The value of each run at step ${step}, or the last before`,
};

/** The values: mean and deviation over seeds, and how the arms differ from one of them, seed by seed. */
function numbersSections(
  { catalogue, recordings, runs, claimed, place, base: wanted }: ReportInput,
  groups: readonly Group[],
  names: ReadonlyMap<string, string>,
): Section[] {
  const stepsOf = (run: Run): number => recordings.get(run.id)?.step ?? run.lastStep ?? 0;
  const measured = new Set(
    runs.flatMap((run) => {
      const series = recordings.get(run.id)?.series;
      return series === undefined ? [] : [...series.columns.keys()].filter((id) => lastOf(series, id) !== null);
    }),
  );
  const metrics = [...new Set([...claimed, ...[...measured].sort()])].filter((id) => measured.has(id));
  const numbers = numbersOf(seedGroups(groups, stepsOf), metrics, place, recordings);
  const titled = (id: string): string => catalogue.metrics[id]?.title ?? id;
  const arms = numbers.map(({ arm }) => names.get(arm) ?? '');
  const cell = (arm: (typeof numbers)[number], metric: string): string => {
    const { n = 0, mean = 0, std = 0 } = arm.summaries.get(metric) ?? {};
    if (n === 0) return '';
    return n === 1 ? formatNumber(mean) : `${formatNumber(mean)} ± ${formatNumber(std)} (${n})`;
  };
  const several = numbers.some(({ runs: members }) => members.length > 1);
  const unfinished = numbers.reduce((sum, one) => sum + one.unfinished, 0);
  const notes = [
    `${READINGS[place.reading](place.step)}${several ? ': mean ± standard deviation over seeds, and how many there are' : ''}.`,
    unfinished === 0
      ? ''
      : `${unfinished} of the runs ${unfinished === 1 ? 'has' : 'have'} not come to the end of ${unfinished === 1 ? 'its' : 'their'} steps.`,
  ];
  const last: Section = {
    title: 'Numbers',
    note: notes.filter(Boolean).join(' '),
    table: {
      head: ['Metric', 'Id', ...arms],
      rows: metrics.map((id) => [titled(id), id, ...numbers.map((arm) => cell(arm, id))]),
      numeric: arms.map((_, i) => i + 2),
    },
  };
  const base = groups.some(({ arm }) => arm === wanted) ? (wanted as string) : (groups[0]?.arm ?? '');
  const paired = differencesOf(numbers, base, metrics).filter((row) => row.paired.seeds.length > 1);
  if (paired.length === 0) return [last];
  const rows = paired.map(({ arm, metric, paired: { mean, interval, seeds } }) => [
    titled(metric),
    `${names.get(arm)} ${MINUS} ${names.get(base)}`,
    signed(mean),
    interval === null ? '' : `${formatNumber(interval[0])} to ${formatNumber(interval[1])}`,
    String(seeds.length),
  ]);
  const note = 'Seed by seed, with the 95 % bootstrap interval of the mean.';
  return [
    last,
    { title: 'Differences', note, table: { head: ['Metric', 'Arms', 'Difference', 'Interval', 'Seeds'], rows, numeric: [2, 3, 4] } },
  ];
}

const nameOfFile = (run: Run): string => `${run.name.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'run'}.json`;

/** What to type to train the runs again. */
function againSection(runs: readonly Run[]): Section {
  const own = (run: Run): boolean => run.origin === null || run.origin.edited;
  const commands = runs.map((run) => {
    const { seed } = run.spec;
    if (own(run)) return `npm run -s lab -- run ${nameOfFile(run)}`;
    return `npm run -s lab -- run ${run.origin?.experiment} --arm ${run.origin?.arm} --seeds 1 --seed ${seed}`;
  });
  return {
    title: 'Once more',
    note: runs.some(own) ? 'The specs that are named as files stand below: save each under its name.' : '',
    commands,
    details: runs.map((run) => ({ title: own(run) ? nameOfFile(run) : `Spec of ${run.name}`, text: JSON.stringify(run.spec, null, 2) })),
  };
}

function environmentSection({ browser, device, date }: ReportInput): Section {
  const rows = [
    ['Objective Lab', buildInWords(BUILD)],
    ['Browser', browser],
    ['Device at hand', device],
    ['Date', date.toISOString()],
  ];
  return { title: 'Environment', table: { head: ['What', 'Which'], rows } };
}
