/**
 * The dedicated worker: owns the device, trains, and talks to the page in `protocol.ts`'s messages only. In the sandbox it
 * also runs a reader's own code; then the page hears each time that it goes in and comes out, and ends what stays inside.
 */
import { RunFailure } from '../core/events';
import { catalogue } from '../trainer/catalogue';
import { type Guard, installGuard, isInside } from '../trainer/own-guard';
import { openDevice } from './device';
import { lockDown } from './lockdown';
import type { FromSandbox, Opening, ToSandbox } from './protocol';
import { createSession } from './session';

self.onmessage = ({ data }: MessageEvent<Opening>): void => open(data);

function open({ wasm, processorOnly, port }: Opening): void {
  const channel = port ?? self;
  // Bound here: own code cannot put another in its place.
  const post: (message: FromSandbox) => void = channel.postMessage.bind(channel);
  const fatal = (error: unknown): void => {
    const kind = error instanceof RunFailure ? error.kind : 'internal';
    post({ type: 'fatal', kind, message: error instanceof Error ? error.message : String(error) });
  };
  const opening = openDevice({
    wasmPaths: Object.fromEntries(Object.entries(wasm).map(([name, file]) => [name, typeof file === 'string' ? file : addressOf(file)])),
    ...(processorOnly ? { prefer: 'cpu' } : {}),
    onFailure: fatal,
  }).then((device) => {
    const session = createSession(device, post);
    if (port !== null) {
      installGuard(telling(post));
      lockDown(self, isInside);
    }
    post({ type: 'ready', catalogue: catalogue(), device: device.info });
    return session;
  });
  opening.catch(fatal);
  channel.onmessage = ({ data }: MessageEvent<ToSandbox>): void => {
    if (data.type === 'ping') post({ type: 'pong' });
    else void opening.then((session) => session.handle(data)).catch(fatal);
  };
}

const addressOf = (file: ArrayBuffer): string => URL.createObjectURL(new Blob([file], { type: 'application/wasm' }));

/** A guard that tells the page of each call, and of what the calls of a task have put off until its end. */
function telling(post: (message: FromSandbox) => void): Guard {
  const later = queueMicrotask;
  let awaited = false;
  const leave = (): void => post({ type: 'inside', inside: false });
  return (call) => {
    if (!awaited) {
      awaited = true;
      // First in the queue: what the call adds comes between these two.
      later(() => {
        awaited = false;
        post({ type: 'inside', inside: true });
        later(leave);
      });
    }
    post({ type: 'inside', inside: true });
    try {
      return call();
    } finally {
      leave();
    }
  };
}
