/** The page's end of a worker: typed messages out, typed messages in, and one place where a crash is noticed. */
import type { FromWorker, ToWorker } from './protocol';

/** What the client needs of a `Worker`. */
export interface WorkerPort {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

export interface WorkerClient<To = ToWorker> {
  send(message: To, transfer?: Transferable[]): void;
  /** Ends the worker; nothing is delivered afterwards. */
  close(): void;
}

export interface WorkerListener<From = FromWorker> {
  onMessage(message: From): void;
  /** The worker's script could not be loaded or threw outside of any run. */
  onCrash(message: string): void;
}

/** Connects a listener to a worker: the lab's, or another with messages of its own. */
export function connect<To = ToWorker, From = FromWorker>(port: WorkerPort, listener: WorkerListener<From>): WorkerClient<To> {
  let open = true;
  port.addEventListener('message', (event) => {
    if (open) listener.onMessage((event as MessageEvent<From>).data);
  });
  port.addEventListener('error', (event) => {
    const message = (event as ErrorEvent).message;
    if (open) listener.onCrash(message === undefined || message === '' ? 'its script could not be loaded' : message);
  });
  port.addEventListener('messageerror', () => {
    if (open) listener.onCrash('a message could not be read');
  });
  return {
    send(message, transfer = []) {
      if (open) port.postMessage(message, transfer);
    },
    close() {
      open = false;
      port.terminate();
    },
  };
}
