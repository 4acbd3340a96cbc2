/** Watches a sandboxed worker from the page: whether it comes up, stays too long inside of own code, or falls silent. */
import type { FailureKind } from '../core/events';
import type { FromSandbox, FromWorker } from './protocol';

/** A call into own code that takes longer is ended; a little below two seconds, so that all is over by then. */
export const OWN_CODE_MS = 1800;
const SILENCE_MS = 10_000;
const START_MS = 60_000;
const PING_MS = 1000;
export const TICK_MS = 100;

/** Why a worker has to be ended. */
export interface Overrun {
  readonly kind: FailureKind;
  readonly message: string;
}

export interface Watch {
  /** Takes up what the worker says; the messages that are not for the watch come back. */
  hear(message: FromSandbox): FromWorker | null;
  /** Called again and again; says why the worker has to be ended, once it has. */
  tick(now: number): Overrun | null;
}

/** Since when something has lasted. Two ticks must have seen it: a page that was busy or asleep has messages waiting. */
interface Lasting {
  since: number;
  ticks: number;
}

/** @param ping asks the worker to answer */
export function createWatch(now: () => number, ping: () => void): Watch {
  const from = (): Lasting => ({ since: now(), ticks: 0 });
  let starting: Lasting | null = from();
  let inside: Lasting | null = null;
  let unanswered: Lasting | null = null;
  let pinged = 0;

  const lasts = (what: Lasting | null, limit: number, at: number): boolean => {
    if (what === null) return false;
    what.ticks += 1;
    return what.ticks > 1 && at - what.since >= limit;
  };

  return {
    hear(message) {
      if (message.type === 'pong') unanswered = null;
      else if (message.type === 'inside') inside = message.inside ? from() : null;
      else {
        if (message.type === 'ready') starting = null;
        return message;
      }
      return null;
    },
    tick(at) {
      if (lasts(starting, START_MS, at)) return { kind: 'internal', message: 'The worker for your code did not start.' };
      if (lasts(inside, OWN_CODE_MS, at)) {
        const seconds = OWN_CODE_MS / 1000;
        return {
          kind: 'own-code',
          message: `Your code was still running after ${seconds} seconds and was ended: it may loop without an end.`,
        };
      }
      if (lasts(unanswered, SILENCE_MS, at)) {
        const seconds = SILENCE_MS / 1000;
        return {
          kind: 'own-code',
          message: `The worker with your code has not answered for ${seconds} seconds and was ended: the code may loop without an end.`,
        };
      }
      if (starting === null && unanswered === null && at - pinged >= PING_MS) {
        pinged = at;
        unanswered = from();
        ping();
      }
      return null;
    },
  };
}
