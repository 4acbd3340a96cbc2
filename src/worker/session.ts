/** The worker's side of the protocol, without the worker: runs, datasets, device trouble. */
import { type Checkpoint, type RunEvent, RunFailure } from '../core/events';
import { SpecError } from '../core/params';
import type { RunSpec } from '../core/spec';
import type { Dataset, WorldContext } from '../core/world';
import { checkOwn } from '../trainer/own-check';
import { OwnFault } from '../trainer/own-source';
import { createRun, type TrainingRun } from '../trainer/run';
import type { Device } from './device';
import { reportOn } from './files';
import type { FromWorker, RunState, ToWorker } from './protocol';

/** Checkpoints at least this far apart while a run trains. */
const CHECKPOINT_MS = 5000;
const MEMORY_MS = 1000;

interface ActiveRun {
  readonly id: string;
  readonly run: TrainingRun;
  readonly events: AsyncGenerator<RunEvent, void, void>;
  state: RunState;
  /** Whether the next thing that the run does is a step. */
  opened: boolean;
  /** Steps to take before pausing again; Infinity while running. */
  allowance: number;
  /** What is asked for once the step at hand is done. */
  ending: 'paused' | 'stopped';
  /** Whether its last checkpoint is of the step that it has come to. */
  saved: boolean;
}

/** Handles messages from the page and trains in between. One run is active at a time. */
export function createSession(device: Device, post: (message: FromWorker) => void) {
  const datasets = new Map<string, Dataset>();
  const context: WorldContext = { dataset: (id) => datasets.get(id) };
  let active: ActiveRun | null = null;
  let pumping: Promise<void> | null = null;
  let lastCheckpoint = 0;
  let lastMemory = 0;

  const setState = (run: ActiveRun, state: RunState): void => {
    if (run.state === state) return;
    run.state = state;
    post({ type: 'state', runId: run.id, state });
  };

  async function start(id: string, spec: RunSpec, from: Checkpoint | null, paused: boolean): Promise<void> {
    await stop();
    post({ type: 'state', runId: id, state: 'preparing' });
    try {
      const run = createRun(spec, { context, from, deviceFailure: device.failure });
      const allowance = paused ? 0 : Number.POSITIVE_INFINITY;
      active = { id, run, events: run.events(), state: 'preparing', opened: false, allowance, ending: 'paused', saved: false };
    } catch (error) {
      report(id, error);
      return;
    }
    pump();
  }

  /** A run may take the steps that it is allowed, and every run may open. */
  const mayGoOn = (): boolean => active !== null && (active.allowance > 0 || !active.opened);

  /** Pulls events as long as the active run may go on. */
  function pump(): void {
    if (pumping !== null || !mayGoOn()) return;
    const turn = async (): Promise<void> => {
      while (active !== null && mayGoOn()) await pull(active);
      // At once, and not in a `finally` of the promise: whoever asks to go on a moment later must find no pump.
      pumping = null;
    };
    pumping = turn();
  }

  async function pull(current: ActiveRun): Promise<void> {
    try {
      if (current.opened) setState(current, 'running');
      const { value: event } = await current.events.next();
      if (event === undefined) return;
      post({ type: 'event', runId: current.id, event });
      if (event.type === 'finished') await end(current, 'finished');
      else if (event.type === 'step') await afterStep(current);
      else if (event.type === 'opened') {
        current.opened = true;
        postMemory();
        if (current.allowance <= 0) setState(current, 'paused');
      }
    } catch (error) {
      fail(current, error);
    }
  }

  function fail(current: ActiveRun, error: unknown): void {
    active = null;
    current.state = 'failed';
    free(current);
    report(current.id, error);
  }

  /** Frees the run, after which the device holds less. */
  function free(current: ActiveRun): void {
    current.run.dispose();
    postMemory();
  }

  function postMemory(): void {
    lastMemory = performance.now();
    post({ type: 'memory', ...device.memory() });
  }

  async function afterStep(current: ActiveRun): Promise<void> {
    // A resolved promise alone never yields to the worker's message queue.
    await nextTask();
    current.allowance -= 1;
    current.saved = false;
    const now = performance.now();
    if (now - lastMemory > MEMORY_MS) postMemory();
    if (current.allowance <= 0) {
      if (current.ending === 'stopped') await end(current, 'stopped');
      else {
        await sendCheckpoint(current);
        setState(current, 'paused');
      }
    } else if (now - lastCheckpoint > CHECKPOINT_MS) {
      lastCheckpoint = now;
      await sendCheckpoint(current);
    }
  }

  /** Sends the numbers of all steps so far and, where they are sound, what the steps have come to. */
  async function sendCheckpoint(current: ActiveRun): Promise<void> {
    const rest = await current.run.flush();
    if (rest !== null) post({ type: 'event', runId: current.id, event: rest });
    const checkpoint = await current.run.checkpoint();
    post({ type: 'event', runId: current.id, event: { type: 'checkpoint', checkpoint } });
    current.saved = true;
  }

  async function end(current: ActiveRun, state: RunState): Promise<void> {
    if (current.run.hasStarted() && !current.saved) await sendCheckpoint(current);
    active = null;
    await current.events.return();
    free(current);
    setState(current, state);
  }

  /** Ends the active run, after the step that it is in. */
  async function stop(): Promise<void> {
    const current = active;
    if (current === null) return;
    current.ending = 'stopped';
    current.allowance = Math.min(current.allowance, 1);
    if (pumping !== null) await pumping;
    if (active !== current) return;
    try {
      await end(current, 'stopped');
    } catch (error) {
      fail(current, error);
    }
  }

  function report(runId: string, error: unknown): void {
    const failure = device.failure() ?? error;
    if (failure instanceof RunFailure) post({ type: 'failed', runId, kind: failure.kind, message: failure.message });
    else if (failure instanceof OwnFault) post({ type: 'failed', runId, kind: 'own-code', message: failure.message });
    else if (failure instanceof SpecError) post({ type: 'failed', runId, kind: 'bad-spec', message: failure.message });
    else post({ type: 'failed', runId, kind: 'internal', message: failure instanceof Error ? failure.message : String(failure) });
  }

  async function obey(message: ToWorker): Promise<void> {
    if (message.type === 'start') return start(message.runId, message.spec, message.from, message.paused);
    if (message.type === 'dataset') {
      const { dataset, report } = reportOn(message.name, new Uint8Array(message.bytes));
      if (dataset !== null) datasets.set(dataset.id, dataset);
      post({ type: 'dataset', report });
      return;
    }
    if (message.type === 'check') {
      const checked = checkOwn(message.kind, message.source);
      // What the code has put off until the end of this task belongs to the check.
      await nextTask();
      post({ type: 'checked', id: message.id, ...checked });
      return;
    }
    if (active === null || active.id !== message.runId) return;
    if (message.type === 'pause') active.allowance = Math.min(active.allowance, 1);
    else if (message.type === 'resume') {
      active.allowance = message.steps ?? Number.POSITIVE_INFINITY;
      pump();
    } else if (message.type === 'step' && Number.isFinite(active.allowance)) {
      active.allowance = 1;
      pump();
    } else if (message.type === 'stop') await stop();
  }

  let obeyed = Promise.resolve();
  return {
    /** Obeys one message after another, in their order: a stop may have to wait for a step. */
    handle(message: ToWorker): Promise<void> {
      obeyed = obeyed.then(() => obey(message));
      return obeyed;
    },
  };
}

// Taken here: where a reader's own code runs, nothing of the kind can be had later.
const Channel = MessageChannel;

/** Resolves in a new task, so that messages which have arrived are handled first. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new Channel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
