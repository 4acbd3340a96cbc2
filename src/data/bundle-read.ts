/** The bytes of a bundle as runs again. Nothing in the file is believed before it is checked. */
import { unzipSync, ZipPassThrough } from 'fflate';
import { checkedAbout, checkedCheckpoint, checkedDiagnosis, checkedIndex, checkedSamples, checkedSlices } from './bundle-check';
import {
  BUNDLE_FORMAT,
  BUNDLE_VERSION,
  type Bundle,
  type BundleDistribution,
  BundleError,
  type BundleRun,
  type BundleSeries,
  LARGEST_CONTENT,
  LARGEST_FILE,
  looksLikeZip,
  type Moment,
  noPause,
  type Pause,
} from './bundle-format';
import { unpackTensors } from './bundle-tensors';
import { hex, slug } from './bundle-write';
import { parseLossless } from './export-csv';

const MOST_FILES = 5000;
/** Text of runs gets ten to thirty times smaller; a bomb a thousand times. Small files may be as they like. */
const LARGEST_RATIO = 200;
const SMALL = 16 * 2 ** 20;
const MOST_CELLS = 50_000_000;
const PIECE = 2 ** 20;
const ROWS = 500;

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

/**
 * Reads a bundle.
 * @param pause lets other work have its turn
 * @throws BundleError with a sentence for the reader, for whatever is in the file
 */
export async function readBundle(bytes: Uint8Array, pause: Pause = noPause): Promise<Bundle> {
  const archive = openArchive(bytes, pause);
  const json = (await archive.json('bundle.json')) as { readonly format?: unknown; readonly version?: unknown };
  if (json?.format !== BUNDLE_FORMAT) throw new BundleError(`${NO_BUNDLE} Its bundle.json is of something else.`);
  if (typeof json.version !== 'number' || json.version > BUNDLE_VERSION) {
    throw new BundleError(`The bundle has version ${json.version}; this lab reads up to version ${BUNDLE_VERSION}. A newer lab opens it.`);
  }
  const { written, lab, runs: folders, files } = checkedIndex(json);
  if (folders.length === 0) throw new BundleError('The bundle is empty: no runs are listed in it.');
  archive.expect(files);
  const runs: BundleRun[] = [];
  for (const folder of folders) runs.push(await readRun(archive, folder, pause));
  return { lab, written, runs };
}

const NO_BUNDLE = 'The zip file is no run bundle: a bundle of Objective Lab has a bundle.json and a folder for every run.';

async function readRun(archive: Archive, folder: string, pause: Pause): Promise<BundleRun> {
  const at = (name: string): string => `${folder}/${name}`;
  const about = checkedAbout(await archive.json(at('run.json')), at('run.json'));
  const samples = await jsonLines(archive, at('samples.jsonl'), pause, (line, file) => checkedSamples(line.samples, file));
  const diagnoses = await jsonLines(archive, at('diagnoses.jsonl'), pause, (line, file) => checkedDiagnosis(line.diagnosis, file));
  const distributions = await jsonLines(archive, at('distributions.jsonl'), pause, distributionReader());
  const slices = archive.has(at('slices.json')) ? checkedSlices(await archive.json(at('slices.json')), at('slices.json')) : null;
  const series = await parseSeries(await archive.text(at('series.csv')), at('series.csv'), pause);
  const state = at('checkpoint.safetensors');
  const checkpoint = archive.has(state) ? checkedCheckpoint(unpackTensors(await archive.bytes(state), state), about.spec, state) : null;
  if (checkpoint !== null && checkpoint.step > about.totalSteps) {
    throw new BundleError(`${state} cannot be used: it is of step ${checkpoint.step}, and the run has ${about.totalSteps}.`);
  }
  const file = about.dataset === null ? null : `datasets/${slug(about.dataset.id)}.jsonl`;
  const dataset = file !== null && archive.has(file) ? await archive.bytes(file) : null;
  return { about, series, samples, distributions, diagnoses, slices, checkpoint, dataset };
}

interface Archive {
  has(name: string): boolean;
  /** @throws BundleError where the file is missing or damaged */
  bytes(name: string): Promise<Uint8Array>;
  text(name: string): Promise<string>;
  json(name: string): Promise<unknown>;
  /** From now on files have to be as the index says. @throws BundleError where one is missing */
  expect(files: Readonly<Record<string, { readonly bytes: number; readonly crc32: string }>>): void;
}

function openArchive(zip: Uint8Array, pause: Pause): Archive {
  const { names, prefix } = directory(zip);
  let expected: Parameters<Archive['expect']>[0] | null = null;

  const has = (name: string): boolean => names.has(prefix + name);

  const bytes = async (name: string): Promise<Uint8Array> => {
    if (!has(name)) throw new BundleError(`${name} is missing from the bundle.`);
    const damaged = (): BundleError => new BundleError(`${name} in the bundle is damaged. The file may not have been copied whole.`);
    let content: Uint8Array | undefined;
    try {
      content = unzipSync(zip, { filter: (entry) => entry.name === prefix + name })[prefix + name];
    } catch {
      throw damaged();
    }
    await pause();
    if (content === undefined) throw damaged();
    if (expected === null) return content;
    const said = expected[name];
    if (said === undefined || content.length !== said.bytes || (await crc32(content, pause)) !== said.crc32) throw damaged();
    return content;
  };

  const text = async (name: string): Promise<string> => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(await bytes(name));
    } catch (error) {
      throw error instanceof BundleError ? error : new BundleError(`${name} in the bundle is not text in UTF-8.`);
    }
  };

  return {
    has,
    bytes,
    text,
    async json(name) {
      const content = await text(name);
      try {
        return parseLossless(content);
      } catch {
        throw new BundleError(`${name} in the bundle is not JSON.`);
      }
    },
    expect(files) {
      const missing = Object.keys(files).find((name) => !has(name));
      if (missing !== undefined) throw new BundleError(`${missing} is missing from the bundle.`);
      expected = files;
    },
  };
}

/** What is in a zip, and the folder that somebody may have packed it in. @throws BundleError where that cannot be opened */
function directory(zip: Uint8Array): { readonly names: ReadonlySet<string>; readonly prefix: string } {
  if (zip.length > LARGEST_FILE)
    throw new BundleError(`The file has ${megabytes(zip.length)}; bundles are opened up to ${megabytes(LARGEST_FILE)}.`);
  if (!looksLikeZip(zip)) throw new BundleError('The file is no zip file, and so no run bundle.');
  const names = new Set<string>();
  let content = 0;
  let twice = '';
  let count = 0;
  try {
    unzipSync(zip, {
      filter({ name, originalSize }) {
        count += 1;
        if (names.has(name)) twice = name;
        names.add(name);
        content += originalSize;
        return false;
      },
    });
  } catch {
    throw new BundleError('The zip file is damaged or cut off: its list of contents cannot be read. Copy or download it again.');
  }
  if (count > MOST_FILES) throw new BundleError(`The zip file holds ${count} files; a bundle has at most ${MOST_FILES}.`);
  if (content > LARGEST_CONTENT || content > Math.max(SMALL, LARGEST_RATIO * zip.length)) {
    throw new BundleError(
      `The zip file would unpack to ${megabytes(content)}, far more than a bundle of its size holds. It was not opened.`,
    );
  }
  if (twice !== '') throw new BundleError(`The zip file holds ${twice} twice.`);
  const index = names.has('bundle.json') ? 'bundle.json' : [...names].find((name) => /^[^/]+\/bundle\.json$/.test(name));
  if (index === undefined) throw new BundleError(NO_BUNDLE);
  return { names, prefix: index.slice(0, -'bundle.json'.length) };
}

/** The checksum of zip files, by the library's own counting. */
async function crc32(content: Uint8Array, pause: Pause): Promise<string> {
  const counter = new ZipPassThrough('');
  counter.ondata = () => undefined;
  for (let at = 0; at === 0 || at < content.length; at += PIECE) {
    counter.push(content.subarray(at, at + PIECE), at + PIECE >= content.length);
    await pause();
  }
  return hex(counter.crc);
}

/** Lines of ascending steps; none where there is no such file. @throws BundleError */
async function jsonLines<T>(
  archive: Archive,
  name: string,
  pause: Pause,
  value: (line: Record<string, unknown>, file: string) => T,
): Promise<Moment<T>[]> {
  if (!archive.has(name)) return [];
  const moments: Moment<T>[] = [];
  for (const [i, text] of (await archive.text(name)).split('\n').entries()) {
    if (text === '') continue;
    const where = `${name}, line ${i + 1},`;
    let line: unknown;
    try {
      line = parseLossless(text);
    } catch {
      throw new BundleError(`${where} is not JSON.`);
    }
    const { step } = (line ?? {}) as { step?: unknown };
    if (!Number.isSafeInteger(step) || (step as number) <= (moments.at(-1)?.step ?? -1)) {
      throw new BundleError(`${where} cannot be used: expected a step after that of the line before.`);
    }
    moments.push({ step: step as number, value: value(line as Record<string, unknown>, where) });
    if (i % 20 === 0) await pause();
  }
  return moments;
}

function distributionReader(): (line: Record<string, unknown>, file: string) => BundleDistribution {
  let before: BundleDistribution | null = null;
  return (line, file) => {
    const numbers = (values: unknown): Float32Array => {
      if (!Array.isArray(values) || !values.every((value) => typeof value === 'number'))
        throw new BundleError(`${file} cannot be used: expected lists of numbers.`);
      return Float32Array.from(values);
    };
    const { labels, policy, reference, reward, optimum } = line;
    if (labels !== undefined && !(Array.isArray(labels) && labels.every((label) => typeof label === 'string'))) {
      throw new BundleError(`${file} cannot be used: expected a list of labels.`);
    }
    const next: BundleDistribution = {
      labels: (labels as string[] | undefined) ?? before?.labels ?? [],
      policy: numbers(policy),
      reference: reference === undefined && before !== null ? before.reference : numbers(reference),
      reward: reward === undefined && before !== null ? before.reward : numbers(reward),
      optimum: optimum === undefined && before !== null ? before.optimum : optimum === null ? null : numbers(optimum),
    };
    const size = next.labels.length;
    if (
      size === 0 ||
      [next.policy, next.reference, next.reward, next.optimum].some((values) => values !== null && values.length !== size)
    ) {
      throw new BundleError(`${file} cannot be used: expected as many numbers as labels.`);
    }
    before = next;
    return next;
  };
}

/** Reads what `seriesCsv` wrote. @throws BundleError naming the line */
export async function parseSeries(csv: string, file: string, pause: Pause = noPause): Promise<BundleSeries> {
  const bad = (line: number, why: string): BundleError => new BundleError(`${file}, line ${line}, cannot be used: ${why}.`);
  const lines = csv.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const [first, ...ids] = fields(lines[0] ?? '');
  if (first !== 'step' || new Set(ids).size !== ids.length) throw bad(1, 'expected a step and the names of metrics, none of them twice');
  const rows = lines.length - 1;
  if (rows * ids.length > MOST_CELLS) throw bad(1, `it has more than ${MOST_CELLS} numbers`);
  const steps = new Float64Array(rows);
  const columns = ids.map(() => new Float32Array(rows));
  for (let row = 0; row < rows; row++) {
    const cells = (lines[row + 1] as string).split(',');
    if (cells.length !== ids.length + 1) throw bad(row + 2, `expected ${ids.length + 1} values, found ${cells.length}`);
    const step = cells[0] === '' ? Number.NaN : Number(cells[0]);
    if (!Number.isSafeInteger(step) || step < 0 || (row > 0 && step <= (steps[row - 1] as number))) {
      throw bad(row + 2, 'expected a step after that of the line before');
    }
    steps[row] = step;
    for (const [k, column] of columns.entries()) {
      const cell = cells[k + 1] as string;
      const value = cell === '' ? Number.NaN : Number(cell);
      if (Number.isNaN(value) && cell !== '') throw bad(row + 2, `${JSON.stringify(cell.slice(0, 40))} is no number`);
      column[row] = value;
    }
    if (row % ROWS === 0) await pause();
  }
  return { steps, columns: Object.fromEntries(ids.map((id, k) => [id, columns[k] as Float32Array])) };
}

/** The cells of a header line, some of them in quotes. */
const fields = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
