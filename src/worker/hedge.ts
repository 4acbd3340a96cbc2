/** A sandboxed worker that is started when it is first needed, watched, ended when its code overruns, and started afresh. */
import type { WorkerClient, WorkerListener } from './connect';
import type { FromSandbox, FromWorker, ToSandbox, ToWorker } from './protocol';
import { createWatch, type Overrun, TICK_MS, type Watch } from './watch';

export interface Hedged {
  /** Sends now, or once the worker is there. */
  send(message: ToWorker): void;
  isOpen(): boolean;
  close(): void;
}

export interface HedgeNeeds {
  readonly open: (listener: WorkerListener<FromSandbox>) => WorkerClient<ToSandbox>;
  readonly onMessage: (message: FromWorker) => void;
  /** The worker is gone; the next message starts another. */
  readonly onEnd: (why: Overrun) => void;
}

export function hedged({ open, onMessage, onEnd }: HedgeNeeds): Hedged {
  let client: WorkerClient<ToSandbox> | null = null;
  let waiting: ToWorker[] | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;

  const close = (): void => {
    clearInterval(timer);
    client?.close();
    client = null;
  };
  const end = (why: Overrun): void => {
    close();
    onEnd(why);
  };

  const start = (): WorkerClient<ToSandbox> => {
    waiting = [];
    const watch: Watch = createWatch(
      () => performance.now(),
      () => client?.send({ type: 'ping' }),
    );
    timer = setInterval(() => {
      const overrun = watch.tick(performance.now());
      if (overrun !== null) end(overrun);
    }, TICK_MS);
    return open({
      onCrash: (message) => end({ kind: 'internal', message: `The worker for your code broke off: ${message}.` }),
      onMessage(heard) {
        const message = watch.hear(heard);
        if (message === null) return;
        if (message.type === 'fatal') end(message);
        else if (message.type === 'ready') {
          for (const kept of waiting ?? []) client?.send(kept);
          waiting = null;
        } else onMessage(message);
      },
    });
  };

  return {
    send(message) {
      client ??= start();
      if (waiting === null) client.send(message);
      else waiting.push(message);
    },
    isOpen: () => client !== null,
    close,
  };
}
