/**
 * Takes from a sandboxed worker what a reader's own code has no use for. The frame around it already lets nothing out and
 * holds no storage; this makes a sentence of what would otherwise be an odd error, and keeps the worker's messages the lab's own.
 */

const TAKEN = [
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'WebSocketStream', 'EventSource', 'WebTransport', 'RTCPeerConnection', 'importScripts'],
  ...['indexedDB', 'caches', 'cookieStore', 'localStorage', 'sessionStorage', 'FileReaderSync', 'BroadcastChannel', 'Notification'],
  ...['Worker', 'SharedWorker', 'MessageChannel', 'postMessage', 'close', 'window', 'document', 'parent', 'top', 'opener'],
] as const;

/** What would run code after a call is over, when nobody watches; the lab's own calls of these go through. */
const LATER = ['setTimeout', 'setInterval', 'queueMicrotask'] as const;

/** Kinds of functions; each can make one from a text, which could hold what the compiler refuses. */
const MAKERS = [() => {}, async () => {}, function* () {}, async function* () {}];

/**
 * Takes them away for good: whoever asks for one hears why it is not there.
 * @param scope the worker's global object
 * @param isInside whether own code is being called just now
 */
export function lockDown(scope: object, isInside: () => boolean): void {
  for (const name of TAKEN) {
    for (let holder: object | null = scope; holder !== null; holder = Object.getPrototypeOf(holder)) Reflect.deleteProperty(holder, name);
    Object.defineProperty(scope, name, { configurable: false, get: () => refuse(name) });
  }
  for (const name of LATER) {
    const real = Reflect.get(scope, name) as (...given: unknown[]) => unknown;
    const value = (...given: unknown[]): unknown => (isInside() ? refuse(name) : Reflect.apply(real, scope, given));
    Object.defineProperty(scope, name, { configurable: false, writable: false, value });
  }
  for (const one of MAKERS) {
    const prototype = Object.getPrototypeOf(one) as object;
    const value = function fromText(): never {
      throw new Error('No code is made from text here.');
    };
    // Still what `instanceof` asks for.
    Object.defineProperty(value, 'prototype', { value: prototype });
    Object.defineProperty(prototype, 'constructor', { configurable: false, writable: false, value });
  }
  for (const name of ['eval', 'Function']) {
    Object.defineProperty(scope, name, { configurable: false, writable: false, value: (() => {}).constructor });
  }
}

function refuse(name: string): never {
  const why = (LATER as readonly string[]).includes(name)
    ? 'does all that it does before it returns'
    : 'runs without network, storage and page';
  throw new Error(`There is no ${name} here: code of one's own ${why}.`);
}
