/** Runs that wait for the one GPU: begins them, ends their turns, and does what the reader says. */
import { type RunSpec, totalSteps } from '../core/spec';
import type { PlannedRun } from './plan';
import { isOpen, nextItem, type QueueItem, type QueueState, revived, stepsOfTurn } from './queue-items';
import { canResume, isInProgress, type Run } from './run';
import { addNotice, type LabStore, removeNotice } from './state';

export interface Queue {
  /** Appends runs and trains them when their turn comes; `first` puts them before all others. Returns the items' ids. */
  add(runs: readonly PlannedRun[], how?: { readonly first?: boolean; readonly tied?: boolean }): readonly string[];
  pause(because?: QueueState['because']): void;
  resume(): void;
  setOrder(order: QueueState['order']): void;
  /** Moves a waiting item to another place among the waiting ones; the first is 0. */
  move(id: string, to: number): void;
  /** Ends items and takes them off the queue; for ten seconds they can be brought back. Without ids, all that wait. */
  cancel(ids?: readonly string[]): void;
  /** Takes an item off the queue whose run the reader stops. */
  drop(id: string): void;
  clearFinished(): void;
  /** The waiting or training item of a run. */
  itemOf(runId: string): QueueItem | undefined;
  /** Whether a run that the worker ends rests between two turns. */
  rests(runId: string): boolean;
  restore(stored: unknown): void;
}

export interface QueueNeeds {
  readonly store: LabStore;
  /** The last step that a run took. */
  readonly step: (runId: string) => number;
  /** Lists a run of a spec, prepared in the worker, and returns its id. @param follows the run before it, whose place on show it takes */
  readonly begin: (item: QueueItem, follows: string | null) => string;
  /** Trains a run that the worker holds, to its end or for so many steps. */
  readonly go: (runId: string, steps: number) => void;
  /** Has the worker take up a run again, paused: from its last checkpoint, or from its start. */
  readonly reopen: (run: Run) => Promise<void>;
  readonly holds: (runId: string) => boolean;
  readonly pause: (runId: string) => void;
  readonly stop: (runId: string) => void;
  readonly allows: (spec: RunSpec) => boolean;
  readonly keep: (state: QueueState) => void;
}

const UNDO_MS = 10_000;

export function createQueue(needs: QueueNeeds): Queue {
  const { store } = needs;
  let count = 0;
  /** Step at which the turn of the training item is over. */
  let target = Number.POSITIVE_INFINITY;
  let last: string | null = null;
  let reopening = false;

  const get = (): QueueState => store.getState().queue;
  const set = (fields: Partial<QueueState>): void => {
    const next = { ...get(), ...fields };
    if (next.phase !== 'idle' && !next.items.some(isOpen)) Object.assign(next, { phase: 'idle', because: null });
    store.setState({ queue: next });
    needs.keep(next);
  };
  const patch = (id: string, fields: Partial<QueueItem>): void =>
    set({ items: get().items.map((item) => (item.id === id ? { ...item, ...fields } : item)) });
  const runOf = ({ runId }: QueueItem): Run | undefined => (runId === null ? undefined : store.getState().runs[runId]);
  const share = (item: QueueItem): number => (item.runId === null ? 0 : needs.step(item.runId) / totalSteps(item.spec));
  const current = (): QueueItem | undefined => get().items.find(({ state }) => state === 'running');

  /** Takes an item off the queue, with those that are tied to it and have not begun. */
  const drop = (gone: QueueItem, fields: Partial<QueueState> = {}): void => {
    const goes = (item: QueueItem): boolean =>
      item.id === gone.id || (gone.tied !== null && item.tied === gone.tied && item.state === 'queued');
    set({ ...fields, items: get().items.filter((item) => !goes(item)) });
  };

  /** Takes in what has become of the runs. */
  const settle = (): void => {
    const lost = store.getState().engine.phase === 'failed';
    for (const item of get().items) {
      if (!isOpen(item) || item.runId === null) continue;
      const run = runOf(item);
      if (run === undefined) drop(item);
      else if (run.state === 'finished') patch(item.id, { state: 'done' });
      else if (item.state !== 'running' || reopening) continue;
      else if (run.state === 'failed') patch(item.id, { state: lost ? 'paused' : 'failed' });
      else if (run.state === 'stopped') drop(item, { phase: 'paused', because: 'stopped' });
      // The worker ends it when it takes up the next one.
      else if (run.state === 'paused' && needs.step(run.id) >= target) patch(item.id, { state: 'paused' });
    }
    if (lost && get().phase === 'running') set({ phase: 'paused', because: 'device' });
  };

  const advance = (): void => {
    settle();
    const { engine, runs } = store.getState();
    if (get().phase !== 'running' || engine.phase !== 'ready' || reopening || current() !== undefined) return;
    const mine = new Set(get().items.map(({ runId }) => runId));
    // A run that the reader trains beside the queue is let to its end.
    const trains = ({ id, state }: Run): boolean => needs.holds(id) && (state === 'running' || state === 'preparing');
    if (Object.values(runs).some((run) => !mine.has(run.id) && trains(run))) return;
    const item = nextItem(get(), share);
    if (item === null) return;
    // It may still be on its way to a pause.
    const run = runOf(item);
    if (run === undefined || !trains(run)) launch(item);
  };

  const turnOf = (item: QueueItem): number => {
    const alone = get().order === 'one-by-one' || get().items.filter(isOpen).length < 2;
    return alone ? Number.POSITIVE_INFINITY : stepsOfTurn(totalSteps(item.spec));
  };

  const launch = (item: QueueItem): void => {
    const run = runOf(item);
    if (!needs.allows(item.spec) || (run?.state === 'failed' && !canResume(run) && run.failure?.kind === 'diverged')) {
      patch(item.id, { state: 'failed' });
      advance();
    } else if (run === undefined) {
      const runId = needs.begin(item, last);
      last = runId;
      patch(item.id, { runId, state: 'running' });
      train(item, runId);
    } else {
      patch(item.id, { state: 'running' });
      last = run.id;
      if (needs.holds(run.id)) train(item, run.id);
      else void reopen(item, run);
    }
  };

  const train = (item: QueueItem, runId: string): void => {
    const steps = turnOf(item);
    target = needs.step(runId) + steps;
    needs.go(runId, steps);
  };

  const reopen = async (item: QueueItem, run: Run): Promise<void> => {
    reopening = true;
    await needs.reopen(run);
    reopening = false;
    // The reader may have changed their mind meanwhile.
    if (current()?.id === item.id && needs.holds(run.id)) train(item, run.id);
    else if (!get().items.some(({ id }) => id === item.id)) needs.stop(run.id);
    advance();
  };

  store.subscribe((state, before) => {
    // Not from inside the change itself: others have yet to hear of it.
    if (state.runs !== before.runs || state.engine !== before.engine) queueMicrotask(advance);
  });

  /** Brings items back to the places that they had. */
  const putBack = (gone: readonly { readonly item: QueueItem; readonly at: number }[], phase: QueueState['phase']): void => {
    const items = [...get().items];
    for (const { item, at } of gone) {
      const state = item.runId === null ? 'queued' : 'paused';
      if (item.runId === null || store.getState().runs[item.runId] !== undefined) items.splice(at, 0, { ...item, state });
    }
    set({ items, phase: get().phase === 'idle' ? phase : get().phase });
    advance();
  };

  return {
    add(runs, { first = false, tied = false } = {}) {
      count += runs.length;
      const stamp = `${Date.now().toString(36)}-${count}`;
      const items = runs.map(
        (run, i): QueueItem => ({ ...run, id: `${stamp}-${i}`, runId: null, state: 'queued', tied: tied ? stamp : null }),
      );
      const old = get().items;
      const at = first ? old.findIndex(isOpen) : -1;
      set({ items: at < 0 ? [...old, ...items] : [...old.slice(0, at), ...items, ...old.slice(at)], phase: 'running', because: null });
      advance();
      return items.map(({ id }) => id);
    },
    pause(because = null) {
      if (get().phase !== 'running') return;
      const item = current();
      set({ phase: 'paused', because });
      if (item === undefined || item.runId === null) return;
      patch(item.id, { state: 'paused' });
      needs.pause(item.runId);
    },
    resume() {
      if (get().phase !== 'paused') return;
      set({ phase: 'running', because: null });
      advance();
    },
    setOrder(order) {
      if (order === get().order) return;
      set({ order });
      const item = current();
      if (item !== undefined && item.runId !== null && !reopening) train(item, item.runId);
    },
    move(id, to) {
      const { items } = get();
      const open = items.filter(isOpen);
      const moved = open.find((item) => item.id === id);
      if (moved === undefined) return;
      const others = open.filter((item) => item.id !== id);
      others.splice(Math.max(0, Math.min(others.length, to)), 0, moved);
      set({ items: [...items.filter((item) => !isOpen(item)), ...others] });
    },
    cancel(ids) {
      const { items, phase } = get();
      const gone = items.map((item, at) => ({ item, at })).filter(({ item }) => isOpen(item) && (ids?.includes(item.id) ?? true));
      if (gone.length === 0) return;
      set({ items: items.filter((item) => !gone.some((one) => one.item === item)) });
      for (const { item } of gone) {
        const run = runOf(item);
        if (run !== undefined && isInProgress(run)) needs.stop(run.id);
      }
      const what = gone.length === 1 ? 'A run was' : `${gone.length} runs were`;
      const notice = addNotice(store, `${what} taken off the queue.`, {
        label: 'Undo',
        run: () => {
          clearTimeout(forGood);
          removeNotice(store, notice);
          putBack(gone, phase);
        },
      });
      const forGood = setTimeout(() => removeNotice(store, notice), UNDO_MS);
      advance();
    },
    drop(id) {
      const item = get().items.find((one) => one.id === id);
      if (item !== undefined) drop(item);
    },
    clearFinished: () => set({ items: get().items.filter(isOpen) }),
    itemOf: (runId) => get().items.find((item) => item.runId === runId && isOpen(item)),
    rests: (runId) => get().items.some((item) => item.runId === runId && item.state === 'paused'),
    restore: (stored) => set(revived(stored, store.getState().runs)),
  };
}
