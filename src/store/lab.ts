/** The lab as the page uses it: the state, the recordings, and everything that a reader can do. */
import type { Checkpoint } from '../core/events';
import { looksLikeZip } from '../data/bundle-format';
import type { WorkerClient, WorkerListener } from '../worker/client';
import { type Bundles, createBundles } from './bundles';
import { checkDraft, type Setup } from './draft';
import { createEngine } from './engine';
import { EXPERIMENTS, openFirst } from './experiments';
import { createFiles, type Files } from './files';
import { createLibrary, type Library } from './library';
import { createOwn, type Own } from './own';
import { createPair } from './pair';
import { type LabDatabase, loadCheckpoint, loadSetting } from './persist';
import { ASK_ABOVE, countOf, type Plan, type PlannedRun, planRuns } from './plan';
import { createPreparer, currentSpec, originOf, sameSpec } from './preparer';
import { createQueue, type Queue } from './queue';
import { isOpen } from './queue-items';
import { createRecordings, type Recordings } from './recording';
import { restoreState, usableSetup } from './restore';
import { canResume, isInProgress, type Run } from './run';
import { createSaver, diskOf, type SaverSource } from './saver';
import { createShelf } from './shelf';
import { addNotice, createLabStore, type LabState, type LabStore, patchRun } from './state';
import { createStorage, type Storage } from './storage';
import { ALLOWED, createTrust } from './trust';

export interface Lab {
  readonly store: LabStore;
  readonly recordings: Recordings;
  readonly library: Library;
  readonly files: Files;
  readonly bundles: Bundles;
  readonly storage: Storage;
  readonly own: Own;
  readonly queue: Queue;
  /** Opens the storage and starts the worker. */
  boot(): Promise<void>;
  /** Starts a new worker in place of one that cannot go on, and goes on with the run on show. */
  restart(): void;
  change(step: (setup: Setup) => Setup): void;
  /** Changes the setup to another one altogether, and looks at it unless a run trains. */
  open(step: (setup: Setup) => Setup): void;
  /** Looks at a run, or at the setup for null. */
  look(runId: string | null): void;
  /** Brings a run's recording into memory. */
  load(runId: string): Promise<void>;
  /** Reads a file that the reader has picked or dropped: a bundle of runs, or a dataset. */
  take(file: File): Promise<void>;
  /**
   * Goes on with the run on show where it can and the setup is still its own; else starts a new one. Where the plan makes several
   * runs of the setup, or the queue is at work, they are queued.
   */
  train(): void;
  /** The same, whatever run is on show. */
  trainPlan(): void;
  setPlan(plan: Plan): void;
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
  /** The reader's answer about code under review. */
  answer(allowed: boolean): void;
  setSmoothing(value: number): void;
  /** Writes everything that has changed. */
  save(): Promise<void>;
}

export interface LabNeeds {
  readonly connect: (listener: WorkerListener) => WorkerClient;
  readonly openDatabase: (onLost: () => void) => Promise<LabDatabase>;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

export function createLab(needs: LabNeeds): Lab {
  const store = createLabStore();
  const recordings = createRecordings();
  const get = store.getState;
  const source: SaverSource = {
    run: (id) => get().runs[id],
    recording: recordings.get,
    onState: (storage) => get().storage !== storage && store.setState({ storage }),
    onDropped: (ids) => {
      for (const id of ids) {
        patchRun(store, id, { checkpointStep: null });
        if (get().runs[id] !== undefined) saver.touch(id, 'run');
      }
    },
    kept: () =>
      get().queue.items.flatMap(({ runId, state }) => (runId !== null && (state === 'running' || state === 'paused') ? [runId] : [])),
  };
  let db: LabDatabase | null = null;
  let saver = createSaver(null, source);
  let stored: Setup | null = null;
  let restored: Promise<void> = Promise.resolve();
  let goOnWith: string | null = null;
  let runCount = 0;

  /** What the saver still holds is written first. */
  const storedCheckpoint = async (runId: string): Promise<Checkpoint | null> => {
    if (db === null) return null;
    await saver.flush();
    return loadCheckpoint(db, runId).catch(() => null);
  };

  const newId = (): string => `${Date.now().toString(36)}-${(runCount++).toString(36)}`;

  const trust = createTrust(store, () => saver);
  const engine = createEngine({
    store,
    recordings,
    saver: () => saver,
    connect: needs.connect,
    now: needs.now,
    newId,
    storedCheckpoint,
    keeps: (runId) => get().storage !== 'ready' && source.kept().includes(runId),
    rests: (runId) => queue.rests(runId),
    allows: trust.allows,
    merged: (catalogue) => own.merged(catalogue),
    onReady: () => void onReady(),
    onDataset: (report) => files.onReport(report),
  });
  const preparer = createPreparer(store, engine, trust.allows);
  const shelf = createShelf({ store, recordings, saver: () => saver, database: () => db, holds: engine.holds });
  const library = createLibrary({ store, recordings, saver: () => saver, stop: engine.stop, load: (runId) => void shelf.load(runId) });
  const queue = createQueue({
    store,
    step: (runId) => recordings.get(runId)?.step ?? get().runs[runId]?.lastStep ?? 0,
    begin({ spec, origin }, follows) {
      preparer.drop();
      const run = engine.prepare(spec, origin);
      const { activeId } = get();
      library.add({ ...run, createdAt: Date.now() }, { queued: true, look: activeId === null || activeId === follows });
      return run.id;
    },
    go: engine.go,
    async reopen(run) {
      preparer.drop();
      await shelf.load(run.id);
      await files.ensure(run.spec);
      if (!(await engine.restore(run, true))) engine.afresh(run);
    },
    holds: engine.holds,
    pause: engine.pause,
    stop: engine.stop,
    allows: trust.allows,
    keep: (state) => saver.setting('queue', state),
  });

  const change = (step: (setup: Setup) => Setup): void => {
    const { setup, catalogue } = get();
    if (setup === null || catalogue === null) return;
    const next = step(setup);
    store.setState({ setup: next, problem: checkDraft(next.draft, catalogue).problem });
    saver.setting('setup', next);
    preparer.schedule();
  };
  const files = createFiles({ store, send: engine.sendFile, change, database: () => db });
  const bundles = createBundles({ store, recordings, saver: () => saver, engine, library, files, load: shelf.load, newId });
  const storage = createStorage({ store, saver: () => saver, database: () => db });
  const own = createOwn({ store, saver: () => saver, ask: engine.check, change, allow: trust.allow, isAllowed: trust.isAllowed });
  const pair = createPair({ store, queue, show: library.setVisible });

  store.subscribe((state, before) => {
    if (state.runs !== before.runs || state.preview?.state !== before.preview?.state || state.activeId !== before.activeId) {
      preparer.schedule();
    }
  });

  /** Brings back what an earlier visit left. Without a storage the lab forgets, and works. */
  const openStorage = async (): Promise<void> => {
    try {
      db = await withinTime(needs.openDatabase(() => store.setState({ storage: 'unavailable' })));
      saver = createSaver(diskOf(db), source);
      stored = await restoreState(db, store);
      trust.restore(await loadSetting(db, ALLOWED));
      queue.restore(await loadSetting(db, 'queue'));
      store.setState({ storage: 'ready' });
    } catch {
      store.setState({ storage: 'unavailable' });
    }
    const { runs, activeId } = get();
    for (const run of Object.values(runs)) if (run.visible || run.id === activeId) void shelf.load(run.id);
  };

  const onReady = async (): Promise<void> => {
    await restored;
    own.revive();
    const { catalogue, setup } = get();
    if (catalogue === null) return;
    const opening = setup ?? usableSetup(stored, catalogue) ?? openFirst(EXPERIMENTS, catalogue);
    store.setState({ setup: opening, problem: checkDraft(opening.draft, catalogue).problem });
    await files.resend();
    const run = goOnWith === null ? undefined : get().runs[goOnWith];
    goOnWith = null;
    if (run !== undefined && canResume(run)) resume(run.id);
    else preparer.schedule(0);
  };

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
      goOnWith = runId;
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
    store,
    recordings,
    library,
    files,
    bundles,
    storage,
    own,
    queue,
    boot() {
      engine.boot();
      restored = openStorage();
      return restored;
    },
    restart() {
      goOnWith = get().activeId;
      engine.boot();
    },
    change,
    open(step) {
      change(step);
      const { activeId, runs } = get();
      const state = activeId === null ? undefined : runs[activeId]?.state;
      if (state !== 'running' && state !== 'preparing') library.look(null);
    },
    look: library.look,
    load: shelf.load,
    async take(file) {
      const head = new Uint8Array(
        await file
          .slice(0, 4)
          .arrayBuffer()
          .catch(() => new ArrayBuffer(0)),
      );
      await (looksLikeZip(head) ? bundles.open(file) : files.read(file));
    },
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
    setPlan(plan) {
      store.setState({ plan });
      saver.setting('plan', plan);
    },
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
    answer: trust.answer,
    setSmoothing(smoothing) {
      store.setState({ smoothing });
      saver.setting('smoothing', smoothing);
    },
    save: () => saver.flush(),
  };
}

/** Another tab can keep a database from opening for good; the lab does not wait for it. */
const withinTime = <T>(promise: Promise<T>): Promise<T> =>
  Promise.race([promise, new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too late')), STORAGE_MS))]);

const STORAGE_MS = 4000;

/**
 * The run on show where Train goes on with it: it can go on, and the setup is still its own. Otherwise null, and Train
 * starts a new run.
 */
export function continued(state: LabState, spec: Run['spec'] | null): Run | null {
  const run = state.activeId === null ? undefined : state.runs[state.activeId];
  if (run === undefined || !canResume(run)) return null;
  const waits = state.queue.items.some((item) => item.runId === run.id && isOpen(item));
  if (countOf(state.plan) !== 1 && !waits) return null;
  return spec !== null && sameSpec(run.spec, spec) ? run : null;
}
