/** The bench as the page uses it: what is being measured, what has been, and how to start and stop. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BenchResult } from '../core/bench';
import type { BenchRequest, FromBench } from '../worker/bench-protocol';
import type { WorkerClient, WorkerListener } from '../worker/client';

export interface BenchState {
  /** `failed` ended before everything was measured; what had been measured is kept. */
  readonly phase: 'idle' | 'running' | 'done' | 'cancelled' | 'failed';
  /** Fraction in [0, 1] while it runs. */
  readonly done: number;
  /** What is being done. */
  readonly doing: string;
  /** Seconds that are left; null while nobody knows. */
  readonly eta: number | null;
  readonly result: BenchResult | null;
  /** The result as a table in plain text. */
  readonly table: string;
  /** Sentences about what could not be measured. */
  readonly problems: readonly string[];
}

export interface Bench {
  readonly store: StoreApi<BenchState>;
  /** Measures in a new worker; what was measured before is forgotten. Nothing happens while it runs. */
  start(request: BenchRequest): void;
  /** Ends the worker; what it has measured is kept. */
  cancel(): void;
}

export interface BenchNeeds {
  readonly connect: (listener: WorkerListener<FromBench>) => WorkerClient<BenchRequest>;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** Before this much is done, the first shaders that compile say nothing about the rest. */
const ETA_FROM = 0.04;

const IDLE: BenchState = { phase: 'idle', done: 0, doing: '', eta: null, result: null, table: '', problems: [] };

export function createBench({ connect, now }: BenchNeeds): Bench {
  const store = createStore<BenchState>(() => IDLE);
  let client: WorkerClient<BenchRequest> | null = null;
  let startedAt = 0;

  const end = (phase: BenchState['phase'], problem?: string): void => {
    client?.close();
    client = null;
    store.setState(({ problems }) => ({ phase, eta: null, problems: problem === undefined ? problems : [...problems, problem] }));
  };

  const onMessage = (message: FromBench): void => {
    switch (message.type) {
      case 'progress': {
        const { done, text } = message;
        const spent = (now() - startedAt) / 1000;
        store.setState({ done, doing: text, eta: done < ETA_FROM ? null : (spent * (1 - done)) / done });
        return;
      }
      case 'result':
        store.setState({ result: message.result, table: message.table });
        return;
      case 'problem':
        store.setState(({ problems }) => ({ problems: [...problems, message.message] }));
        return;
      case 'done':
        end('done');
        return;
      case 'failed':
        end('failed', message.message);
        return;
      default:
        message satisfies never;
    }
  };

  return {
    store,
    start(request) {
      if (client !== null) return;
      startedAt = now();
      store.setState({ ...IDLE, phase: 'running', doing: 'starting' });
      client = connect({ onMessage, onCrash: (what) => end('failed', `The bench stopped: ${what}.`) });
      client.send(request);
    },
    cancel() {
      if (client !== null) end('cancelled');
    },
  };
}
