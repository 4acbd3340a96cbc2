/** What is compared: the runs that are ticked, by arm and with one run for each seed. */
import { useEffect, useMemo } from 'react';
import { armEntries, armEntryId, chartRunOf } from '../../charts/entries';
import { type ChartRun, type Entry, entryOf } from '../../charts/lines';
import type { Catalogue } from '../../core/catalogue';
import { type Group, groupsOf } from '../../store/arms';
import { armNames, type SeedGroup, seedGroups } from '../../store/compare';
import { lab, useLab } from '../../store/index';
import type { Run } from '../../store/run';
import { useView } from '../../store/views';

export interface Compared {
  /** All arms, ticked or not, the newest first. */
  readonly arms: readonly Group[];
  /** Arms with a run that is ticked, and of these one for each seed. */
  readonly groups: readonly SeedGroup[];
  /** By arm. */
  readonly names: ReadonlyMap<string, string>;
  readonly runs: readonly ChartRun[];
  /** What the charts draw as one. */
  readonly entries: readonly Entry[];
  readonly catalogue: Catalogue | null;
}

export function useCompared(): Compared {
  const all = useLab((state) => state.runs);
  const order = useLab((state) => state.order);
  const catalogue = useLab((state) => state.catalogue);
  const grouped = useView('compare').band !== 'none';
  const key = order.map((id) => toldOf(all[id])).join('\n');
  useEffect(() => {
    const { runs } = lab.store.getState();
    if (key !== '') for (const run of Object.values(runs)) if (run.visible) void lab.load(run.id);
  }, [key]);
  // While only the state of a run changes, the charts are left alone.
  return useMemo(() => {
    const ids = key.split('\n').map((line) => line.split('\t')[0] ?? '');
    return comparedNow(ids, grouped, catalogue);
  }, [key, grouped, catalogue]);
}

/** What of a run the page hangs on. */
const toldOf = (run: Run | undefined): string =>
  run === undefined ? '' : [run.id, run.name.replace(/\s/g, ' '), run.accent, run.visible, run.totalSteps].join('\t');

function comparedNow(ids: readonly string[], grouped: boolean, catalogue: Catalogue | null): Compared {
  const { runs } = lab.store.getState();
  const listed = ids.flatMap((id) => runs[id] ?? []);
  const ticked = listed.filter(({ visible }) => visible);
  const arms = groupsOf(listed.toReversed());
  const groups = seedGroups(groupsOf(ticked), stepsOf);
  const chartRuns = ticked.map((run) => chartRunOf(run, catalogue));
  return {
    arms,
    groups,
    names: armNames(arms, catalogue),
    runs: chartRuns,
    entries: grouped ? namedAs(armEntries(ticked, catalogue, stepsOf), armNames(arms, catalogue)) : chartRuns.map(entryOf),
    catalogue,
  };
}

/** Arms are called the same wherever the page names them, whatever is ticked. */
const namedAs = (entries: readonly Entry[], names: ReadonlyMap<string, string>): Entry[] => {
  const byId = new Map([...names].map(([arm, name]) => [armEntryId(arm), name]));
  return entries.map((entry) => ({ ...entry, name: byId.get(entry.id) ?? entry.name }));
};

const stepsOf = (run: Run): number => lab.recordings.get(run.id)?.step ?? run.lastStep ?? 0;
