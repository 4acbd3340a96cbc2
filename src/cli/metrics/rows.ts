/** Reading one's own numbers: JSON Lines in, and a sentence for every line that cannot be used. */

/** One line of the input. */
export interface Row {
  /** From 1, as an editor counts. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One line that is not even an object. */
export interface Flaw {
  readonly line: number;
  readonly problem: string;
}

/** What is wrong with the input, as sentences for the reader: exit status 1. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** What is wrong with a field of one row; whoever knows the line adds it. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

/** Sentences that are shown before the rest is only counted. */
const LISTED = 10;

const BYTE_ORDER_MARK = /^\uFEFF/;

/** One sentence for each bad line. */
function linesError(problems: readonly string[]): InputError {
  const rest = problems.length - LISTED;
  const more = rest > 0 ? [`and ${rest} more ${rest === 1 ? 'line' : 'lines'} that cannot be used.`] : [];
  return new InputError([...problems.slice(0, LISTED), ...more].join('\n'));
}

/** The lines of a text in JSON Lines; blank ones are skipped. @throws InputError for a text without lines. */
export function parseRows(text: string): (Row | Flaw)[] {
  const rows: (Row | Flaw)[] = [];
  for (const [index, line] of text
    .replace(BYTE_ORDER_MARK, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (line.trim() === '') continue;
    const fields = parseObject(line);
    rows.push(typeof fields === 'string' ? { line: index + 1, problem: fields } : { line: index + 1, fields });
  }
  if (rows.length === 0) throw new InputError('The input is empty. Give one JSON object on each line.');
  return rows;
}

/** The object on a line, or what is wrong with the line. */
function parseObject(line: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'is not valid JSON. Give one JSON object on each line, all of it on that line.';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `is ${inWords(value)}, not a JSON object. Give one object in braces on each line.`;
  }
  return value as Record<string, unknown>;
}

/** Reads every line, or says of each bad one what to do about it. @throws InputError */
export function readRows<T>(rows: readonly (Row | Flaw)[], read: (row: Row) => T): T[] {
  const problems: string[] = [];
  const items: T[] = [];
  for (const row of rows) {
    if ('problem' in row) {
      problems.push(`Line ${row.line}: ${row.problem}`);
      continue;
    }
    try {
      items.push(read(row));
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      problems.push(`Line ${row.line}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw linesError(problems);
  return items;
}

export const has = ({ fields }: Row, field: string): boolean => fields[field] !== undefined && fields[field] !== null;

/** Complains about a field. */
export function wrong(field: string, problem: string, remedy: string): never {
  throw new FieldError(`"${field}" ${problem}. ${remedy}`);
}

function fieldOf(row: Row, field: string, remedy: string): unknown {
  if (has(row, field)) return row.fields[field];
  const known = Object.keys(row.fields).map((name) => JSON.stringify(name));
  return wrong(field, `is missing; the line has ${known.length === 0 ? 'no fields' : known.join(', ')}`, remedy);
}

export interface Range {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** A finite number in a range. */
export function numberOf(row: Row, field: string, remedy: string, range: Range = {}): number {
  return checked(fieldOf(row, field, remedy), field, remedy, range);
}

function checked(value: unknown, field: string, remedy: string, { min, max, integer }: Range): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(field, `is ${inWords(value)}, not a number`, remedy);
  if (integer === true && !Number.isInteger(value)) return wrong(field, `is ${value}, not a whole number`, remedy);
  if (min !== undefined && value < min) return wrong(field, `is ${value}, below ${min}`, remedy);
  if (max !== undefined && value > max) return wrong(field, `is ${value}, above ${max}`, remedy);
  return value;
}

/** true or false; 1 and 0 are taken too. */
export function flagOf(row: Row, field: string, remedy: string): boolean {
  const value = fieldOf(row, field, remedy);
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  return wrong(field, `is ${inWords(value)}, neither true nor false`, remedy);
}

/** A list of numbers, not empty. */
export function numbersOf(row: Row, field: string, remedy: string, range: Range = {}): number[] {
  return checkedList(fieldOf(row, field, remedy), field, remedy, range);
}

function checkedList(value: unknown, field: string, remedy: string, range: Range): number[] {
  if (!Array.isArray(value)) return wrong(field, `is ${inWords(value)}, not a list`, remedy);
  if (value.length === 0) return wrong(field, 'is an empty list', remedy);
  return value.map((entry: unknown, i) => checked(entry, `${field}[${i}]`, remedy, range));
}

/** A tensor of one or two dimensions. */
export interface Tensor {
  readonly values: number[];
  /** [n] or [rows, columns] */
  readonly shape: readonly number[];
}

/** A list of numbers, or a list of rows of one length. */
export function tensorOf(row: Row, field: string, remedy: string): Tensor {
  const value = fieldOf(row, field, remedy);
  if (!Array.isArray(value) || !Array.isArray(value[0])) {
    const values = checkedList(value, field, remedy, {});
    return { values, shape: [values.length] };
  }
  const rows = value.map((entry: unknown, i) => checkedList(entry, `${field}[${i}]`, remedy, {}));
  const columns = rows[0]?.length ?? 0;
  const ragged = rows.findIndex(({ length }) => length !== columns);
  if (ragged !== -1) wrong(`${field}[${ragged}]`, `has ${rows[ragged]?.length} entries where the first row has ${columns}`, remedy);
  return { values: rows.flat(), shape: [rows.length, columns] };
}

export function inWords(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return String(value);
  return { string: 'a text', boolean: 'true or false' }[typeof value as string] ?? 'an object';
}
