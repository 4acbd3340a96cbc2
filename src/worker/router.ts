/**
 * One worker to the page, three behind it: the lab's own, a sandboxed one for runs that hold a reader's code, and another for
 * checks, so that a loop in what is being typed ends no training. The two sandboxes start when they are first needed.
 */
import { ownSources } from '../core/own';
import type { WorkerClient, WorkerListener } from './connect';
import { hedged } from './hedge';
import type { FromSandbox, FromWorker, ToSandbox, ToWorker } from './protocol';

export interface Ends {
  main(listener: WorkerListener): WorkerClient;
  sandbox(purpose: 'run' | 'check', listener: WorkerListener<FromSandbox>): WorkerClient<ToSandbox>;
}

type Check = Extract<ToWorker, { type: 'check' }>;

/** Routes the page's messages to the worker that they are for, and the workers' back. */
export function route(ends: Ends, listener: WorkerListener): WorkerClient {
  /** The run that each worker holds. One run trains at a time, wherever it is. */
  const holds: { main: string | null; own: string | null } = { main: null, own: null };
  const checks: Check[] = [];
  let file: Extract<ToWorker, { type: 'dataset' }> | null = null;

  const ended = (runId: string): void => {
    if (holds.main === runId) holds.main = null;
    if (holds.own === runId) holds.own = null;
  };
  const tell = (message: FromWorker): void => {
    if (message.type === 'failed') ended(message.runId);
    if (message.type === 'state' && ['finished', 'stopped', 'failed'].includes(message.state)) ended(message.runId);
    listener.onMessage(message);
  };

  const main = ends.main({
    onCrash: listener.onCrash,
    onMessage(message) {
      if (message.type !== 'memory' || holds.own === null) tell(message);
    },
  });

  const runner = hedged({
    open: (to) => ends.sandbox('run', to),
    // Own code might speak with the worker's voice: nothing passes but what a run has to say of itself.
    onMessage(message) {
      if (message.type === 'event' || message.type === 'state' || message.type === 'failed') {
        if (message.runId === holds.own) tell(message);
      } else if (message.type === 'memory' && holds.own !== null) tell(message);
    },
    onEnd({ kind, message }) {
      if (holds.own !== null) tell({ type: 'failed', runId: holds.own, kind, message });
    },
  });

  const checker = hedged({
    open: (to) => ends.sandbox('check', to),
    onMessage(message) {
      if (message.type !== 'checked' || checks[0]?.id !== message.id) return;
      checks.shift();
      tell(message);
    },
    onEnd({ message }) {
      const [guilty, ...rest] = checks.splice(0);
      if (guilty === undefined) return;
      tell({ type: 'checked', id: guilty.id, errors: [{ line: 1, column: 1, message }], entry: null });
      for (const check of rest) ask(check);
    },
  });

  const ask = (check: Check): void => {
    checks.push(check);
    checker.send(check);
  };

  const start = (message: Extract<ToWorker, { type: 'start' }>): void => {
    const [here, there] = ownSources(message.spec).length > 0 ? (['own', 'main'] as const) : (['main', 'own'] as const);
    const other = holds[there];
    if (other !== null) (there === 'main' ? main : runner).send({ type: 'stop', runId: other });
    holds[here] = message.runId;
    if (here === 'main') main.send(message);
    else {
      if (!runner.isOpen() && file !== null) runner.send({ ...file, bytes: file.bytes.slice(0) });
      runner.send(message);
    }
  };

  return {
    send(message, transfer) {
      if (message.type === 'start') start(message);
      else if (message.type === 'check') ask(message);
      else if (message.type === 'dataset') {
        // The sandbox may start long after the page has given the bytes away.
        file = { ...message, bytes: message.bytes.slice(0) };
        if (runner.isOpen()) runner.send({ ...file, bytes: file.bytes.slice(0) });
        main.send(message, transfer);
      } else (message.runId === holds.own ? runner : main).send(message);
    },
    close() {
      main.close();
      runner.close();
      checker.close();
    },
  };
}
