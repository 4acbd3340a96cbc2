/** Which recordings lie in memory: those that are drawn or written to. The others are read from the storage when they are needed. */
import { type LabDatabase, loadRecording } from './persist';
import type { Recordings } from './recording';
import type { Saver } from './saver';
import type { LabStore } from './state';

const REST_MS = 2000;

export interface Shelf {
  /** Brings a run's recording into memory; what cannot be read stays away. */
  load(runId: string): Promise<void>;
}

export interface ShelfNeeds {
  readonly store: LabStore;
  readonly recordings: Recordings;
  readonly saver: () => Saver;
  readonly database: () => LabDatabase | null;
  /** Whether the worker may still have something to add to a run's recording. */
  readonly holds: (runId: string) => boolean;
}

export function createShelf({ store, recordings, saver, database, holds }: ShelfNeeds): Shelf {
  const loading = new Map<string, Promise<void>>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  const idle = (): string[] => {
    const { order, runs, activeId } = store.getState();
    return order.filter((id) => {
      const run = runs[id];
      const resting = run !== undefined && run.state !== 'running' && run.state !== 'preparing' && !holds(id);
      return resting && !run.visible && id !== activeId && recordings.get(id) !== undefined;
    });
  };

  /** Lets go of what is neither drawn nor written to, once it is stored. */
  const tidy = async (): Promise<void> => {
    timer = null;
    if (database() === null || idle().length === 0) return;
    await saver().flush();
    if (store.getState().storage === 'ready') for (const id of idle()) recordings.drop(id);
  };

  store.subscribe((state, before) => {
    if ((state.runs === before.runs && state.activeId === before.activeId) || timer !== null) return;
    timer = setTimeout(() => void tidy(), REST_MS);
  });

  const read = async (runId: string, db: LabDatabase): Promise<void> => {
    try {
      const recording = await loadRecording(db, runId);
      if (recordings.get(runId) === undefined) recordings.set(runId, recording);
    } catch {
      store.setState({ storage: 'unavailable' });
    }
    loading.delete(runId);
  };

  return {
    load(runId) {
      const db = database();
      if (db === null || recordings.get(runId) !== undefined) return Promise.resolve();
      const pending = loading.get(runId) ?? read(runId, db);
      loading.set(runId, pending);
      return pending;
    },
  };
}
