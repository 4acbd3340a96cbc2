/** Drives the worker: turns its messages into state, and what the reader presses into messages. */
import type { Catalogue } from '../core/catalogue';
import type { Checkpoint, FailureKind, RunEvent } from '../core/events';
import type { OwnChecked, OwnKind } from '../core/own';
import { type RunSpec, totalSteps } from '../core/spec';
import type { WorkerClient, WorkerListener } from '../worker/client';
import type { DatasetReport, FromWorker, RunState, ToWorker } from '../worker/protocol';
import { rateOf, restMeter } from './eta';
import { splitMessage } from './path';
import { createRecording, type Recordings, record, rewind } from './recording';
import { isInProgress, type Run } from './run';
import type { Saver } from './saver';
import { type LabStore, patchRun } from './state';

export interface EngineNeeds {
  readonly store: LabStore;
  readonly recordings: Recordings;
  readonly saver: () => Saver;
  readonly connect: (listener: WorkerListener) => WorkerClient;
  /** Milliseconds that only grow, for the pace. */
  readonly now: () => number;
  /** A new run id; ids sort by time. */
  readonly newId: () => string;
  /** A stored checkpoint of a run that has none in memory. */
  readonly storedCheckpoint: (runId: string) => Promise<Checkpoint | null>;
  /** Whether a run's checkpoint has to stay in memory, as there is no storage to read it from. */
  readonly keeps: (runId: string) => boolean;
  /** Whether a run that the worker ends only rests, and counts as paused. */
  readonly rests: (runId: string) => boolean;
  /** The catalogue as the page is to see it. */
  readonly merged: (catalogue: Catalogue) => Catalogue;
  /** Whether all code in a spec may run. Callers ask first; nothing is started that has not been. */
  readonly allows: (spec: RunSpec) => boolean;
  readonly onReady: () => void;
  readonly onDataset: (report: DatasetReport) => void;
}

export interface Engine {
  /** Starts the worker, or a new one in place of one that cannot go on. */
  boot(): void;
  /** A run of a spec that takes no step yet. It is not listed. */
  prepare(spec: RunSpec, origin: Run['origin']): Run;
  /** Forgets a preparation that nobody wants any more. The worker ends it when the next run starts. */
  discard(runId: string): void;
  /** Trains to the end, or for so many steps. */
  go(runId: string, steps?: number): void;
  pause(runId: string): void;
  /** One optimisation step. */
  step(runId: string): void;
  stop(runId: string): void;
  /** Goes on from the last checkpoint of a run that the worker does not hold; false where there is none. */
  restore(run: Run, paused: boolean): Promise<boolean>;
  /** Has the worker take up a listed run from its start, paused; what it recorded is forgotten. */
  afresh(run: Run): void;
  /** The last checkpoint of a run, from memory or storage; null where there is none. */
  checkpoint(runId: string): Promise<Checkpoint | null>;
  /** Gives a listed run a checkpoint that came from elsewhere. */
  adopt(runId: string, checkpoint: Checkpoint): void;
  /** Whether the worker holds the run. */
  holds(runId: string): boolean;
  sendFile(name: string, bytes: ArrayBuffer): void;
  /** What the worker says of a reader's own source; null where there is none at work to say it. */
  check(kind: OwnKind, source: string): Promise<OwnChecked | null>;
}

/** Checkpoints of this many runs stay in memory, in case the disk cannot be written. */
const CHECKPOINTS_IN_MEMORY = 2;

export function createEngine(needs: EngineNeeds): Engine {
  const { store, recordings, saver, now } = needs;
  let client: WorkerClient | null = null;
  /** Runs that the worker holds. */
  const held = new Set<string>();
  const checkpoints = new Map<string, Checkpoint>();
  /** A start or a stop that the worker has not answered yet; what is said meanwhile waits in the outbox. */
  let awaited: { readonly runId: string; readonly what: 'start' | 'stop' } | null = null;
  const outbox: ToWorker[] = [];
  const checks = new Map<number, (checked: OwnChecked | null) => void>();
  let checkCount = 0;

  const drain = (): void => {
    while (awaited === null) {
      const next = outbox.shift();
      if (next === undefined) return;
      if (next.type === 'stop' && !held.has(next.runId)) continue;
      if (next.type === 'start' || next.type === 'stop') awaited = { runId: next.runId, what: next.type };
      client?.send(next);
    }
  };
  const send = (message: ToWorker): void => {
    outbox.push(message);
    drain();
  };

  /** Sends what has waited for the worker to say this about a run. */
  const heard = (runId: string, state: RunState): void => {
    if (awaited?.runId !== runId) return;
    if (awaited.what === 'stop' && (state === 'running' || state === 'paused' || state === 'preparing')) return;
    awaited = null;
    drain();
  };

  const find = (runId: string): Run | undefined => {
    const { runs, preview } = store.getState();
    return runs[runId] ?? (preview?.id === runId ? preview : undefined);
  };
  const isListed = (runId: string): boolean => store.getState().runs[runId] !== undefined;

  const patch = (runId: string, fields: Partial<Run>): void => {
    patchRun(store, runId, fields);
    if (isListed(runId)) saver().touch(runId, 'run');
  };

  const onEvent = (runId: string, event: RunEvent): void => {
    const recording = recordings.get(runId);
    if (recording === undefined) return;
    record(recording, event, now());
    recordings.changed(runId);
    showCompiling(runId, event);
    if (event.type === 'started') patch(runId, { totalSteps: event.totalSteps, parameters: event.parameters });
    if (event.type === 'checkpoint') keepCheckpoint(runId, event.checkpoint);
    if (isListed(runId)) saver().touch(runId, 'recording');
  };

  /** What comes after the last shader says that all are there. */
  const showCompiling = (runId: string, event: RunEvent): void => {
    if (event.type === 'preparing') store.setState({ compiling: { runId, done: event.done, total: event.total } });
    else if (store.getState().compiling !== null) store.setState({ compiling: null });
  };

  const keepCheckpoint = (runId: string, checkpoint: Checkpoint): void => {
    checkpoints.delete(runId);
    checkpoints.set(runId, checkpoint);
    for (const id of [...checkpoints.keys()].slice(0, -CHECKPOINTS_IN_MEMORY)) if (!needs.keeps(id)) checkpoints.delete(id);
    if (!isListed(runId)) return;
    patch(runId, { checkpointStep: checkpoint.step });
    saver().checkpoint(runId, checkpoint);
  };

  const onState = (runId: string, state: RunState): void => {
    const recording = recordings.get(runId);
    if (state === 'finished' || state === 'stopped' || state === 'failed') held.delete(runId);
    patch(runId, { state: state === 'stopped' && needs.rests(runId) ? 'paused' : state, ...atRest(runId, state) });
    heard(runId, state);
    if (recording !== undefined) recordings.changed(runId);
    if (state !== 'running' && state !== 'preparing') void saver().flush();
  };

  /** What a run's list entry keeps of its recording, once it trains no more; the time until it goes on does not count. */
  const atRest = (runId: string, state: RunState): Partial<Run> => {
    const recording = recordings.get(runId);
    if (recording === undefined || state === 'running' || state === 'preparing') return {};
    const pace = rateOf(recording.meter);
    restMeter(recording.meter);
    return { lastStep: recording.step, ...(pace === null ? {} : { pace }) };
  };

  const onFailed = (runId: string, kind: FailureKind, message: string): void => {
    held.delete(runId);
    patch(runId, { state: 'failed', failure: { kind, message }, ...atRest(runId, 'failed') });
    store.setState({ compiling: null });
    heard(runId, 'failed');
    const { where, what } = splitMessage(message);
    if (where !== '' && store.getState().preview?.id === runId) store.setState({ problem: { where, what } });
    void saver().flush();
  };

  const forgetWorker = (): void => {
    client?.close();
    client = null;
    held.clear();
    outbox.length = 0;
    awaited = null;
    for (const answer of checks.values()) answer(null);
    checks.clear();
  };

  const onFatal = (kind: FailureKind, message: string): void => {
    for (const runId of held) {
      const run = find(runId);
      const rest = atRest(runId, 'failed');
      if (run !== undefined && isInProgress(run)) patch(runId, { state: 'failed', failure: { kind, message }, ...rest });
    }
    forgetWorker();
    store.setState({ engine: { phase: 'failed', kind, message }, preview: null, memoryBytes: null, compiling: null });
    void saver().flush();
  };

  const onMessage = (message: FromWorker): void => {
    switch (message.type) {
      case 'ready':
        store.setState({ engine: { phase: 'ready' }, catalogue: needs.merged(message.catalogue), device: message.device });
        needs.onReady();
        return;
      case 'event':
        onEvent(message.runId, message.event);
        return;
      case 'state':
        onState(message.runId, message.state);
        return;
      case 'failed':
        onFailed(message.runId, message.kind, message.message);
        return;
      case 'dataset':
        needs.onDataset(message.report);
        return;
      case 'checked':
        checks.get(message.id)?.({ errors: message.errors, entry: message.entry });
        checks.delete(message.id);
        return;
      case 'memory':
        store.setState({ memoryBytes: message.bytes });
        return;
      case 'fatal':
        onFatal(message.kind, message.message);
        return;
      default:
        message satisfies never;
    }
  };

  /** The worker speaks again with the first event, which a large policy takes a while to come to. */
  const expectEvents = (runId: string): void => {
    const recording = recordings.get(runId);
    if (recording !== undefined) patch(runId, { state: recording.step === 0 ? 'preparing' : 'running' });
  };

  const start = (run: Run, from: Checkpoint | null, paused: boolean): void => {
    if (!needs.allows(run.spec)) throw new Error('a run whose code has not been allowed');
    held.add(run.id);
    send({ type: 'start', runId: run.id, spec: run.spec, from, paused });
  };

  return {
    boot() {
      forgetWorker();
      store.setState({ engine: { phase: 'starting' } });
      client = needs.connect({ onMessage, onCrash: (message) => onFatal('internal', message) });
    },
    prepare(spec, origin) {
      const run: Run = {
        id: needs.newId(),
        name: '',
        accent: 0,
        spec,
        origin,
        state: 'preparing',
        failure: null,
        totalSteps: totalSteps(spec),
        parameters: null,
        device: store.getState().device?.name ?? '',
        createdAt: Date.now(),
        visible: true,
        checkpointStep: null,
      };
      recordings.set(run.id, createRecording());
      start(run, null, true);
      return run;
    },
    discard(runId) {
      held.delete(runId);
      recordings.drop(runId);
      checkpoints.delete(runId);
    },
    go(runId, steps = Number.POSITIVE_INFINITY) {
      expectEvents(runId);
      send({ type: 'resume', runId, ...(Number.isFinite(steps) ? { steps } : {}) });
    },
    pause: (runId) => send({ type: 'pause', runId }),
    step(runId) {
      expectEvents(runId);
      send({ type: 'step', runId });
    },
    stop: (runId) => send({ type: 'stop', runId }),
    async restore(run, paused) {
      const from = checkpoints.get(run.id) ?? (await needs.storedCheckpoint(run.id));
      const recording = recordings.get(run.id);
      if (from === null || recording === undefined) return false;
      rewind(recording, from.step);
      recordings.changed(run.id);
      patch(run.id, { state: 'preparing', failure: null });
      start(run, from, paused);
      return true;
    },
    afresh(run) {
      checkpoints.delete(run.id);
      recordings.set(run.id, createRecording());
      patch(run.id, { state: 'preparing', failure: null });
      start(run, null, true);
    },
    checkpoint: async (runId) => checkpoints.get(runId) ?? (await needs.storedCheckpoint(runId)),
    adopt: keepCheckpoint,
    holds: (runId) => held.has(runId),
    check(kind, source) {
      if (client === null || store.getState().engine.phase !== 'ready') return Promise.resolve(null);
      checkCount += 1;
      const id = checkCount;
      const answered = new Promise<OwnChecked | null>((resolve) => checks.set(id, resolve));
      client.send({ type: 'check', id, kind, source });
      return answered;
    },
    sendFile: (name, bytes) => client?.send({ type: 'dataset', name, bytes }, [bytes]),
  };
}
