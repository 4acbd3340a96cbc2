/** The list of runs: adding, showing, renaming, deleting with a way back. */
import { isOwn, OWN } from '../core/own';
import { EXPERIMENTS } from './experiments';
import { runName } from './names';
import { pickAccent } from './palette';
import type { Recordings } from './recording';
import { isInProgress, type Run } from './run';
import type { Saver } from './saver';
import { addNotice, type LabState, type LabStore, patchRun, removeNotice } from './state';

/** Runs drawn at once by themselves; the reader may tick more. */
const SHOWN_AT_ONCE = 4;
const UNDO_MS = 10_000;

export interface Library {
  /** Lists a run under a new name and accent, looks at it, and shows it beside the runs of the same world. */
  add(run: Run): void;
  look(runId: string | null): void;
  setVisible(runId: string, visible: boolean): void;
  rename(runId: string, name: string): void;
  /** Takes a run off the list; for ten seconds it can be brought back. */
  remove(runId: string): void;
}

export interface LibraryNeeds {
  readonly store: LabStore;
  readonly recordings: Recordings;
  readonly saver: () => Saver;
  /** Ends a run that is in progress. */
  readonly stop: (runId: string) => void;
  /** Makes sure that a run's recording is at hand. */
  readonly load: (runId: string) => void;
}

/** The accent that a run is given: its arm's own, where no run on show has it. */
export function accentFor(run: Run, { runs, order }: LabState): number {
  const used = order.flatMap((id) => (runs[id]?.visible === true ? [runs[id].accent] : []));
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === run.origin?.experiment);
  const arm = experiment === undefined ? -1 : Object.keys(experiment.arms).indexOf(run.origin?.arm ?? '');
  return pickAccent(used, arm < 0 ? null : arm);
}

/** A run of the reader's own objective or reward is called after it; any other gets a name that can be remembered. */
function nameFor({ spec }: Run, count: number, taken: ReadonlySet<string>): string {
  const own = spec.stages.flatMap(({ objective, rewards }) => [objective, ...rewards]).find(({ id }) => isOwn(id));
  if (own === undefined) return runName(count, taken);
  const name = own.id.slice(OWN.length);
  let free = name;
  for (let again = 2; taken.has(free); again++) free = `${name} ${again}`;
  return free;
}

export function createLibrary(needs: LibraryNeeds): Library {
  const { store, recordings, saver, stop, load } = needs;

  const look = (runId: string | null): void => {
    store.setState({ activeId: runId });
    saver().setting('activeId', runId);
    if (runId !== null) load(runId);
  };

  const setVisible = (runId: string, visible: boolean): void => {
    patchRun(store, runId, { visible });
    saver().touch(runId, 'run');
    if (visible) load(runId);
  };

  return {
    add(run) {
      const { runs, order } = store.getState();
      const listed = order.map((id) => runs[id] as Run);
      const shown = listed.filter((other) => other.visible && other.spec.world.id === run.spec.world.id).slice(1 - SHOWN_AT_ONCE);
      for (const other of listed) if (other.visible && !shown.includes(other)) setVisible(other.id, false);
      const accent = accentFor(run, store.getState());
      const name = nameFor(run, order.length, new Set(listed.map((other) => other.name)));
      store.setState((state) => ({ runs: { ...state.runs, [run.id]: { ...run, name, accent } }, order: [...order, run.id] }));
      saver().touch(run.id, 'run');
      saver().touch(run.id, 'recording');
      look(run.id);
    },
    look,
    setVisible,
    rename(runId, name) {
      const trimmed = name.trim().slice(0, 60);
      if (trimmed === '') return;
      patchRun(store, runId, { name: trimmed });
      saver().touch(runId, 'run');
    },
    remove(runId) {
      const { runs, order, activeId } = store.getState();
      const run = runs[runId];
      if (run === undefined) return;
      const inProgress = isInProgress(run);
      if (inProgress) stop(runId);
      const kept: Run = inProgress ? { ...run, state: 'stopped' } : run;
      const { [runId]: _, ...others } = runs;
      store.setState({ runs: others, order: order.filter((id) => id !== runId) });
      if (activeId === runId) look(null);
      saver().markDeleted(kept);
      const forGood = setTimeout(() => {
        removeNotice(store, notice);
        recordings.drop(runId);
        saver().erase(runId);
      }, UNDO_MS);
      const notice = addNotice(store, `${run.name} was deleted.`, {
        label: 'Undo',
        run: () => {
          clearTimeout(forGood);
          removeNotice(store, notice);
          store.setState((state) => ({
            runs: { ...state.runs, [runId]: kept },
            order: [...state.order, runId].sort(),
          }));
          saver().touch(runId, 'run');
          look(runId);
        },
      });
    },
  };
}
