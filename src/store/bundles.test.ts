import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../core/events';
import { readBundle, writeBundle } from '../data/bundle';
import { aRun, checkpointAt } from '../data/bundle.fixture';
import { createBundles } from './bundles';
import type { StoredFile } from './persist';
import { createRecordings } from './recording';
import { createSaver } from './saver';
import { createLabStore } from './state';

const text = (content: string): ArrayBuffer => new TextEncoder().encode(content).buffer;

/** A lab of which only what bundles need is there. */
function bench() {
  const store = createLabStore();
  const recordings = createRecordings();
  const checkpoints = new Map<string, Checkpoint>();
  const files = new Map<string, StoredFile>();
  const looked: (string | null)[] = [];
  let count = 0;
  const saver = createSaver(null, {
    run: () => undefined,
    recording: () => undefined,
    onState: () => undefined,
    onDropped: () => undefined,
    kept: () => [],
  });
  const bundles = createBundles({
    store,
    recordings,
    saver: () => saver,
    engine: {
      checkpoint: async (runId) => checkpoints.get(runId) ?? null,
      adopt: (runId, checkpoint) => {
        checkpoints.set(runId, checkpoint);
        store.setState((state) => ({
          runs: { ...state.runs, [runId]: { ...(state.runs[runId] as never as object), checkpointStep: checkpoint.step } as never },
        }));
      },
    },
    library: {
      look: (id) => looked.push(id),
      setVisible: () => undefined,
    },
    files: {
      adopt: async (id, file) => {
        files.set(id, file);
      },
      of: async ({ world }) => (world.id === 'bins' ? { id: 'f00d', file: files.get('f00d') ?? null } : null),
    },
    load: async () => undefined,
    newId: () => `new-${count++}`,
  });
  const open = (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => bundles.open(new File([bytes], name));
  const told = (): string =>
    store
      .getState()
      .notices.map((notice) => notice.text)
      .join(' ');
  return { store, recordings, checkpoints, files, looked, bundles, open, told, runs: () => Object.values(store.getState().runs) };
}

const bytesOf = (...runs: Parameters<typeof writeBundle>[0]) => writeBundle(runs, new Date(0));

describe('a bundle in the lab', () => {
  it('lists its run as imported, with its curves, its checkpoint and its file', async () => {
    const { open, runs, recordings, checkpoints, files, looked, told } = bench();
    await open('a.zip', await bytesOf(aRun({ state: 'paused' })));
    const [run] = runs();
    expect(run).toMatchObject({
      id: 'new-0',
      name: 'amber-heron',
      accent: 2,
      state: 'interrupted',
      checkpointStep: 10,
      lastStep: 11,
      imported: { id: 'abc-0', lab: 'unbuilt', backend: 'cpu' },
    });
    expect(run?.note).toMatch(/second line/);
    expect(recordings.get('new-0')?.series.length).toBe(4);
    expect(recordings.get('new-0')?.distributions.items).toHaveLength(3);
    expect(checkpoints.get('new-0')).toEqual(checkpointAt(10));
    expect(new TextDecoder().decode(files.get('f00d')?.bytes)).toContain('one');
    expect(looked).toEqual(['new-0']);
    expect(told()).toBe('amber-heron was opened.');
  });

  it('goes out again as it came in', async () => {
    const { open, bundles } = bench();
    await open('a.zip', await bytesOf(aRun()));
    const written = await bundles.write(['new-0']);
    expect(written?.name).toBe('amber-heron.zip');
    const { runs } = await readBundle(written?.bytes ?? new Uint8Array());
    const was = aRun();
    expect(runs).toEqual([{ ...was, about: { ...was.about, lab: { version: 'unbuilt', commit: null } } }]);
  });

  it('is not listed twice, unless it has come further', async () => {
    const { open, runs, told, looked } = bench();
    await open('a.zip', await bytesOf(aRun()));
    await open('a.zip', await bytesOf(aRun()));
    expect(runs()).toHaveLength(1);
    expect(told()).toContain('amber-heron is on the list already.');
    expect(looked).toEqual(['new-0', 'new-0']);
    await open('a.zip', await bytesOf(aRun({ step: 15 })));
    expect(runs().map(({ name }) => name)).toEqual(['amber-heron', 'amber-heron 2']);
  });

  it('says that nothing was changed where it cannot be used', async () => {
    const { open, runs, told } = bench();
    await open('bad.zip', (await bytesOf(aRun())).slice(0, 300));
    await open('text.zip', new Uint8Array(text('no zip')));
    expect(runs()).toEqual([]);
    expect(told()).toMatch(/bad\.zip was not opened, and nothing was changed\. The zip file is damaged.*text\.zip was not opened/);
  });

  it('is written without a file that is gone, and says so inside', async () => {
    const { open, bundles, files } = bench();
    await open('a.zip', await bytesOf(aRun()));
    files.clear();
    const { runs } = await readBundle((await bundles.write(['new-0']))?.bytes ?? new Uint8Array());
    expect(runs[0]?.about.dataset).toEqual({ id: 'f00d', name: '', included: false });
    expect(runs[0]?.dataset).toBeNull();
    expect(await bundles.write(['unknown'])).toBeNull();
  });
});
