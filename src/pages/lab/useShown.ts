/** The runs that are drawn: the one that is looked at first, then those that the reader shows; by themselves or by arm. */
import { useMemo } from 'react';
import { armEntries, armEntryId, chartRunOf } from '../../charts/entries';
import { type ChartRun, type Entry, entryOf } from '../../charts/lines';
import { armOf } from '../../store/arms';
import { lab, useLab } from '../../store/index';
import type { Run } from '../../store/run';
import { type LabState, shownRun } from '../../store/state';
import { useView } from '../../store/views';

export interface Shown {
  readonly runs: readonly ChartRun[];
  /** The first of the runs where it is looked at. */
  readonly active: ChartRun | null;
  /** What is drawn as one. */
  readonly entries: readonly Entry[];
  /** The entry that the active run belongs to. */
  readonly activeEntry: string | null;
}

/** Stays the same object while only the state of a run changes, so that the charts are left alone. */
export function useShown(): Shown {
  const key = useLab(shownKey);
  const grouped = useView('lab').band !== 'none';
  return useMemo(() => shownNow(JSON.parse(key) as Key, grouped), [key, grouped]);
}

/** What the charts hang on: the runs, with what may change of them. */
interface Key {
  readonly active: string | null;
  readonly runs: readonly (readonly [id: string, ...told: unknown[]])[];
  readonly catalogue: boolean;
}

/** The run that is looked at, then the others on show. */
function shownKey(state: LabState): string {
  const active = shownRun(state);
  const others = state.order.flatMap((id) => {
    const run = state.runs[id];
    return run?.visible === true && id !== active?.id ? [run] : [];
  });
  const runs = (active === null ? others : [active, ...others]).map(
    (run) => [run.id, run.name, run.accent, run.totalSteps, armOf(run)] as const,
  );
  return JSON.stringify({ active: active?.id ?? null, runs, catalogue: state.catalogue !== null } satisfies Key);
}

function shownNow(key: Key, grouped: boolean): Shown {
  const { runs: listed, preview, catalogue } = lab.store.getState();
  const shown = key.runs.flatMap(([id]) => listed[id] ?? (preview?.id === id ? [preview] : []));
  const runs = shown.map((run) => chartRunOf(run, catalogue));
  const looked = shown.find(({ id }) => id === key.active);
  const stepsOf = (run: Run): number => lab.recordings.get(run.id)?.step ?? run.lastStep ?? 0;
  return {
    runs,
    active: runs.find(({ id }) => id === key.active) ?? null,
    entries: grouped ? armEntries(shown, catalogue, stepsOf) : runs.map(entryOf),
    activeEntry: looked === undefined ? null : grouped ? armEntryId(armOf(looked)) : looked.id,
  };
}
