/**
 * Writes what has changed, at most about once a second, and says in a sentence when it cannot. Nothing is lost in
 * memory when the disk is full: the run goes on, only a reload would forget it.
 */
import type { Checkpoint } from '../core/events';
import * as persist from './persist';
import type { Recording } from './recording';
import type { Run } from './run';

/** Checkpoints kept when room is needed, and always. */
const KEPT_CHECKPOINTS = 4;
const INTERVAL_MS = 1000;

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
  readonly runs: Set<string>;
  readonly recordings: Set<string>;
  readonly checkpoints: Map<string, Checkpoint>;
  readonly settings: Map<string, unknown>;
}

const nothing = (): Pending => ({ runs: new Set(), recordings: new Set(), checkpoints: new Map(), settings: new Map() });

/** A saver for an open database; null makes one that forgets. */
export function createSaver(db: persist.LabDatabase | null, source: SaverSource): Saver {
  let pending = nothing();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let queue: Promise<void> = Promise.resolve();
  const savedRows = new Map<string, number>();

  const schedule = (): void => {
    if (db === null || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, INTERVAL_MS);
  };

  const writeAll = async (batch: Pending, open: persist.LabDatabase): Promise<void> => {
    for (const [key, value] of batch.settings) await persist.saveSetting(open, key, value);
    for (const id of batch.recordings) {
      const recording = source.recording(id);
      if (recording === undefined || source.run(id) === undefined) continue;
      const rows = recording.series.length;
      await persist.saveRecording(open, id, recording, savedRows.get(id) ?? 0);
      savedRows.set(id, rows);
    }
    for (const [id, checkpoint] of batch.checkpoints) if (source.run(id) !== undefined) await persist.saveCheckpoint(open, id, checkpoint);
    for (const id of batch.runs) {
      const run = source.run(id);
      if (run !== undefined) await persist.saveRun(open, run);
    }
    if (batch.checkpoints.size > 0) await makeRoom(open, KEPT_CHECKPOINTS, batch);
  };

  const makeRoom = async (open: persist.LabDatabase, keep: number, batch: Pending): Promise<void> => {
    const dropped = await persist.dropCheckpoints(open, keep, new Set([...batch.checkpoints.keys(), ...source.kept()]));
    if (dropped.length > 0) source.onDropped(dropped);
  };

  const write = async (batch: Pending, open: persist.LabDatabase): Promise<void> => {
    try {
      await writeAll(batch, open);
      source.onState('ready');
    } catch (error) {
      if (!isFull(error)) {
        source.onState('unavailable');
        return;
      }
      try {
        await makeRoom(open, 0, batch);
        await writeAll(batch, open);
        source.onState('ready');
      } catch {
        source.onState('full');
      }
    }
  };

  const flush = (): Promise<void> => {
    if (db === null) return Promise.resolve();
    const batch = pending;
    pending = nothing();
    queue = queue.then(() => write(batch, db));
    return queue;
  };

  const later = (work: (open: persist.LabDatabase) => Promise<void>): void => {
    if (db === null) return;
    queue = queue.then(() => work(db)).catch(() => source.onState('unavailable'));
  };

  return {
    touch(runId, what) {
      (what === 'run' ? pending.runs : pending.recordings).add(runId);
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
    markDeleted: (run) => later((open) => persist.saveRun(open, run, true)),
    erase: (runId) => later((open) => persist.eraseRun(open, runId)),
    flush,
  };
}

const isFull = (error: unknown): boolean => error instanceof DOMException && error.name === 'QuotaExceededError';
