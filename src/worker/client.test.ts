import { describe, expect, it } from 'vitest';
import { connect, type WorkerPort } from './client';
import type { FromWorker } from './protocol';

function fakePort() {
  const listeners = new Map<string, (event: Event) => void>();
  const sent: unknown[] = [];
  let terminated = false;
  const port: WorkerPort = {
    postMessage: (message) => sent.push(message),
    addEventListener: (type, listener) => listeners.set(type, listener),
    terminate: () => {
      terminated = true;
    },
  };
  const emit = (type: string, fields: object): void => listeners.get(type)?.(Object.assign(new Event(type), fields));
  return { port, sent, emit, isTerminated: () => terminated };
}

describe('worker client', () => {
  it('delivers messages and crashes until it is closed', () => {
    const fake = fakePort();
    const seen: FromWorker[] = [];
    const crashes: string[] = [];
    const client = connect(fake.port, { onMessage: (m) => seen.push(m), onCrash: (m) => crashes.push(m) });
    const message: FromWorker = { type: 'state', runId: 'a', state: 'running' };
    client.send({ type: 'pause', runId: 'a' });
    fake.emit('message', { data: message });
    fake.emit('error', { message: '' });
    fake.emit('error', { message: 'boom' });
    expect(fake.sent).toEqual([{ type: 'pause', runId: 'a' }]);
    expect(seen).toEqual([message]);
    expect(crashes).toEqual(['its script could not be loaded', 'boom']);
    client.close();
    client.send({ type: 'pause', runId: 'a' });
    fake.emit('message', { data: message });
    expect(fake.isTerminated()).toBe(true);
    expect(seen.length).toBe(1);
    expect(fake.sent.length).toBe(1);
  });
});
