/** Runs as the bytes of a bundle: one zip file. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import type { Sample } from '../core/events';
import { BUILD } from './build';
import {
  BUNDLE_FORMAT,
  BUNDLE_VERSION,
  type BundleDistribution,
  type BundleRun,
  type BundleSeries,
  type Moment,
  noPause,
  type Pause,
} from './bundle-format';
import { bundleReadme } from './bundle-readme';
import { packTensors } from './bundle-tensors';
import { cellText, float32Text, losslessJson, shortFloat32 } from './export-csv';

/** Bytes that are compressed between two pauses. */
const PIECE = 128 * 1024;
/** Rows of a table that are written between two pauses. */
const ROWS = 500;

/**
 * Writes a bundle.
 * @param date when it is written
 * @param pause lets other work have its turn
 */
export async function writeBundle(runs: readonly BundleRun[], date: Date, pause: Pause = noPause): Promise<Uint8Array<ArrayBuffer>> {
  const folders = runs.map(({ about }, i) => `runs/${String(i + 1).padStart(2, '0')}-${slug(about.name)}`);
  const archive = createArchive(date, pause);
  for (const [i, run] of runs.entries()) {
    const folder = folders[i] as string;
    await archive.text(`${folder}/run.json`, `${JSON.stringify(run.about, null, 2)}\n`);
    await archive.text(`${folder}/series.csv`, await seriesCsv(run.series, pause));
    await archive.lines(`${folder}/samples.jsonl`, run.samples, ({ step, value }: Moment<readonly Sample[]>) => ({ step, samples: value }));
    await archive.lines(`${folder}/distributions.jsonl`, run.distributions, distributionLines());
    await archive.lines(`${folder}/diagnoses.jsonl`, run.diagnoses, ({ step, value }) => ({ step, diagnosis: value }));
    if (run.slices !== null) await archive.text(`${folder}/slices.json`, `${losslessJson(run.slices)}\n`);
    if (run.checkpoint !== null) {
      const { spec: _, ...rest } = run.checkpoint;
      await archive.stored(`${folder}/checkpoint.safetensors`, packTensors(rest));
    }
    if (run.about.dataset !== null && run.dataset !== null) {
      await archive.file(`datasets/${slug(run.about.dataset.id)}.jsonl`, run.dataset);
    }
  }
  const index = { format: BUNDLE_FORMAT, version: BUNDLE_VERSION, written: date.toISOString(), lab: BUILD, runs: folders };
  await archive.text('bundle.json', `${JSON.stringify({ ...index, files: archive.files }, null, 1)}\n`);
  await archive.text('README.md', bundleReadme(runs, folders));
  return archive.end();
}

/** Letters, digits and dashes of a name. */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'run';

/** A checksum as eight digits; the library's is signed. */
export const hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');

/** A zip that is written file by file. */
function createArchive(mtime: Date, pause: Pause) {
  const pieces: Uint8Array[] = [];
  const files: Record<string, { bytes: number; crc32: string }> = {};
  let failure: Error | null = null;
  const zip = new Zip((error, data) => {
    failure ??= error;
    pieces.push(data);
  });
  const add = async (name: string, bytes: Uint8Array, entry: ZipDeflate | ZipPassThrough): Promise<void> => {
    if (files[name] !== undefined) return;
    // Where a clock is wrong beyond what a zip can say.
    entry.mtime = Math.min(Math.max(mtime.getTime(), Date.UTC(1980, 0, 2)), Date.UTC(2099, 0, 1));
    zip.add(entry);
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE) {
      entry.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
      await pause();
    }
    files[name] = { bytes: bytes.length, crc32: hex(entry.crc) };
  };
  const file = (name: string, bytes: Uint8Array): Promise<void> => add(name, bytes, new ZipDeflate(name, { level: 6 }));
  const text = (name: string, content: string): Promise<void> => file(name, new TextEncoder().encode(content));
  return {
    files,
    file,
    text,
    /** Random bits do not get smaller. */
    stored: (name: string, bytes: Uint8Array) => add(name, bytes, new ZipPassThrough(name)),
    /** JSON Lines; no file where there are none. */
    async lines<T>(name: string, items: readonly T[], line: (item: T) => unknown): Promise<void> {
      if (items.length === 0) return;
      const written: string[] = [];
      for (const [i, item] of items.entries()) {
        written.push(losslessJson(line(item)));
        if (i % 20 === 0) await pause();
      }
      await text(name, `${written.join('\n')}\n`);
    },
    end(): Uint8Array<ArrayBuffer> {
      zip.end();
      if (failure !== null) throw failure;
      const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      return whole;
    },
  };
}

/** A row per step; numbers in the fewest digits that give the same bits back. */
export async function seriesCsv({ steps, columns }: BundleSeries, pause: Pause = noPause): Promise<string> {
  const ids = Object.keys(columns).sort();
  const values = ids.map((id) => columns[id] as Float32Array);
  const lines = [['step', ...ids].map(cellText).join(',')];
  for (let row = 0; row < steps.length; row++) {
    let line = String(steps[row]);
    for (const column of values) line += `,${float32Text(column[row] as number)}`;
    lines.push(line);
    if (row % ROWS === 0) await pause();
  }
  return `${lines.join('\n')}\n`;
}

/** Lines that leave out what is as in the line before. */
function distributionLines(): (moment: Moment<BundleDistribution>) => unknown {
  let before: BundleDistribution | null = null;
  return ({ step, value }) => {
    const last = before;
    before = value;
    const numbers = (values: Float32Array | null): number[] | null => (values === null ? null : Array.from(values, shortFloat32));
    return {
      step,
      ...(last?.labels === value.labels ? {} : { labels: value.labels }),
      policy: numbers(value.policy),
      ...(last?.reference === value.reference ? {} : { reference: numbers(value.reference) }),
      ...(last?.reward === value.reward ? {} : { reward: numbers(value.reward) }),
      ...(last !== null && last.optimum === value.optimum ? {} : { optimum: numbers(value.optimum) }),
    };
  };
}
