/** What the browser keeps for the lab: how much of it, for which run, and how to let go of some. */
import { fileOf } from './files';
import { dropCheckpoints, dropFiles, eraseRun, type LabDatabase, storedFile, storedSizes } from './persist';
import { canResume, isInProgress } from './run';
import type { Saver } from './saver';
import { type LabState, type LabStore, patchRun } from './state';

export interface RunSize {
  readonly id: string;
  readonly curves: number;
  readonly checkpoint: number;
  /** Whether its checkpoint may go: it is not being trained. */
  readonly free: boolean;
}

export interface StorageReport {
  /** Bytes of this site in all, and what the browser would give it; null where it does not say, or does not keep its word. */
  readonly usage: number | null;
  readonly quota: number | null;
  /** Whether the browser has promised not to clear it by itself; null where it cannot promise. */
  readonly persisted: boolean | null;
  /** The largest first. */
  readonly runs: readonly RunSize[];
  readonly files: readonly { readonly id: string; readonly name: string; readonly bytes: number; readonly used: boolean }[];
  /** Data of runs that are not on the list any more. */
  readonly remnants: { readonly ids: readonly string[]; readonly bytes: number };
}

export interface Storage {
  /** Null where nothing is kept. */
  report(): Promise<StorageReport | null>;
  freeCheckpoints(runIds: readonly string[]): Promise<void>;
  freeFiles(ids: readonly string[]): Promise<void>;
  freeRemnants(ids: readonly string[]): Promise<void>;
  /** Asks the browser not to clear the storage by itself; what it says. */
  persist(): Promise<boolean>;
}

export interface StorageNeeds {
  readonly store: LabStore;
  readonly saver: () => Saver;
  readonly database: () => LabDatabase | null;
}

/**
 * Runs whose checkpoints stay where room has to be made: those that the queue goes on with, those in progress, and the one on show where
 * it can be gone on with, as after a reload.
 */
export function neededCheckpoints({ queue, runs, activeId }: Pick<LabState, 'queue' | 'runs' | 'activeId'>): string[] {
  const queued = queue.items.filter(({ state }) => state === 'running' || state === 'paused').flatMap(({ runId }) => runId ?? []);
  const others = Object.values(runs).filter((run) => isInProgress(run) || (run.id === activeId && canResume(run)));
  return [...new Set([...queued, ...others.map(({ id }) => id)])];
}

/** Not there in an insecure page. */
const manager = (): StorageManager | undefined => (globalThis.navigator as Partial<Navigator> | undefined)?.storage;

export function createStorage({ store, saver, database }: StorageNeeds): Storage {
  /** Writes what waits for room. */
  const after = async (): Promise<void> => {
    await saver().flush();
  };

  const report = async (db: LabDatabase): Promise<StorageReport> => {
    await saver().flush();
    const { runs } = store.getState();
    const sizes = await storedSizes(db);
    const sum = (id: string, kind: string): number => sizes.find((size) => size.id === id && size.kind === kind)?.bytes ?? 0;
    const listed = Object.values(runs).map((run) => ({
      id: run.id,
      curves: sum(run.id, 'curves'),
      checkpoint: sum(run.id, 'checkpoint'),
      free: !isInProgress(run),
    }));
    const inUse = new Set(Object.values(runs).flatMap(({ spec }) => fileOf(spec) ?? []));
    const { file } = store.getState();
    if (file.phase === 'read') inUse.add(file.report.id);
    const files = await Promise.all(
      sizes
        .filter(({ kind }) => kind === 'file')
        .map(async ({ id, bytes }) => ({ id, bytes, name: (await storedFile(db, id))?.name ?? '', used: inUse.has(id) })),
    );
    const lost = sizes.filter(({ id, kind }) => kind !== 'file' && runs[id] === undefined);
    const estimate = await manager()?.estimate?.();
    return {
      usage: estimate?.usage ?? null,
      // Browsers tell a round figure that says nothing of the disk; where they refuse to write, it is not the one that holds.
      quota: store.getState().storage === 'full' ? null : (estimate?.quota ?? null),
      persisted: (await manager()?.persisted?.()) ?? null,
      runs: listed.sort((a, b) => b.curves + b.checkpoint - a.curves - a.checkpoint),
      files,
      remnants: { ids: [...new Set(lost.map(({ id }) => id))], bytes: lost.reduce((total, { bytes }) => total + bytes, 0) },
    };
  };

  return {
    async report() {
      const db = database();
      return db === null || store.getState().storage === 'unavailable' ? null : report(db);
    },
    async freeCheckpoints(runIds) {
      const db = database();
      const resting = runIds.filter((id) => {
        const run = store.getState().runs[id];
        return run === undefined || !isInProgress(run);
      });
      if (db === null || resting.length === 0) return;
      await dropCheckpoints(db, resting);
      for (const id of resting) {
        if (store.getState().runs[id] === undefined) continue;
        patchRun(store, id, { checkpointStep: null });
        saver().touch(id, 'run');
      }
      await after();
    },
    async freeFiles(ids) {
      const db = database();
      if (db !== null) await dropFiles(db, ids);
      await after();
    },
    async freeRemnants(ids) {
      const db = database();
      if (db !== null) for (const id of ids) if (store.getState().runs[id] === undefined) await eraseRun(db, id);
      await after();
    },
    persist: async () => (await manager()?.persist?.()) ?? false,
  };
}
