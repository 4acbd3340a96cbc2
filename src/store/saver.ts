/**
 * Writes what has changed, at most about once a second, and says in a sentence when it cannot. What could not be written is
 * kept and tried again, so nothing is lost in memory when the disk is full: the run goes on, and only a reload would forget it.
 */
import type { Checkpoint } from '../core/events';
import * as persist from './persist';
import type { Recording } from './recording';
import type { Run } from './run';

/** Checkpoints of the newest runs always stay; the oldest of the others go where all of them have more bytes than this. */
const KEPT_CHECKPOINTS = 4;
const CHECKPOINT_BYTES = 512e6;
const INTERVAL_MS = 1000;
/** Until something that failed is tried again. */
const RETRY_MS = 5000;

/** `ready`: everything up to the last flush is written. */
export type StorageState = 'opening' | 'ready' | 'full' | 'unavailable';

/** Where the saver finds what it is to write. */
export interface SaverSource {
  run(id: string): Run | undefined;
  recording(id: string): Recording | undefined;
  /** Tells of the state of the storage, and of runs whose checkpoints had to go. */
  onState(state: StorageState): void;
  onDropped(runIds: readonly string[]): void;
  /** Runs whose checkpoints are needed and stay, however many. */
  kept(): readonly string[];
}

/** What is written to: the database, or what stands for it in a test. Every function rejects with the browser's own error. */
export interface Disk {
  settings(settings: ReadonlyMap<string, unknown>): Promise<void>;
  run(write: persist.RunWrite): Promise<void>;
  checkpoints(): Promise<readonly persist.StoredCheckpoint[]>;
  dropCheckpoints(runIds: readonly string[]): Promise<void>;
  markDeleted(run: Run): Promise<void>;
  /** Runs that are marked as deleted. */
  deleted(): Promise<readonly string[]>;
  erase(runId: string): Promise<void>;
}

export const diskOf = (db: persist.LabDatabase): Disk => ({
  settings: (settings) => persist.saveSettings(db, settings),
  run: (write) => persist.saveRun(db, write),
  checkpoints: () => persist.storedCheckpoints(db),
  dropCheckpoints: (runIds) => persist.dropCheckpoints(db, runIds),
  markDeleted: (run) => persist.markDeleted(db, run),
  deleted: () => persist.deletedRuns(db),
  erase: (runId) => persist.eraseRun(db, runId),
});

export interface Saver {
  /** Notes that a run's entry or its recording has changed. */
  touch(runId: string, what: 'run' | 'recording'): void;
  checkpoint(runId: string, checkpoint: Checkpoint): void;
  setting(key: string, value: unknown): void;
  /** Hides a run from the next load; `erase` removes it. */
  markDeleted(run: Run): void;
  erase(runId: string): void;
  /** Writes everything now. */
  flush(): Promise<void>;
}

interface Pending {
  /** Runs with their entry, and those of them whose recording has changed. */
  readonly runs: Set<string>;
  readonly recordings: Set<string>;
  readonly checkpoints: Map<string, Checkpoint>;
  readonly settings: Map<string, unknown>;
  readonly deletions: Map<string, Run | 'erase'>;
}

const nothing = (): Pending => ({
  runs: new Set(),
  recordings: new Set(),
  checkpoints: new Map(),
  settings: new Map(),
  deletions: new Map(),
});

/** A saver for an open database; null makes one that forgets. */
export function createSaver(disk: Disk | null, source: SaverSource): Saver {
  let pending = nothing();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let queue: Promise<void> = Promise.resolve();
  const savedRows = new Map<string, number>();

  const schedule = (wait = INTERVAL_MS): void => {
    if (disk === null || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, wait);
  };

  /** Writes something; where there is no room for it, makes room, as long as there is something that can go. */
  const withRoom = async (open: Disk, protect: ReadonlySet<string>, write: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        if (!persist.isFull(error) || !(await freeSome(open, protect))) throw error;
      }
    }
  };

  /** Half of the old checkpoints, the oldest first; then what is left of deleted runs. False where there is nothing more. */
  const freeSome = async (open: Disk, protect: ReadonlySet<string>): Promise<boolean> => {
    const stored = await open.checkpoints();
    const old = persist.surplusCheckpoints(stored, { bytes: -1, keep: 0, protect });
    if (old.length > 0) {
      await drop(open, old.slice(0, Math.ceil(old.length / 2)));
      return true;
    }
    const deleted = await open.deleted();
    for (const runId of deleted) await erase(open, runId);
    return deleted.length > 0;
  };

  const drop = async (open: Disk, runIds: readonly string[]): Promise<void> => {
    if (runIds.length === 0) return;
    await open.dropCheckpoints(runIds);
    source.onDropped(runIds);
  };

  const erase = async (open: Disk, runId: string): Promise<void> => {
    savedRows.delete(runId);
    await open.erase(runId);
  };

  const writeRun = async (open: Disk, batch: Pending, id: string): Promise<void> => {
    const run = source.run(id);
    if (run === undefined) return;
    const recording = (batch.recordings.has(id) ? source.recording(id) : undefined) ?? null;
    const before = savedRows.get(id) ?? 0;
    const writing = open.run({ run, recording, savedRows: before, checkpoint: batch.checkpoints.get(id) ?? null });
    // Said at once: the run may go back to a checkpoint while this is written.
    if (recording !== null) savedRows.set(id, recording.series.length);
    try {
      await writing;
    } catch (error) {
      savedRows.set(id, Math.min(before, savedRows.get(id) ?? before));
      throw error;
    }
  };

  /** Writes all that it can. What fails goes back to the rest that waits, unless there is something newer of it. */
  const write = async (batch: Pending, open: Disk): Promise<void> => {
    const protect = new Set([...batch.checkpoints.keys(), ...source.kept()]);
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<void>, takeBack: () => void): Promise<void> => {
      try {
        await withRoom(open, protect, work);
      } catch (error) {
        errors.push(error);
        takeBack();
      }
    };
    if (batch.settings.size > 0) {
      await attempt(
        () => open.settings(batch.settings),
        () => {
          for (const [key, value] of batch.settings) if (!pending.settings.has(key)) pending.settings.set(key, value);
        },
      );
    }
    for (const [id, what] of batch.deletions) {
      await attempt(
        () => (what === 'erase' ? erase(open, id) : open.markDeleted(what)),
        () => pending.deletions.has(id) || pending.deletions.set(id, what),
      );
    }
    for (const id of new Set([...batch.runs, ...batch.recordings, ...batch.checkpoints.keys()])) {
      await attempt(
        () => writeRun(open, batch, id),
        () => {
          pending.runs.add(id);
          if (batch.recordings.has(id)) pending.recordings.add(id);
          const checkpoint = batch.checkpoints.get(id);
          if (checkpoint !== undefined && !pending.checkpoints.has(id)) pending.checkpoints.set(id, checkpoint);
        },
      );
    }
    if (errors.length === 0 && batch.checkpoints.size > 0) {
      const limits = { bytes: CHECKPOINT_BYTES, keep: KEPT_CHECKPOINTS, protect };
      await attempt(
        async () => drop(open, persist.surplusCheckpoints(await open.checkpoints(), limits)),
        () => undefined,
      );
    }
    source.onState(errors.length === 0 ? 'ready' : errors.every(persist.isFull) ? 'full' : 'unavailable');
    if (errors.length > 0) schedule(RETRY_MS);
  };

  const flush = (): Promise<void> => {
    if (disk === null) return Promise.resolve();
    queue = queue.then(() => {
      const batch = pending;
      pending = nothing();
      return write(batch, disk);
    });
    return queue;
  };

  return {
    touch(runId, what) {
      (what === 'run' ? pending.runs : pending.recordings).add(runId);
      // It is on the list again.
      pending.deletions.delete(runId);
      // A run that went back to its checkpoint has fewer rows than were written, and those after them are to be written again.
      const rows = source.recording(runId)?.series.length ?? Number.POSITIVE_INFINITY;
      if (rows < (savedRows.get(runId) ?? 0)) savedRows.set(runId, rows);
      schedule();
    },
    checkpoint(runId, checkpoint) {
      pending.checkpoints.set(runId, checkpoint);
      pending.runs.add(runId);
      schedule();
    },
    setting(key, value) {
      pending.settings.set(key, value);
      schedule();
    },
    markDeleted(run) {
      pending.deletions.set(run.id, run);
      void flush();
    },
    erase(runId) {
      pending.deletions.set(runId, 'erase');
      void flush();
    },
    flush,
  };
}
