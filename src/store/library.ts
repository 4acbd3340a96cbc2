/** The list of runs: adding, showing, naming, notes, deleting with a way back. */
import { isOwn, OWN } from '../core/own';
import { armOf } from './arms';
import { EXPERIMENTS } from './experiments';
import { runName } from './names';
import { pickAccent } from './palette';
import type { Recordings } from './recording';
import { isInProgress, type Run } from './run';
import type { Saver } from './saver';
import { addNotice, type LabState, type LabStore, patchRun, removeNotice } from './state';

/** Runs drawn at once by themselves; the reader may show more. */
const SHOWN_AT_ONCE = 4;
/** The same while a queue trains runs that belong together. */
const SHOWN_OF_A_QUEUE = 40;
const UNDO_MS = 10_000;
const LONGEST_NOTE = 2000;

export interface Library {
  /** Lists a run under a new name and its arm's accent, and shows it beside the runs of the same world. */
  add(run: Run, how?: { readonly queued: boolean; readonly look: boolean }): void;
  look(runId: string | null): void;
  setVisible(runId: string, visible: boolean): void;
  rename(runId: string, name: string): void;
  /** What the reader adds to a run; an empty note takes it away. */
  annotate(runId: string, fields: Partial<Pick<Run, 'pinned' | 'starred' | 'note'>>): void;
  /** Takes runs off the list; for ten seconds they can be brought back. */
  remove(...runIds: string[]): void;
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

/**
 * The accent that a run is given: that of its arm, if a run of it is listed; else the one that an experiment gives to the arm,
 * where no other arm on show has it.
 */
export function accentFor(run: Run, { runs, order }: LabState): number {
  const arm = armOf(run);
  const listed = order.flatMap((id) => runs[id] ?? []);
  const same = listed.findLast((other) => armOf(other) === arm);
  if (same !== undefined) return same.accent;
  const used = new Map(listed.filter(({ visible }) => visible).map((other) => [armOf(other), other.accent]));
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === run.origin?.experiment);
  const place = experiment === undefined || run.origin?.edited ? -1 : Object.keys(experiment.arms).indexOf(run.origin?.arm ?? '');
  return pickAccent([...used.values()], place < 0 ? null : place);
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

  const patch = (runId: string, fields: Partial<Run>): void => {
    patchRun(store, runId, fields);
    saver().touch(runId, 'run');
  };

  const look = (runId: string | null): void => {
    store.setState({ activeId: runId });
    saver().setting('activeId', runId);
    if (runId !== null) load(runId);
  };

  const setVisible = (runId: string, visible: boolean): void => {
    patch(runId, { visible });
    if (visible) load(runId);
  };

  /** Hides all but the latest runs of a run's world; what the reader has pinned stays. */
  const makeRoom = (run: Run, queued: boolean): void => {
    const { runs, order } = store.getState();
    const shown = order.flatMap((id) => runs[id] ?? []).filter(({ visible, pinned }) => visible && pinned !== true);
    const alike = shown.filter((other) => other.spec.world.id === run.spec.world.id);
    const kept = alike.slice(1 - (queued ? SHOWN_OF_A_QUEUE : SHOWN_AT_ONCE));
    for (const other of shown) if (!kept.includes(other)) setVisible(other.id, false);
  };

  return {
    add(run, { queued, look: follow } = { queued: false, look: true }) {
      makeRoom(run, queued);
      const { runs, order } = store.getState();
      const accent = accentFor(run, store.getState());
      const name = nameFor(run, order.length, new Set(order.map((id) => runs[id]?.name ?? '')));
      store.setState((state) => ({ runs: { ...state.runs, [run.id]: { ...run, name, accent } }, order: [...order, run.id] }));
      saver().touch(run.id, 'run');
      saver().touch(run.id, 'recording');
      if (follow) look(run.id);
    },
    look,
    setVisible,
    rename(runId, name) {
      const trimmed = name.trim().slice(0, 60);
      if (trimmed !== '') patch(runId, { name: trimmed });
    },
    annotate: (runId, { note, ...fields }) =>
      patch(runId, { ...fields, ...(note === undefined ? {} : { note: note.trim().slice(0, LONGEST_NOTE) }) }),
    remove(...runIds) {
      const { runs, activeId } = store.getState();
      const gone = runIds.flatMap((id) => runs[id] ?? []);
      const [first] = gone;
      if (first === undefined) return;
      for (const run of gone) if (isInProgress(run)) stop(run.id);
      const kept = gone.map((run): Run => (isInProgress(run) ? { ...run, state: 'stopped' } : run));
      const ids = new Set(gone.map(({ id }) => id));
      store.setState((state) => ({
        runs: Object.fromEntries(Object.entries(state.runs).filter(([id]) => !ids.has(id))),
        order: state.order.filter((id) => !ids.has(id)),
      }));
      if (activeId !== null && ids.has(activeId)) look(null);
      for (const run of kept) saver().markDeleted(run);
      const forGood = setTimeout(() => {
        removeNotice(store, notice);
        for (const id of ids) recordings.drop(id);
        for (const id of ids) saver().erase(id);
      }, UNDO_MS);
      const notice = addNotice(store, gone.length === 1 ? `${first.name} was deleted.` : `${gone.length} runs were deleted.`, {
        label: 'Undo',
        run: () => {
          clearTimeout(forGood);
          removeNotice(store, notice);
          store.setState((state) => ({
            runs: { ...state.runs, ...Object.fromEntries(kept.map((run) => [run.id, run])) },
            order: [...state.order, ...ids].sort(),
          }));
          for (const id of ids) saver().touch(id, 'run');
          // A disk that was full may have let go of them.
          for (const id of ids) saver().touch(id, 'recording');
          for (const { id, visible } of kept) if (visible) load(id);
          if (first.id === activeId || gone.length === 1) look(first.id);
        },
      });
    },
  };
}
