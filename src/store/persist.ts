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
  /** Absent in recordings of before there were any. */
  readonly sliceFrames?: readonly Frame<Slices>[];
}

/** What the storage holds for a run, or a file. */
export type Kind = 'curves' | 'checkpoint' | 'file';

interface LabSchema extends DBSchema {
  settings: { key: string; value: unknown };
  runs: { key: string; value: Run & { readonly deleted?: boolean } };
  series: { key: [string, number]; value: SeriesBlock };
  frames: { key: string; value: StoredFrames };
  checkpoints: { key: string; value: Checkpoint };
  /** By the id of the content; `last` in databases of before there could be several. */
  files: { key: string; value: StoredFile };
  /** Bytes, by id and kind; none of what was written before they were counted. */
  sizes: { key: [string, Kind]; value: number };
}

export interface StoredFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

export type LabDatabase = IDBPDatabase<LabSchema>;

/** Opens the database. `onLost` is called when another tab needs a newer version or the browser closes it. */
export function openDatabase(onLost: () => void): Promise<LabDatabase> {
  return openDB<LabSchema>('objective-lab', 2, {
    upgrade(db, before) {
      if (before < 1)
        for (const name of ['settings', 'runs', 'series', 'frames', 'checkpoints', 'files'] as const) db.createObjectStore(name);
      if (before < 2) db.createObjectStore('sizes');
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

/** A checkpoint in the storage. */
export interface StoredCheckpoint {
  readonly runId: string;
  readonly bytes: number;
}

/**
 * Checkpoints that go, the oldest first, until those that stay have at most `bytes` together; the newest `keep` and those of `protect`
 * always stay. Run ids begin with their time of creation, so they sort by age.
 */
export function surplusCheckpoints(
  stored: readonly StoredCheckpoint[],
  { bytes, keep, protect }: { readonly bytes: number; readonly keep: number; readonly protect: ReadonlySet<string> },
): string[] {
  const oldestFirst = [...stored].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  let total = oldestFirst.reduce((sum, one) => sum + one.bytes, 0);
  const surplus: string[] = [];
  for (const [i, { runId, bytes: own }] of oldestFirst.entries()) {
    if (total <= bytes) break;
    if (i >= oldestFirst.length - keep || protect.has(runId)) continue;
    surplus.push(runId);
    total -= own;
  }
  return surplus;
}

/** Waits for all of a transaction. A full disk may show in a single write, while the transaction only says that it was aborted. */
async function settled(writes: readonly Promise<unknown>[], done: Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled([...writes, done]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  if (reasons.length > 0) throw reasons.find(isFull) ?? reasons[0];
}

/** Whether a write failed because there is no room. */
export const isFull = (error: unknown): boolean => error instanceof DOMException && error.name === 'QuotaExceededError';

/** Writes settings, all or none. */
export async function saveSettings(db: LabDatabase, settings: ReadonlyMap<string, unknown>): Promise<void> {
  const transaction = db.transaction('settings', 'readwrite');
  await settled(
    [...settings].map(([key, value]) => transaction.store.put(value, key)),
    transaction.done,
  );
}

export const loadSetting = (db: LabDatabase, key: string): Promise<unknown> => db.get('settings', key);

/** Hides a run from the next load; its data stays until it is erased. */
export async function markDeleted(db: LabDatabase, run: Run): Promise<void> {
  await db.put('runs', { ...run, deleted: true }, run.id);
}

/** All runs, the oldest first. Runs that were deleted before the page closed are removed for good. */
export async function loadRuns(db: LabDatabase): Promise<Run[]> {
  const all = await db.getAll('runs');
  for (const run of all) if (run.deleted === true) await eraseRun(db, run.id);
  return all.filter((run) => run.deleted !== true).sort((a, b) => a.createdAt - b.createdAt);
}

/** What is new of a run. */
export interface RunWrite {
  readonly run: Run;
  readonly recording: Recording | null;
  /** Rows of the recording's curves that were written before. */
  readonly savedRows: number;
  readonly checkpoint: Checkpoint | null;
}

/** Writes what is new of a run in one transaction, so that its entry, its curves and its checkpoint always belong together. */
export async function saveRun(db: LabDatabase, { run, recording, savedRows, checkpoint }: RunWrite): Promise<void> {
  const transaction = db.transaction(['runs', 'series', 'frames', 'checkpoints', 'sizes'], 'readwrite');
  const sizes = transaction.objectStore('sizes');
  const writes: Promise<unknown>[] = [transaction.objectStore('runs').put(run, run.id)];
  if (recording !== null) {
    const { series, step, stage, slices } = recording;
    const { first, last } = dirtyBlocks(savedRows, series.length);
    for (let block = first; block <= last; block++) {
      const stored = copyBlock(series, block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS);
      writes.push(transaction.objectStore('series').put(stored, [run.id, block]));
    }
    const frames: StoredFrames = {
      rows: series.length,
      ...{ step, stage, slices },
      distributions: recording.distributions.items,
      samples: recording.samples.items,
      diagnoses: recording.diagnoses.items,
      sliceFrames: recording.sliceFrames.items,
    };
    writes.push(transaction.objectStore('frames').put(frames, run.id));
    writes.push(sizes.put(seriesBytes(recording) + bytesOf(frames), [run.id, 'curves']));
  }
  if (checkpoint !== null) {
    writes.push(transaction.objectStore('checkpoints').put(checkpoint, run.id));
    writes.push(sizes.put(bytesOf(checkpoint), [run.id, 'checkpoint']));
  }
  await settled(writes, transaction.done);
}

const seriesBytes = ({ series }: Recording): number => series.length * (8 + 4 * series.columns.size);

/** About what a value takes when it is stored; what stands in it several times is stored once. */
export function bytesOf(value: unknown, seen = new Set<object>()): number {
  if (typeof value === 'string') return 2 * value.length + 4;
  if (typeof value !== 'object' || value === null) return 8;
  if (seen.has(value)) return 4;
  seen.add(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  let bytes = 0;
  for (const [key, item] of Object.entries(value)) bytes += (Array.isArray(value) ? 0 : key.length + 4) + bytesOf(item, seen);
  return bytes;
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
  recording.sliceFrames.items = [...(frames.sliceFrames ?? [])];
  recording.step = frames.step;
  recording.stage = frames.stage;
  return recording;
}

export const loadCheckpoint = async (db: LabDatabase, runId: string): Promise<Checkpoint | null> =>
  (await db.get('checkpoints', runId)) ?? null;

/** Keeps a size that was measured late. On a full disk it is measured again: that must not stand in the way of making room. */
const noteSize = (db: LabDatabase, bytes: number, key: [string, Kind]): Promise<unknown> =>
  db.put('sizes', bytes, key).catch(() => undefined);

/** The checkpoints at hand. What was written before sizes were kept is measured now, once. */
export async function storedCheckpoints(db: LabDatabase): Promise<StoredCheckpoint[]> {
  const stored: StoredCheckpoint[] = [];
  for (const runId of await db.getAllKeys('checkpoints')) {
    let bytes = await db.get('sizes', [runId, 'checkpoint']);
    if (bytes === undefined) {
      bytes = bytesOf(await db.get('checkpoints', runId));
      await noteSize(db, bytes, [runId, 'checkpoint']);
    }
    stored.push({ runId, bytes });
  }
  return stored;
}

export async function dropCheckpoints(db: LabDatabase, runIds: readonly string[]): Promise<void> {
  const transaction = db.transaction(['checkpoints', 'sizes'], 'readwrite');
  const deletions = runIds.flatMap((id) => [
    transaction.objectStore('checkpoints').delete(id),
    transaction.objectStore('sizes').delete([id, 'checkpoint']),
  ]);
  await settled(deletions, transaction.done);
}

/** Removes a run with everything that belongs to it. */
export async function eraseRun(db: LabDatabase, runId: string): Promise<void> {
  const transaction = db.transaction(['runs', 'series', 'frames', 'checkpoints', 'sizes'], 'readwrite');
  const deletions = [
    transaction.objectStore('runs').delete(runId),
    transaction.objectStore('series').delete(IDBKeyRange.bound([runId, 0], [runId, Number.POSITIVE_INFINITY])),
    transaction.objectStore('frames').delete(runId),
    transaction.objectStore('checkpoints').delete(runId),
    transaction.objectStore('sizes').delete([runId, 'curves']),
    transaction.objectStore('sizes').delete([runId, 'checkpoint']),
  ];
  await settled(deletions, transaction.done);
}

/** Runs that were deleted and can still be brought back. */
export const deletedRuns = async (db: LabDatabase): Promise<string[]> =>
  (await db.getAll('runs')).flatMap((run) => (run.deleted === true ? [run.id] : []));

/** Bytes of everything that sizes are kept of. Curves of before have none and are measured by their blocks. */
export async function storedSizes(db: LabDatabase): Promise<{ readonly id: string; readonly kind: Kind; readonly bytes: number }[]> {
  const checkpoints = (await storedCheckpoints(db)).map(({ runId, bytes }) => ({ id: runId, kind: 'checkpoint' as const, bytes }));
  const others: { id: string; kind: Kind; bytes: number }[] = [];
  for (const id of await db.getAllKeys('frames')) {
    let bytes = await db.get('sizes', [id, 'curves']);
    if (bytes === undefined) {
      const blocks = await db.getAll('series', IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]));
      bytes = bytesOf(blocks) + bytesOf(await db.get('frames', id));
      await noteSize(db, bytes, [id, 'curves']);
    }
    others.push({ id, kind: 'curves', bytes });
  }
  for (const id of await db.getAllKeys('files')) {
    const bytes = (await db.get('sizes', [id, 'file'])) ?? (await db.get('files', id))?.bytes.byteLength ?? 0;
    others.push({ id, kind: 'file', bytes });
  }
  return [...checkpoints, ...others];
}

/** The setting that holds the id of the file that the reader works with. */
const PRESENT_FILE = 'file';
const OLD_KEY = 'last';

/** Keeps the reader's file. Other files stay where `used` holds their ids. */
export async function saveFile(db: LabDatabase, id: string, file: StoredFile, used: ReadonlySet<string>): Promise<void> {
  const others = (await db.getAllKeys('files')).filter((other) => other !== id && !used.has(other));
  const transaction = db.transaction(['files', 'sizes', 'settings'], 'readwrite');
  const writes: Promise<unknown>[] = [
    transaction.objectStore('files').put(file, id),
    transaction.objectStore('sizes').put(file.bytes.byteLength, [id, 'file']),
    transaction.objectStore('settings').put(id, PRESENT_FILE),
    ...others.flatMap((other) => [
      transaction.objectStore('files').delete(other),
      transaction.objectStore('sizes').delete([other, 'file']),
    ]),
  ];
  await settled(writes, transaction.done);
}

/** Keeps a file that came with a run, beside that of the reader. */
export async function adoptFile(db: LabDatabase, id: string, file: StoredFile): Promise<void> {
  const transaction = db.transaction(['files', 'sizes'], 'readwrite');
  const writes = [
    transaction.objectStore('files').put(file, id),
    transaction.objectStore('sizes').put(file.bytes.byteLength, [id, 'file']),
  ];
  await settled(writes, transaction.done);
}

/** A file by the id of its content. */
export const storedFile = (db: LabDatabase, id: string): Promise<StoredFile | undefined> => db.get('files', id);

/** The file that the reader works with. */
export async function loadFile(db: LabDatabase): Promise<StoredFile | undefined> {
  const id = await db.get('settings', PRESENT_FILE);
  return db.get('files', typeof id === 'string' ? id : OLD_KEY);
}

/** Removes files. */
export async function dropFiles(db: LabDatabase, ids: readonly string[]): Promise<void> {
  const transaction = db.transaction(['files', 'sizes'], 'readwrite');
  const deletions = ids.flatMap((id) => [
    transaction.objectStore('files').delete(id),
    transaction.objectStore('sizes').delete([id, 'file']),
  ]);
  await settled(deletions, transaction.done);
}
