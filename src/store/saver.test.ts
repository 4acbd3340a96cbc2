import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../core/events';
import { checkpointAt, SPEC } from '../data/bundle.fixture';
import type { RunWrite } from './persist';
import { createRecording, type Recording, record, rewind } from './recording';
import type { Run } from './run';
import { finishedRun } from './run.fixture';
import { createSaver, type Disk, type SaverSource, type StorageState } from './saver';

const aRun = (id: string, fields: Partial<Run> = {}): Run =>
  finishedRun(id, SPEC, { state: 'running', totalSteps: 20, parameters: 3, device: 'test', ...fields });

const full = () => new DOMException('no room', 'QuotaExceededError');

/** A disk with room for so many checkpoints, on which things go wrong as told. */
function aDisk() {
  const held = {
    settings: new Map<string, unknown>(),
    runs: new Map<string, RunWrite>(),
    checkpoints: new Map<string, Checkpoint>(),
    deleted: new Set<string>(),
    /** What happens to the next writes; null lets one through. */
    faults: [] as (Error | null)[],
    room: Number.POSITIVE_INFINITY,
  };
  const fail = (): void => {
    const fault = held.faults.shift();
    if (fault) throw fault;
  };
  const disk: Disk = {
    async settings(settings) {
      fail();
      for (const [key, value] of settings) held.settings.set(key, value);
    },
    async run(write) {
      fail();
      const { run, checkpoint } = write;
      if (checkpoint !== null && !held.checkpoints.has(run.id) && held.checkpoints.size >= held.room) throw full();
      held.runs.set(run.id, structuredClone(write));
      if (checkpoint !== null) held.checkpoints.set(run.id, checkpoint);
    },
    checkpoints: async () => [...held.checkpoints.keys()].map((runId) => ({ runId, bytes: 200e6 })),
    async dropCheckpoints(runIds) {
      for (const id of runIds) held.checkpoints.delete(id);
    },
    async markDeleted({ id }) {
      fail();
      held.deleted.add(id);
    },
    deleted: async () => [...held.deleted],
    async erase(id) {
      fail();
      held.deleted.delete(id);
      held.runs.delete(id);
    },
  };
  return { disk, held };
}

function bench() {
  const { disk, held } = aDisk();
  const runs = new Map<string, Run>();
  const recordings = new Map<string, Recording>();
  const states: StorageState[] = [];
  const dropped: string[] = [];
  const kept: string[] = [];
  const source: SaverSource = {
    run: (id) => runs.get(id),
    recording: (id) => recordings.get(id),
    onState: (state) => states.push(state),
    onDropped: (ids) => dropped.push(...ids),
    kept: () => kept,
  };
  const saver = createSaver(disk, source);
  const add = (id: string): Recording => {
    runs.set(id, aRun(id));
    recordings.set(id, createRecording());
    saver.touch(id, 'run');
    return recordings.get(id) as Recording;
  };
  const take = (id: string, from: number, to: number): void => {
    const steps = Array.from({ length: to - from }, (_, i) => from + i);
    record(recordings.get(id) as Recording, { type: 'metrics', steps, columns: { loss: steps } }, 0);
    saver.touch(id, 'recording');
  };
  return { saver, held, runs, recordings, states, dropped, kept, add, take };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what is written', () => {
  it('comes once a second: entry, curves and checkpoint of a run in one write', async () => {
    const { saver, held, add, take, states } = bench();
    add('a');
    take('a', 0, 5);
    saver.checkpoint('a', checkpointAt(4));
    expect(held.runs.size).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(held.runs.get('a')).toMatchObject({ run: { id: 'a' }, savedRows: 0, checkpoint: { step: 4 } });
    expect(held.runs.get('a')?.recording?.series.length).toBe(5);
    expect(states).toEqual(['ready']);
    take('a', 5, 7);
    await vi.advanceTimersByTimeAsync(1000);
    expect(held.runs.get('a')).toMatchObject({ savedRows: 5, checkpoint: null });
  });

  it('begins again where a run has gone back to a checkpoint', async () => {
    const { held, add, take, recordings, saver } = bench();
    add('a');
    take('a', 0, 1000);
    await vi.advanceTimersByTimeAsync(1000);
    rewind(recordings.get('a') as Recording, 99);
    saver.touch('a', 'run');
    take('a', 100, 1500);
    await vi.advanceTimersByTimeAsync(1000);
    expect(held.runs.get('a')?.savedRows).toBe(100);
  });
});

describe('a disk that fails', () => {
  it('costs nothing that was to be written: all of it is tried again, with what came since', async () => {
    const { saver, held, add, take, states } = bench();
    add('a');
    take('a', 0, 5);
    saver.checkpoint('a', checkpointAt(4));
    saver.setting('smoothing', 0.5);
    held.faults = [new Error('broken'), new Error('broken')];
    await vi.advanceTimersByTimeAsync(1000);
    expect(states).toEqual(['unavailable']);
    expect(held.runs.size + held.settings.size).toBe(0);
    saver.setting('smoothing', 0.7);
    await vi.advanceTimersByTimeAsync(5000);
    expect(states.at(-1)).toBe('ready');
    expect(held.settings.get('smoothing')).toBe(0.7);
    expect(held.runs.get('a')).toMatchObject({ savedRows: 0, checkpoint: { step: 4 } });
    expect(held.runs.get('a')?.recording?.series.length).toBe(5);
  });

  it('does not keep one run from being written because of another', async () => {
    const { held, add, states } = bench();
    add('a');
    add('b');
    held.faults = [new Error('broken'), null];
    await vi.advanceTimersByTimeAsync(1000);
    expect([...held.runs.keys()]).toEqual(['b']);
    expect(states).toEqual(['unavailable']);
    await vi.advanceTimersByTimeAsync(5000);
    expect([...held.runs.keys()].sort()).toEqual(['a', 'b']);
    expect(states.at(-1)).toBe('ready');
  });

  it('is not taken for whole because something else could be written meanwhile', async () => {
    const { saver, held, add, states } = bench();
    add('a');
    held.faults = [full()];
    await vi.advanceTimersByTimeAsync(1000);
    expect(states.at(-1)).toBe('full');
    held.faults = [null, full()];
    saver.setting('x', 1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(held.settings.get('x')).toBe(1);
    expect(states.at(-1)).toBe('full');
  });
});

describe('a full disk', () => {
  it('takes the oldest checkpoints first, half of them at a time, and says whose', async () => {
    const { saver, held, add, dropped, states } = bench();
    for (const id of ['a', 'b', 'c', 'd']) {
      add(id);
      held.checkpoints.set(id, checkpointAt(1));
    }
    held.room = 4;
    add('e');
    saver.checkpoint('e', checkpointAt(2));
    await vi.advanceTimersByTimeAsync(1000);
    expect(dropped).toEqual(['a', 'b']);
    expect([...held.checkpoints.keys()]).toEqual(['c', 'd', 'e']);
    expect(states.at(-1)).toBe('ready');
  });

  it('never takes those that are needed, then takes deleted runs, and says so where nothing more can go', async () => {
    const { saver, held, add, dropped, kept, runs, states } = bench();
    add('a');
    held.checkpoints.set('a', checkpointAt(1));
    kept.push('a');
    add('gone');
    await vi.advanceTimersByTimeAsync(1000);
    saver.markDeleted(runs.get('gone') as Run);
    runs.delete('gone');
    await vi.advanceTimersByTimeAsync(0);
    held.room = 1;
    add('b');
    saver.checkpoint('b', checkpointAt(2));
    await vi.advanceTimersByTimeAsync(1000);
    expect(dropped).toEqual([]);
    expect(held.runs.has('gone')).toBe(false);
    expect(states.at(-1)).toBe('full');
    // As soon as there is room, what waited is written.
    held.room = 2;
    await vi.advanceTimersByTimeAsync(5000);
    expect(states.at(-1)).toBe('ready');
    expect(held.checkpoints.get('b')?.step).toBe(2);
  });
});

it('checkpoints that are too many bytes together go, but never the newest four', async () => {
  const { saver, held, add, dropped } = bench();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
    add(id);
    held.checkpoints.set(id, checkpointAt(1));
  }
  saver.checkpoint('f', checkpointAt(2));
  await vi.advanceTimersByTimeAsync(1000);
  // Six of 200 MB each, where 512 MB may stay.
  expect(dropped).toEqual(['a', 'b']);
});

it('a deletion that is taken back is not carried out', async () => {
  const { saver, held, add, runs } = bench();
  add('a');
  await vi.advanceTimersByTimeAsync(1000);
  held.faults = [new Error('broken')];
  saver.markDeleted(runs.get('a') as Run);
  await vi.advanceTimersByTimeAsync(0);
  saver.touch('a', 'run');
  await vi.advanceTimersByTimeAsync(5000);
  expect(held.deleted.has('a')).toBe(false);
});

it('without a disk everything is forgotten, and nothing fails', async () => {
  const { runs } = bench();
  const forgetful = createSaver(null, {
    run: (id) => runs.get(id),
    recording: () => undefined,
    onState: () => expect.fail('there is nothing to say'),
    onDropped: () => undefined,
    kept: () => [],
  });
  forgetful.touch('a', 'run');
  forgetful.setting('x', 1);
  await forgetful.flush();
  await vi.advanceTimersByTimeAsync(10_000);
});
