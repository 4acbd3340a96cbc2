import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Choice, RunSpec } from '../core/spec';
import type { WorkerListener } from './connect';
import type { FromSandbox, FromWorker, ToSandbox } from './protocol';
import { route } from './router';

const spec = (objective: Partial<Choice>): RunSpec =>
  ({ stages: [{ objective: { id: 'grpo', params: {}, ...objective }, rewards: [], training: {}, world: null }] }) as unknown as RunSpec;
const BUILT_IN = spec({});
const OWN = spec({ id: 'own/mine', source: 'export const mine = 1;' });

/** A worker that the test plays. */
interface Played {
  readonly name: string;
  readonly sent: ToSandbox[];
  readonly listener: WorkerListener<FromSandbox>;
  isClosed: boolean;
}

function open() {
  const workers: Played[] = [];
  const played = (name: string, listener: WorkerListener<FromSandbox>) => {
    const worker: Played = { name, sent: [], listener, isClosed: false };
    workers.push(worker);
    return {
      send: (message: ToSandbox) => {
        worker.sent.push(message);
        if (message.type === 'ping') listener.onMessage({ type: 'pong' });
      },
      close: () => {
        worker.isClosed = true;
      },
    };
  };
  const heard: FromWorker[] = [];
  const client = route(
    {
      main: (listener) => played('main', listener as WorkerListener<FromSandbox>),
      sandbox: (purpose, listener) => played(purpose, listener),
    },
    { onMessage: (message) => heard.push(message), onCrash: () => undefined },
  );
  const last = (name: string): Played => {
    const found = workers.findLast((worker) => worker.name === name);
    if (found === undefined) throw new Error(`no ${name} was started`);
    return found;
  };
  const types = (name: string): string[] => last(name).sent.flatMap(({ type }) => (type === 'ping' ? [] : [type]));
  const ready = (name: string): void => last(name).listener.onMessage({ type: 'ready', catalogue: {} as never, device: {} as never });
  const say = (name: string, message: FromSandbox): void => last(name).listener.onMessage(message);
  const start = (runId: string, of: RunSpec): void => client.send({ type: 'start', runId, spec: of, from: null, paused: false });
  const check = (id: number): void => client.send({ type: 'check', id, kind: 'objective', source: 'x' });
  return { client, workers, heard, last, types, ready, say, start, check };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the router', () => {
  it('starts no sandbox for what the lab itself can do', () => {
    const { client, workers, start, types } = open();
    start('a', BUILT_IN);
    client.send({ type: 'pause', runId: 'a' });
    expect(workers.map(({ name }) => name)).toEqual(['main']);
    expect(types('main')).toEqual(['start', 'pause']);
  });

  it('sends a run with own code to the sandbox and nowhere else, once that is there', () => {
    const { client, start, types, ready, say, heard } = open();
    start('a', OWN);
    client.send({ type: 'resume', runId: 'a' });
    expect(types('run')).toEqual([]);
    ready('run');
    expect(types('run')).toEqual(['start', 'resume']);
    expect(types('main')).toEqual([]);
    say('run', { type: 'state', runId: 'a', state: 'running' });
    expect(heard).toEqual([{ type: 'state', runId: 'a', state: 'running' }]);
  });

  it('hands the file on, also to a sandbox that starts later', () => {
    const { client, start, types, ready, last } = open();
    client.send({ type: 'dataset', name: 'f', bytes: Uint8Array.of(1, 2).buffer });
    start('a', OWN);
    ready('run');
    expect(types('run')).toEqual(['dataset', 'start']);
    const [sent] = last('run').sent;
    expect(sent?.type === 'dataset' && new Uint8Array(sent.bytes)).toEqual(Uint8Array.of(1, 2));
  });

  it('lets one run train at a time, wherever it is', () => {
    const { start, types, ready, say } = open();
    start('a', BUILT_IN);
    start('b', OWN);
    ready('run');
    expect(types('main')).toEqual(['start', 'stop']);
    say('main', { type: 'state', runId: 'a', state: 'stopped' });
    start('c', BUILT_IN);
    expect(types('run')).toEqual(['start', 'stop']);
    say('run', { type: 'state', runId: 'b', state: 'stopped' });
    start('d', OWN);
    expect(types('main')).toEqual(['start', 'stop', 'start', 'stop']);
  });

  it('believes a sandbox nothing but what its own run has to say', () => {
    const { start, ready, say, heard } = open();
    start('a', OWN);
    ready('run');
    say('run', { type: 'state', runId: 'other', state: 'failed' });
    say('run', { type: 'dataset', report: {} as never });
    say('run', { type: 'checked', id: 1, errors: [], entry: null });
    expect(heard).toEqual([]);
  });

  it('ends a run whose code does not come back, with the sentence, and starts the next in a fresh sandbox', async () => {
    const { start, ready, say, heard, last, workers } = open();
    start('a', OWN);
    ready('run');
    say('run', { type: 'inside', inside: true });
    const first = last('run');
    await vi.advanceTimersByTimeAsync(2000);
    expect(first.isClosed).toBe(true);
    expect(heard).toEqual([
      { type: 'failed', runId: 'a', kind: 'own-code', message: expect.stringMatching(/still running after 1.8 seconds/) },
    ]);
    start('b', OWN);
    ready('run');
    expect(workers.filter(({ name }) => name === 'run')).toHaveLength(2);
    expect(last('run').sent.map(({ type }) => type)).toEqual(['start']);
  });

  it('keeps a run going when a check loops, blames that check and asks the others again', async () => {
    const { start, check, ready, say, heard, last, types } = open();
    start('a', OWN);
    ready('run');
    check(1);
    check(2);
    ready('check');
    say('check', { type: 'inside', inside: true });
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual([{ type: 'checked', id: 1, entry: null, errors: [{ line: 1, column: 1, message: expect.any(String) }] }]);
    expect(last('run').isClosed).toBe(false);
    ready('check');
    expect(types('check')).toEqual(['check']);
    say('check', { type: 'checked', id: 2, errors: [], entry: null });
    expect(heard.at(-1)).toMatchObject({ type: 'checked', id: 2 });
  });

  it('fails the run of a sandbox that breaks off or cannot go on, and closes all at the end', () => {
    const { client, start, ready, say, heard, last, workers } = open();
    start('a', OWN);
    ready('run');
    say('run', { type: 'fatal', kind: 'device-lost', message: 'The graphics device was lost.' });
    expect(heard).toEqual([{ type: 'failed', runId: 'a', kind: 'device-lost', message: 'The graphics device was lost.' }]);
    start('b', OWN);
    last('run').listener.onCrash('boom');
    expect(heard.at(-1)).toMatchObject({ type: 'failed', runId: 'b', message: expect.stringContaining('boom') });
    client.close();
    expect(workers.every(({ isClosed }) => isClosed)).toBe(true);
  });
});
