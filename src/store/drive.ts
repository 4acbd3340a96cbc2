/** What trains: starting, pausing, stepping, going on, ending, and the runs that a plan makes of the setup. */
import type { RunSpec } from '../core/spec';
import { checkDraft, type Setup } from './draft';
import type { Engine } from './engine';
import type { Files } from './files';
import type { Library } from './library';
import type { Pair } from './pair';
import { ASK_ABOVE, countOf, type PlannedRun, planRuns } from './plan';
import { currentSpec, originOf, type Preparer, sameSpec } from './preparer';
import type { Queue } from './queue';
import { isOpen } from './queue-items';
import { canResume, isInProgress, type Run } from './run';
import type { Shelf } from './shelf';
import { addNotice, type LabState, type LabStore, patchRun } from './state';
import type { Trust } from './trust';

export interface Drive {
  /**
   * Goes on with the run on show where it can and the setup is still its own; else starts a new one. Where the plan makes several
   * runs of the setup, or the queue is at work, they are queued.
   */
  train(): void;
  /** The same, whatever run is on show. */
  trainPlan(): void;
  /** Queues runs, after asking where they are very many. */
  enqueue(runs: readonly PlannedRun[]): void;
  /** The reader's answer to whether so many runs are to be queued. */
  answerAsked(yes: boolean): void;
  /** Trains another setup to its end and then the present one, so that both stand in one chart. */
  trainBoth(other: (setup: Setup) => Setup): void;
  pause(): void;
  /** Goes on with a run, at once or from its last checkpoint. */
  resume(runId: string): void;
  /** One optimisation step of what `train` would train. */
  step(): void;
  /** Ends the run on show and goes back to the setup. */
  reset(): void;
  /** Remembers a run to go on with once there is a worker; null for none. */
  awaitEngine(runId: string | null): void;
  /** Goes on with the run that waited for the worker; false where there is none. */
  goOnWithAwaited(): boolean;
}

export interface DriveNeeds {
  readonly store: LabStore;
  readonly engine: Engine;
  readonly preparer: Preparer;
  readonly library: Library;
  readonly files: Pick<Files, 'ensure'>;
  readonly shelf: Shelf;
  readonly queue: Queue;
  readonly trust: Pick<Trust, 'first'>;
  readonly pair: Pair;
}

export function createDrive({ store, engine, preparer, library, files, shelf, queue, trust, pair }: DriveNeeds): Drive {
  const get = store.getState;
  let awaited: string | null = null;

  const list = (run: Run): void => library.add({ ...run, createdAt: Date.now() });

  /** Lists the setup as a run; null where it cannot be run. */
  const begin = (): Run | null => {
    const run = preparer.take();
    if (run !== null) list(run);
    return run;
  };

  /** Goes on from the last checkpoint, or says that there is none. */
  const restore = async (run: Run, paused: boolean): Promise<boolean> => {
    await shelf.load(run.id);
    await files.ensure(run.spec);
    if (await engine.restore(run, paused)) return true;
    patchRun(store, run.id, { checkpointStep: null });
    addNotice(store, `${run.name} has no checkpoint left to go on from. Train starts it anew.`);
    return false;
  };

  const resume = (runId: string): void => {
    const run = get().runs[runId];
    if (run !== undefined) trust.first(run.spec, () => goOn(run));
  };

  const goOn = (run: Run): void => {
    const runId = run.id;
    if (get().engine.phase !== 'ready') {
      // The worker goes on with it as soon as there is one.
      awaited = runId;
      if (get().engine.phase === 'failed') engine.boot();
      return;
    }
    preparer.drop();
    library.look(runId);
    const item = queue.itemOf(runId);
    if (item !== undefined) {
      if (get().queue.phase === 'paused') queue.move(item.id, 0);
      queue.resume();
      return;
    }
    queue.pause('other-run');
    if (engine.holds(runId)) engine.go(runId);
    else void restore(run, false);
  };

  /** Stops a run for good. One between two turns is held by nobody, and has only to leave the queue. */
  const stop = (run: Run): void => {
    const item = queue.itemOf(run.id);
    if (item !== undefined) {
      queue.pause('stopped');
      queue.drop(item.id);
    }
    if (engine.holds(run.id)) engine.stop(run.id);
    else patchRun(store, run.id, { state: 'stopped' });
  };

  const addToQueue = (runs: readonly PlannedRun[]): void => {
    const [first] = runs;
    if (first !== undefined) trust.first(first.spec, () => queue.add(runs, { first: get().queue.phase === 'paused' }));
  };

  const enqueue = (runs: readonly PlannedRun[]): void => {
    if (runs.length > ASK_ABOVE) store.setState({ asked: runs });
    else addToQueue(runs);
  };

  const trainPlan = (): void => {
    const { setup, catalogue, plan, engine: worker } = get();
    if (worker.phase !== 'ready' || setup === null || catalogue === null) return;
    const { runs, problem } = planRuns(setup, plan, catalogue);
    if (runs === null) {
      addNotice(store, `The runs cannot be queued. ${problem.what}.`);
      return;
    }
    const [only] = runs;
    if (only === undefined || runs.length > 1 || get().queue.phase === 'running') enqueue(runs);
    else
      trust.first(only.spec, () => {
        const begun = begin();
        if (begun !== null) engine.go(begun.id);
      });
  };

  return {
    train() {
      const spec = currentSpec(store);
      if (get().engine.phase !== 'ready' || spec === null) return;
      const run = continued(get(), spec);
      if (run !== null) {
        resume(run.id);
        return;
      }
      trainPlan();
    },
    trainPlan,
    enqueue,
    answerAsked(yes) {
      const { asked } = get();
      store.setState({ asked: null });
      if (yes && asked !== null) addToQueue(asked);
    },
    trainBoth(other) {
      const { setup, catalogue } = get();
      const spec = currentSpec(store);
      if (get().engine.phase !== 'ready' || setup === null || catalogue === null || spec === null) return;
      const first = checkDraft(other(setup).draft, catalogue).spec;
      if (first === null) return;
      trust.first(spec, () =>
        trust.first(first, () => {
          preparer.drop();
          pair.start(first, spec, originOf(setup));
        }),
      );
    },
    pause() {
      const { activeId, runs } = get();
      const run = activeId === null ? undefined : runs[activeId];
      if (run === undefined || !isInProgress(run)) return;
      if (queue.itemOf(run.id) === undefined) engine.pause(run.id);
      else queue.pause();
    },
    resume,
    step() {
      const spec = currentSpec(store);
      if (get().engine.phase !== 'ready' || get().queue.phase === 'running' || spec === null) return;
      trust.first(spec, () => {
        const run = continued(get(), spec);
        if (run === null) {
          const begun = begin();
          if (begun !== null) engine.step(begun.id);
        } else if (engine.holds(run.id)) engine.step(run.id);
        else void restore(run, true).then((found) => found && engine.step(run.id));
      });
    },
    reset() {
      const { activeId, runs } = get();
      const run = activeId === null ? undefined : runs[activeId];
      if (run !== undefined && isInProgress(run)) stop(run);
      library.look(null);
    },
    awaitEngine(runId) {
      awaited = runId;
    },
    goOnWithAwaited() {
      const run = awaited === null ? undefined : get().runs[awaited];
      awaited = null;
      if (run === undefined || !canResume(run)) return false;
      resume(run.id);
      return true;
    },
  };
}

/**
 * The run on show where Train goes on with it: it can go on, and the setup is still its own. Otherwise null, and Train
 * starts a new run.
 */
export function continued(state: LabState, spec: RunSpec | null): Run | null {
  const run = state.activeId === null ? undefined : state.runs[state.activeId];
  if (run === undefined || !canResume(run)) return null;
  const waits = state.queue.items.some((item) => item.runId === run.id && isOpen(item));
  if (countOf(state.plan) !== 1 && !waits) return null;
  return spec !== null && sameSpec(run.spec, spec) ? run : null;
}
