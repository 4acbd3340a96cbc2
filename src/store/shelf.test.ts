import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LabDatabase } from './persist';
import { createRecording, createRecordings, type Recording } from './recording';
import type { Run } from './run';
import type { Saver } from './saver';
import { createShelf } from './shelf';
import { createLabStore, patchRun } from './state';

const stored = vi.hoisted(() => ({ reads: [] as string[] }));
vi.mock('./persist', () => ({
  loadRecording: async (_: LabDatabase, runId: string): Promise<Recording> => {
    stored.reads.push(runId);
    return createRecording();
  },
}));

function bench(held: readonly string[] = []) {
  const store = createLabStore();
  const recordings = createRecordings();
  let flushes = 0;
  const saver = {
    flush: async () => {
      flushes += 1;
    },
  } as Saver;
  const shelf = createShelf({
    store,
    recordings,
    saver: () => saver,
    database: () => ({}) as LabDatabase,
    holds: (id) => held.includes(id),
  });
  const ids = ['a', 'b', 'c'];
  for (const id of ids) recordings.set(id, createRecording());
  const runs = Object.fromEntries(ids.map((id) => [id, { id, state: 'finished', visible: true } as Run]));
  store.setState({ runs, order: ids, activeId: 'a', storage: 'ready' });
  const inMemory = () => ids.filter((id) => recordings.get(id) !== undefined);
  return { store, recordings, shelf, inMemory, flushes: () => flushes };
}

beforeEach(() => {
  vi.useFakeTimers();
  stored.reads.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets go of hidden recordings once they are written, and reads them once when they are wanted', async () => {
  const { store, shelf, inMemory, flushes } = bench();
  await vi.advanceTimersByTimeAsync(3000);
  expect([inMemory(), flushes()]).toEqual([['a', 'b', 'c'], 0]);
  for (const id of ['a', 'b']) patchRun(store, id, { visible: false });
  await vi.advanceTimersByTimeAsync(3000);
  expect([inMemory(), flushes()]).toEqual([['a', 'c'], 1]);
  await Promise.all([shelf.load('b'), shelf.load('b'), shelf.load('c')]);
  expect([inMemory(), stored.reads]).toEqual([['a', 'b', 'c'], ['b']]);
});

it('keeps what trains, what the worker holds, and all where nothing can be written', async () => {
  const { store, inMemory } = bench(['b']);
  patchRun(store, 'b', { visible: false, state: 'paused' });
  patchRun(store, 'c', { visible: false, state: 'running' });
  await vi.advanceTimersByTimeAsync(3000);
  expect(inMemory()).toEqual(['a', 'b', 'c']);
  store.setState({ storage: 'full' });
  patchRun(store, 'c', { state: 'finished' });
  await vi.advanceTimersByTimeAsync(3000);
  expect(inMemory()).toEqual(['a', 'b', 'c']);
});
