/** The lab as the page uses it: the state, the recordings, and everything that a reader can do. */
import type { Checkpoint } from '../core/events';
import { looksLikeZip } from '../data/bundle-format';
import type { WorkerClient, WorkerListener } from '../worker/client';
import { type Bundles, createBundles } from './bundles';
import { checkDraft, type Setup } from './draft';
import { createDrive, type Drive } from './drive';
import { createEngine } from './engine';
import { EXPERIMENTS, openFirst } from './experiments';
import { createFiles, type Files } from './files';
import { createLibrary, type Library } from './library';
import { createOwn, type Own } from './own';
import { createPair } from './pair';
import { type LabDatabase, loadCheckpoint, loadSetting } from './persist';
import type { Plan } from './plan';
import { createPreparer } from './preparer';
import { createQueue, type Queue } from './queue';
import { createRecordings, type Recordings } from './recording';
import { restoreState, usableSetup } from './restore';
import { createSaver, diskOf, type SaverSource } from './saver';
import { createShelf } from './shelf';
import { createLabStore, type LabStore, patchRun } from './state';
import { createStorage, neededCheckpoints, type Storage } from './storage';
import { ALLOWED, createTrust } from './trust';
import { type History, remember, restoredHistory, stepThrough, storedHistory } from './undo';

export interface Lab extends Omit<Drive, 'awaitEngine' | 'goOnWithAwaited'> {
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
  /** Takes the last change of the setup back, or does it again. */
  undo(): void;
  redo(): void;
  /** Looks at a run, or at the setup for null. */
  look(runId: string | null): void;
  /** Brings a run's recording into memory. */
  load(runId: string): Promise<void>;
  /** Reads a file that the reader has picked or dropped: a bundle of runs, or a dataset. */
  take(file: File): Promise<void>;
  setPlan(plan: Plan): void;
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
    kept: () => neededCheckpoints(get()),
  };
  let db: LabDatabase | null = null;
  let saver = createSaver(null, source);
  let stored: Setup | null = null;
  let storedPast: unknown;
  let restored: Promise<void> = Promise.resolve();
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

  const put = (setup: Setup, history: History): void => {
    const { catalogue } = get();
    if (catalogue === null) return;
    store.setState({ setup, history, problem: checkDraft(setup.draft, catalogue).problem });
    saver.setting('setup', setup);
    saver.setting('history', storedHistory(history));
    preparer.schedule();
  };
  const change = (step: (setup: Setup) => Setup): void => {
    const { setup, history, catalogue } = get();
    if (setup === null || catalogue === null) return;
    const next = step(setup);
    put(next, remember(history, setup, next, needs.now()));
  };
  /** Another setup altogether is looked at, unless a run trains. */
  const lookAtSetup = (): void => {
    const { activeId, runs } = get();
    const state = activeId === null ? undefined : runs[activeId]?.state;
    if (state !== 'running' && state !== 'preparing') library.look(null);
  };
  const stepHistory = (way: -1 | 1): void => {
    const { setup, history, catalogue } = get();
    const step = setup === null || catalogue === null ? null : stepThrough(history, setup, way, catalogue);
    if (setup === null || step === null) return;
    put(step.setup, step.history);
    if (step.setup.opened !== setup.opened || step.setup.draft.world.id !== setup.draft.world.id) lookAtSetup();
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
      storedPast = await loadSetting(db, 'history');
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
    const kept = setup === null ? usableSetup(stored, catalogue) : null;
    if (kept !== null) store.setState({ history: restoredHistory(storedPast, catalogue) });
    const opening = setup ?? kept ?? openFirst(EXPERIMENTS, catalogue);
    store.setState({ setup: opening, problem: checkDraft(opening.draft, catalogue).problem });
    await files.resend();
    if (!drive.goOnWithAwaited()) preparer.schedule(0);
  };

  const drive = createDrive({ store, engine, preparer, library, files, shelf, queue, trust, pair });

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
      drive.awaitEngine(get().activeId);
      engine.boot();
    },
    change,
    open(step) {
      change(step);
      lookAtSetup();
    },
    undo: () => stepHistory(-1),
    redo: () => stepHistory(1),
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
    ...drive,
    setPlan(plan) {
      store.setState({ plan });
      saver.setting('plan', plan);
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
