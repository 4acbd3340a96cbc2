/** `optima`: trains every objective on samples that has a closed form, and says how far from it each ends. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { RunSpec } from '../core/spec';
import { BAR, type Distances, distancesToOptimum, OPTIMA, type Optimum, specFor } from '../trainer/optima';
import type { DeviceInfo } from '../worker/protocol';
import { deviceFor } from './device';
import { UsageError, wholeNumber } from './usage';

const FILE = 'public/optima.json';
const SEEDS = 3;

/** One objective at its settings. */
interface Row {
  readonly id: string;
  readonly title: string;
  readonly target: string;
  /** By seed, from 0. */
  readonly distances: readonly Distances[];
  /** Whether every seed ended within the bar. */
  readonly arrived: boolean;
  readonly spec: RunSpec;
}

/** What is recorded. */
interface Recorded {
  readonly bar: number;
  readonly date: string;
  readonly command: string;
  readonly device: DeviceInfo;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

/** Trains, reports, records, and answers the exit status: 1 where a run ends further away than the bar. */
export async function optima(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  // The runs are small: on a processor they take a fraction of what submitting them to a device does.
  const device = await deviceFor(options.device);
  const started = performance.now();
  const rows: Row[] = [];
  for (const one of options.chosen) rows.push(await trained(one, options.seeds));
  const recorded: Recorded = {
    bar: BAR,
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run -s lab -- optima', ...argv.filter((word) => !['--json', '--markdown'].includes(word))].join(' '),
    device: device.info,
    seconds: Math.round((performance.now() - started) / 1000),
    rows,
  };
  if (options.chosen.length === OPTIMA.length) await writeFile(FILE, `${JSON.stringify(recorded)}\n`);
  process.stdout.write(options.json ? `${JSON.stringify(recorded, null, 1)}\n` : options.markdown ? table(rows) : listing(recorded));
  return rows.every(({ arrived }) => arrived) ? 0 : 1;
}

interface Options {
  readonly chosen: readonly Optimum[];
  readonly seeds: number;
  readonly device: DeviceInfo['backend'];
  readonly json: boolean;
  readonly markdown: boolean;
}

function parse(argv: readonly string[]): Options {
  const { values, positionals } = parsed(argv);
  const { device = 'cpu' } = values;
  if (device !== 'webgpu' && device !== 'wasm' && device !== 'cpu')
    throw new UsageError(`--device: expected webgpu, wasm or cpu; got ${device}`);
  for (const id of positionals) {
    if (!OPTIMA.some((one) => one.id === id))
      throw new UsageError(`optima: expected ${OPTIMA.map((one) => one.id).join(', ')} or nothing for all; got ${id}`);
  }
  return {
    chosen: OPTIMA.filter(({ id }) => positionals.length === 0 || positionals.includes(id)),
    seeds: wholeNumber(values.seeds, 'seeds', 1) ?? SEEDS,
    device,
    json: values.json ?? false,
    markdown: values.markdown ?? false,
  };
}

function parsed(argv: readonly string[]) {
  const options = {
    seeds: { type: 'string' },
    device: { type: 'string' },
    json: { type: 'boolean' },
    markdown: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function trained(one: Optimum, seeds: number): Promise<Row> {
  const distances: Distances[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { before, after } = await distancesToOptimum(specFor(one, seed));
    distances.push({ before: rounded(before), after: rounded(after) });
  }
  const arrived = distances.every(({ after }) => after <= BAR);
  process.stderr.write(`${one.id.padEnd(22)} ${path(distances)}${arrived ? '' : '  too far'}\n`);
  return { id: one.id, title: one.title, target: one.target, distances, arrived, spec: specFor(one, 0) };
}

const rounded = (distance: number): number => Number(distance.toPrecision(3));
const ends = (distances: readonly Distances[]): string => distances.map(({ after }) => after.toFixed(3)).join(', ');
const starts = (distances: readonly Distances[]): string => [...new Set(distances.map(({ before }) => before.toFixed(3)))].join(', ');
const path = (distances: readonly Distances[]): string => `${starts(distances)} -> ${ends(distances)}`;

const listing = ({ rows, bar, seconds }: Recorded): string => {
  const lines = rows.map(
    ({ title, target, distances, arrived }) => `${title.padEnd(62)} ${target.padEnd(50)} ${path(distances)}${arrived ? '' : '  too far'}`,
  );
  const count = rows.filter(({ arrived }) => arrived).length;
  return `${lines.join('\n')}\n${count} of ${rows.length} within total variation ${bar} of their closed form, in ${seconds} s.\n`;
};

/** A Markdown table, for the README. */
const table = (rows: readonly Row[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const head = ['objective', 'closed form', 'total variation before', 'after, by seed'];
  const body = rows.map(({ title, target, distances }) => line([title, `\`${target}\``, starts(distances), ends(distances)]));
  return [line(head), line(head.map(() => '---')), ...body].join('');
};
