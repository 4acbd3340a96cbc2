/**
 * What outlives a reload, in IndexedDB: settings, runs, curves in blocks, frames, checkpoints, the reader's file.
 * Every function rejects with the browser's own error; `saver.ts` turns it into a sentence.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Diagnosis } from '../core/diagnosis';
import type { Checkpoint, Sample } from '../core/events';
import type { Frame } from './frames';
import { createRecording, type Distribution, type Recording, type Slices } from './recording';
import type { Run } from './run';
import { appendBlock, copyBlock, type SeriesBlock, truncateAfter } from './series';

/** Rows of a curve that are stored together: a long run rewrites its last block only. */
export const BLOCK_ROWS = 2048;
/** Rows before the end that late evaluations may still change. */
const LATE_ROWS = 128;

interface StoredFrames {
  readonly rows: number;
  readonly step: number;
  readonly stage: number;
  readonly distributions: readonly Frame<Distribution>[];
  readonly samples: readonly Frame<readonly Sample[]>[];
  /** Absent in recordings of before there were any. */
  readonly diagnoses?: readonly Frame<Diagnosis>[];
  readonly slices: Slices | null;
}

interface LabSchema extends DBSchema {
  settings: { key: string; value: unknown };
  runs: { key: string; value: Run & { readonly deleted?: boolean } };
  series: { key: [string, number]; value: SeriesBlock };
  frames: { key: string; value: StoredFrames };
  checkpoints: { key: string; value: Checkpoint };
  files: { key: string; value: { readonly name: string; readonly bytes: ArrayBuffer } };
}

export type LabDatabase = IDBPDatabase<LabSchema>;

/** Opens the database. `onLost` is called when another tab needs a newer version or the browser closes it. */
export function openDatabase(onLost: () => void): Promise<LabDatabase> {
  return openDB<LabSchema>('objective-lab', 1, {
    upgrade(db) {
      for (const name of ['settings', 'runs', 'series', 'frames', 'checkpoints', 'files'] as const) db.createObjectStore(name);
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      onLost();
    },
    terminated: onLost,
  });
}

/** Blocks to write when `rows` rows exist and `saved` of them have been written. */
export function dirtyBlocks(saved: number, rows: number): { readonly first: number; readonly last: number } {
  const first = Math.floor(Math.max(0, Math.min(saved, rows) - LATE_ROWS) / BLOCK_ROWS);
  return { first, last: Math.max(first, Math.ceil(rows / BLOCK_ROWS) - 1) };
}

/**
 * Runs whose checkpoints go when only those of the newest `keep` stay; `protect` always stay. Run ids begin with their
 * time of creation, so they sort by age.
 */
export function surplusCheckpoints(runIds: readonly string[], keep: number, protect: ReadonlySet<string>): string[] {
  const newestFirst = [...runIds].sort().reverse();
  return newestFirst.filter((id, i) => i >= keep && !protect.has(id));
}

export async function saveSetting(db: LabDatabase, key: string, value: unknown): Promise<void> {
  await db.put('settings', value, key);
}

export const loadSetting = (db: LabDatabase, key: string): Promise<unknown> => db.get('settings', key);

export async function saveRun(db: LabDatabase, run: Run, deleted = false): Promise<void> {
  await db.put('runs', deleted ? { ...run, deleted } : run, run.id);
}

/** All runs, the oldest first. Runs that were deleted before the page closed are removed for good. */
export async function loadRuns(db: LabDatabase): Promise<Run[]> {
  const all = await db.getAll('runs');
  for (const run of all) if (run.deleted === true) await eraseRun(db, run.id);
  return all.filter((run) => run.deleted !== true).sort((a, b) => a.createdAt - b.createdAt);
}

/** Writes a recording; `savedRows` says how much of its curves was written before. */
export async function saveRecording(db: LabDatabase, runId: string, recording: Recording, savedRows: number): Promise<void> {
  const { series } = recording;
  const rows = series.length;
  const transaction = db.transaction(['series', 'frames'], 'readwrite');
  const writes: Promise<unknown>[] = [];
  const { first, last } = dirtyBlocks(savedRows, rows);
  for (let block = first; block <= last; block++) {
    const stored = copyBlock(series, block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS);
    writes.push(transaction.objectStore('series').put(stored, [runId, block]));
  }
  const { step, stage, slices } = recording;
  const frames: StoredFrames = {
    rows,
    step,
    stage,
    slices,
    distributions: recording.distributions.items,
    samples: recording.samples.items,
    diagnoses: recording.diagnoses.items,
  };
  writes.push(transaction.objectStore('frames').put(frames, runId), transaction.done);
  await Promise.all(writes);
}

/** Reads a recording back; an empty one where nothing was stored. */
export async function loadRecording(db: LabDatabase, runId: string): Promise<Recording> {
  const recording = createRecording();
  const frames = await db.get('frames', runId);
  if (frames === undefined) return recording;
  const blocks = await db.getAll('series', IDBKeyRange.bound([runId, 0], [runId, Math.ceil(frames.rows / BLOCK_ROWS)], false, true));
  for (const block of blocks) appendBlock(recording.series, block);
  const lastRow = frames.rows - 1;
  if (recording.series.length > frames.rows) truncateAfter(recording.series, recording.series.steps[lastRow] ?? -1);
  recording.distributions.items = [...frames.distributions];
  recording.samples.items = [...frames.samples];
  recording.diagnoses.items = [...(frames.diagnoses ?? [])];
  recording.slices = frames.slices;
  recording.step = frames.step;
  recording.stage = frames.stage;
  return recording;
}

export async function saveCheckpoint(db: LabDatabase, runId: string, checkpoint: Checkpoint): Promise<void> {
  await db.put('checkpoints', checkpoint, runId);
}

export const loadCheckpoint = async (db: LabDatabase, runId: string): Promise<Checkpoint | null> =>
  (await db.get('checkpoints', runId)) ?? null;

/** Removes the checkpoints of all but the newest `keep` runs; those of `protect` stay. Returns the runs that lost theirs. */
export async function dropCheckpoints(db: LabDatabase, keep: number, protect: ReadonlySet<string>): Promise<string[]> {
  const surplus = surplusCheckpoints(await db.getAllKeys('checkpoints'), keep, protect);
  for (const id of surplus) await db.delete('checkpoints', id);
  return surplus;
}

/** Removes a run with everything that belongs to it. */
export async function eraseRun(db: LabDatabase, runId: string): Promise<void> {
  const transaction = db.transaction(['runs', 'series', 'frames', 'checkpoints'], 'readwrite');
  await Promise.all([
    transaction.objectStore('runs').delete(runId),
    transaction.objectStore('series').delete(IDBKeyRange.bound([runId, 0], [runId, Number.POSITIVE_INFINITY])),
    transaction.objectStore('frames').delete(runId),
    transaction.objectStore('checkpoints').delete(runId),
    transaction.done,
  ]);
}

const FILE_KEY = 'last';

/** Keeps the reader's file, in place of the one before. */
export async function saveFile(db: LabDatabase, name: string, bytes: ArrayBuffer): Promise<void> {
  await db.put('files', { name, bytes }, FILE_KEY);
}

export const loadFile = (db: LabDatabase): Promise<{ readonly name: string; readonly bytes: ArrayBuffer } | undefined> =>
  db.get('files', FILE_KEY);
