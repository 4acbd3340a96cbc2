/** A lab without a worker and a browser, for tests of the store. */
import type { RunSpec } from '../core/spec';
import type { WorkerListener } from '../worker/client';
import type { FromWorker, RunState, ToWorker } from '../worker/protocol';
import { CATALOGUE } from './catalogue.fixture';
import { createLab, type Lab } from './lab';

const DEVICE = { backend: 'webgpu', name: 'test', fallbackReason: null, software: false } as const;

export interface PlayedLab {
  readonly lab: Lab;
  /** What the lab has told its workers. */
  readonly sent: ToWorker[];
  /** Those who listen to them, the newest last. */
  readonly listeners: WorkerListener[];
  /** Says something as the newest worker would. */
  say(message: FromWorker): void;
  sayReady(): void;
  state(runId: string, to: RunState): void;
  /** The last that was sent of a kind. */
  last(type: ToWorker['type']): { runId: string; spec: RunSpec } | undefined;
}

/** A lab whose worker is played by the test, and whose browser keeps nothing. It has not booted. */
export function playedLab(): PlayedLab {
  const sent: ToWorker[] = [];
  const listeners: WorkerListener[] = [];
  const lab = createLab({
    connect: (listener) => {
      listeners.push(listener);
      return { send: (message) => sent.push(message), close: () => undefined };
    },
    openDatabase: () => Promise.reject(new Error('none')),
    now: () => 0,
  });
  const say = (message: FromWorker): void => listeners.at(-1)?.onMessage(message);
  return {
    lab,
    sent,
    listeners,
    say,
    sayReady: () => say({ type: 'ready', catalogue: CATALOGUE, device: DEVICE }),
    state: (runId, to) => say({ type: 'state', runId, state: to }),
    last: (type) => sent.filter((message) => message.type === type).at(-1) as { runId: string; spec: RunSpec } | undefined,
  };
}
