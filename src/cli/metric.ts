/** `metric`: any metric of the lab on a JSONL of one's own. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Asked, ENTRIES, findEntry } from './metrics';
import type { Answer, Detail, MetricEntry, Option, Settings } from './metrics/define';
import { InputError, parseRows } from './metrics/rows';
import { UsageError, wholeNumber } from './usage';

/** What stands after each option, and what it means. */
const OPTIONS: Readonly<Record<Option, readonly [string, string]>> = {
  k: ['N', 'depth of a ranking, or samples of pass@k'],
  n: ['N', 'length of n-grams, or the greatest of several'],
  bins: ['N', 'bins of equal mass'],
  by: ['words|characters', 'what the tokens of a text are (words)'],
  vocabulary: ['N', 'tokens that could have been written'],
  modes: ['N', 'how many modes there are'],
  threshold: ['X', 'least "quality" of a good completion (.5)'],
  tolerance: ['X', 'difference that counts as none'],
  as: ['bf16|f32', 'precision in which weights are compared'],
  t: ['X', 'where between before (0) and after (1)'],
};

type Values = Readonly<Partial<Record<Option, string>>>;

/** Prints the value of a metric of the lines of a file or of standard input. */
export async function metric(argv: readonly string[]): Promise<number> {
  process.stdout.write(await reply(argv, input));
  return 0;
}

/**
 * What the command prints.
 * @param read the text of a file, or of standard input where no file is named
 * @throws UsageError for a wrong call, InputError for lines that cannot be used
 */
export async function reply(argv: readonly string[], read: (path: string | undefined) => Promise<string>): Promise<string> {
  const { positionals, json, help, values } = parse(argv);
  const [name, path, ...more] = positionals;
  if (name === undefined) return overview();
  const asked = findEntry(name);
  if (asked === null) throw new UsageError(`There is no metric ${name}. \`lab metric\` without arguments lists them.`);
  const { entry } = asked;
  if (help) return page(entry);
  if (more.length > 0) throw new UsageError('metric: expected one metric and at most one file');
  const settings = settingsOf(asked, values);
  const answer = entry.answer(parseRows(await read(path)), settings);
  return json ? asJson(entry, answer) : asText(entry, answer);
}

function parse(argv: readonly string[]): { positionals: string[]; json: boolean; help: boolean; values: Values } {
  const names = Object.keys(OPTIONS) as Option[];
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        ...(Object.fromEntries(names.map((name) => [name, { type: 'string' }])) as Record<Option, { type: 'string' }>),
      },
    });
    const { json = false, help = false, ...rest } = values;
    return { positionals, json, help, values: rest };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The settings of a call. @throws UsageError naming the option. */
function settingsOf({ entry, set }: Asked, values: Values): Settings {
  const foreign = (Object.keys(values) as Option[]).find((name) => !entry.options.includes(name));
  if (foreign !== undefined) {
    const own = entry.options.map((name) => `--${name}`).join(', ');
    throw new UsageError(`--${foreign}: ${entry.id} does not read it; it reads ${own === '' ? 'no options' : own}`);
  }
  const whole = <Name extends Option>(name: Name): { [key in Name]?: number } => {
    const value = wholeNumber(values[name], name, 1);
    return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: number };
  };
  return {
    ...set,
    ...whole('k'),
    ...whole('n'),
    ...whole('bins'),
    ...whole('vocabulary'),
    ...whole('modes'),
    by: oneOf(values.by ?? 'words', 'by', ['words', 'characters']),
    ...(values.as === undefined ? {} : { as: oneOf(values.as, 'as', ['bf16', 'f32']) }),
    threshold: realNumber(values.threshold ?? '0.5', 'threshold', Number.NEGATIVE_INFINITY),
    tolerance: realNumber(values.tolerance ?? '1e-5', 'tolerance', 0),
    t: realNumber(values.t ?? '0.5', 't', Number.NEGATIVE_INFINITY),
  };
}

function oneOf<T extends string>(value: string, option: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${option}: expected ${allowed.join(' or ')}; got ${value}`);
  return found;
}

function realNumber(value: string, option: string, min: number): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < min) {
    throw new UsageError(`--${option}: expected a number${Number.isFinite(min) ? ` from ${min}` : ''}; got ${value}`);
  }
  return number;
}

/** The text of a file, or of standard input where none is named. */
export async function input(path: string | undefined): Promise<string> {
  if (path !== undefined && path !== '-') {
    return readFile(path, 'utf8').catch(() => {
      throw new InputError(`The file ${JSON.stringify(path)} cannot be read.`);
    });
  }
  if (process.stdin.isTTY === true) throw new UsageError('metric: expected a file, or lines on standard input');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const NO_VALUE = 'The metric has no value for this input.';

/** JSON knows no NaN and no infinity: both are null. */
const noteOf = ({ value, note }: Answer): string | null => note ?? (Number.isFinite(value) ? null : NO_VALUE);

function asJson(entry: MetricEntry, answer: Answer): string {
  const note = noteOf(answer);
  return `${JSON.stringify({ metric: entry.id, value: answer.value, ...answer.details, ...(note === null ? {} : { note }) })}\n`;
}

function asText(entry: MetricEntry, answer: Answer): string {
  const lines = [`${entry.id}  ${shown(answer.value)}`];
  const note = noteOf(answer);
  if (note !== null) lines.push(note);
  for (const [name, detail] of Object.entries(answer.details ?? {})) lines.push(...detailLines(name.replaceAll('_', ' '), detail));
  return `${lines.join('\n')}\n`;
}

/** Rows of a table, and entries of a list, before the rest is left to --json. */
const MOST_ROWS = 40;
const MOST_ENTRIES = 12;

function detailLines(name: string, detail: Detail): string[] {
  if (!Array.isArray(detail) || typeof detail[0] !== 'object') return [`  ${name.padEnd(18)} ${shown(detail)}`];
  const rows = detail as readonly Readonly<Record<string, unknown>>[];
  const columns = Object.keys(rows[0] ?? {});
  const cells = [
    columns.map((column) => column.replaceAll('_', ' ')),
    ...rows.slice(0, MOST_ROWS).map((row) => columns.map((column) => shown(row[column]))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const rest = rows.length > MOST_ROWS ? [`    and ${rows.length - MOST_ROWS} more; --json has all`] : [];
  return [`  ${name}`, ...cells.map((line) => `    ${line.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')}`), ...rest];
}

function shown(value: unknown): string {
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : Number.isNaN(value) ? '-' : 'infinite';
  if (Array.isArray(value)) {
    const rest = value.length > MOST_ENTRIES ? `, ... (${value.length})` : '';
    return `[${value.slice(0, MOST_ENTRIES).map(shown).join(', ')}${rest}]`;
  }
  return value === null || value === undefined ? '-' : String(value);
}

/** Columns of the help. */
const WIDTH = 110;

/** Words in lines of at most `WIDTH` columns. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one);
}

/** All metrics: id, what it is, what it reads (once where several read the same), and a line to begin from. */
function overview(): string {
  const lines = [
    'Metrics on lines of your own: one JSON object on each line, from a file or standard input',
    '',
    '  npm run -s lab -- metric <id> [options] < file.jsonl',
    '  npm run -s lab -- metric <id> file.jsonl --json',
  ];
  for (const [family, entries] of Object.entries(ENTRIES)) {
    lines.push('', family);
    for (const [i, { id, aliases, title, reads, examples }] of entries.entries()) {
      lines.push(`  ${[id, ...aliases].join(', ')}`, ...wrapped(`${title}.`, 6));
      if (reads !== entries[i - 1]?.reads) lines.push(...wrapped(`Reads ${reads}`, 6));
      else lines.push('      Reads the same.');
      lines.push(`      ${examples[0]}`);
    }
  }
  lines.push('', ...wrapped('`metric <id> --help` says more. Names take - or _, and a depth: ndcg@5, pass@8, distinct-2.', 0));
  lines.push(...wrapped('Exit status: 0 done, 1 lines that cannot be used (each with its number, field and what to do), 2 bad usage.', 0));
  return `${lines.join('\n')}\n`;
}

/** All about one metric. */
function page({ id, aliases, title, reads, rule, options, examples }: MetricEntry): string {
  const lines = [
    [id, ...aliases].join(', '),
    ...wrapped(`${title}.`, 2),
    '',
    ...wrapped(`Each line holds ${reads}`, 2),
    ...wrapped(rule, 2),
    '',
  ];
  for (const option of options) lines.push(`  ${`--${option} ${OPTIONS[option][0]}`.padEnd(24)} ${OPTIONS[option][1]}`);
  lines.push(`  ${'--json'.padEnd(24)} one JSON object: metric, value, and what stands beside it`, '', '  For example:');
  return `${[...lines, ...examples.map((example) => `    ${example}`)].join('\n')}\n`;
}
