/**
 * Datasets in: JSON Lines in each dataset type of TRL, one object to a line, plain or conversational.
 *
 * A conversation is read as the contents of its messages, one message to a line, without roles: a character model of this size has
 * nothing to learn from a chat template. A prompt that is a conversation ends with a line break.
 */
import type { Dataset, DatasetKind, DatasetRow } from '../core/world';

/** A line that was left out. Lines are counted from 1, as an editor does. */
export interface LineProblem {
  readonly line: number;
  readonly reason: string;
}

export interface ParsedDataset {
  /** The usable rows; null where `error` says why there are none. */
  readonly dataset: Dataset | null;
  /** Distinct characters in the usable rows; a vocabulary has three special tokens more. */
  readonly characters: number;
  /** The first 200 lines that were left out. */
  readonly problems: readonly LineProblem[];
  /** All lines that were left out. */
  readonly problemCount: number;
  /** Why nothing of the file can be used, as a sentence for the reader. */
  readonly error: string | null;
}

export const MAX_BYTES = 64 * 2 ** 20;
export const MAX_CHARACTERS = 2000;
const LISTED_PROBLEMS = 200;

const KIND_NAMES: Readonly<Record<DatasetKind, string>> = {
  'language-modeling': 'text alone',
  'prompt-completion': 'prompt and completion',
  preference: 'chosen and rejected',
  unpaired: 'completion and label',
  'prompt-only': 'prompt and answer',
};

/** Says why one line is left out. Not an Error: a file of a million bad lines would spend seconds on their stack traces. */
class BadLine {
  constructor(readonly reason: string) {}
}

/**
 * Reads a JSONL file. The first usable line decides the kind of the dataset; lines of another kind are left out like bad ones.
 * Blank lines are skipped. Never throws for what the file contains.
 */
export function parseDataset(name: string, bytes: Uint8Array): ParsedDataset {
  const decoded = decodeText(bytes);
  if ('error' in decoded) return failed(decoded.error);
  if (isList(decoded.text)) {
    return failed(
      'The file is one JSON list. Put each object on a line of its own, without the brackets around the list and the commas between the objects.',
    );
  }
  const problems: LineProblem[] = [];
  const rows: DatasetRow[] = [];
  let problemCount = 0;
  let kind: DatasetKind | null = null;
  const lines = decoded.text.split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      const parsed = parseLine(line);
      kind ??= parsed.kind;
      if (parsed.kind !== kind) throw new BadLine(`has ${KIND_NAMES[parsed.kind]}, but the lines before it have ${KIND_NAMES[kind]}`);
      rows.push(parsed.row);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      problemCount += 1;
      if (problems.length < LISTED_PROBLEMS) problems.push({ line: index + 1, reason: error.reason });
    }
  }
  if (kind === null)
    return { dataset: null, characters: 0, problems, problemCount, error: whyNothing(decoded.text, problems, problemCount) };
  const characters = countCharacters(rows);
  if (characters > MAX_CHARACTERS) {
    const found = characters.toLocaleString('en');
    const error = `The file uses ${found} different characters; a character-level vocabulary here holds at most ${MAX_CHARACTERS.toLocaleString('en')}.`;
    return { dataset: null, characters, problems, problemCount, error };
  }
  return { dataset: { id: contentId(bytes), name, kind, rows }, characters, problems, problemCount, error: null };
}

const failed = (error: string): ParsedDataset => ({ dataset: null, characters: 0, problems: [], problemCount: 0, error });

function decodeText(bytes: Uint8Array): { readonly text: string } | { readonly error: string } {
  if (bytes.length === 0) return { error: 'The file is empty.' };
  if (bytes.length > MAX_BYTES) {
    return { error: `The file has ${Math.ceil(bytes.length / 2 ** 20)} MB; at most ${MAX_BYTES / 2 ** 20} MB can be loaded.` };
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { error: 'The file is encoded as UTF-16. Save it as UTF-8 and load it again.' };
  }
  if (bytes.includes(0)) return { error: 'The file is binary, not text. What is needed is JSON Lines: one JSON object on each line.' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { error: 'The file is not encoded as UTF-8. Save it as UTF-8 and load it again.' };
  }
}

/** The sentence for a file without one usable line. */
function whyNothing(text: string, problems: readonly LineProblem[], count: number): string {
  const [first] = problems;
  if (first === undefined) return 'The file is empty: it has nothing but blank lines.';
  if (count > 1 && parsesAs(text, (value) => typeof value === 'object')) {
    return 'The file is one JSON object over several lines. Put each object on a line of its own.';
  }
  const lines = count === 1 ? 'The only line cannot be used' : `None of the ${count.toLocaleString('en')} lines can be used`;
  return `${lines}. Line ${first.line}: ${first.reason}.`;
}

/** A list is told by its first character, so that a good file is not parsed twice. */
const isList = (text: string): boolean => /^\s*\[/.test(text) && parsesAs(text, Array.isArray);

function parsesAs(text: string, test: (value: unknown) => boolean): boolean {
  try {
    return test(JSON.parse(text));
  } catch {
    return false;
  }
}

function parseLine(line: string): { readonly kind: DatasetKind; readonly row: DatasetRow } {
  if (!/^\s*\{/.test(line)) throw new BadLine('is not a JSON object in braces');
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    throw new BadLine('is not valid JSON');
  }
  const has = (field: string): boolean => Object.hasOwn(fields, field);
  if (has('chosen') || has('rejected')) return { kind: 'preference', row: preferenceRow(fields, has('prompt')) };
  const prompt = has('prompt') ? textOf(fields, 'prompt', true) : '';
  if (has('label')) return { kind: 'unpaired', row: { prompt, completion: textOf(fields, 'completion'), label: labelOf(fields) } };
  if (has('completion')) {
    if (!has('prompt')) throw new BadLine('has a completion but neither a prompt nor a label');
    return { kind: 'prompt-completion', row: { prompt, completion: textOf(fields, 'completion') } };
  }
  if (has('prompt')) {
    if (!has('answer')) throw new BadLine('has a prompt but nothing to learn from: add a completion, chosen and rejected, or an answer');
    return { kind: 'prompt-only', row: { prompt, answer: answerOf(fields) } };
  }
  if (has('messages')) return { kind: 'language-modeling', row: { prompt: '', completion: textOf(fields, 'messages') } };
  if (has('text')) return { kind: 'language-modeling', row: { prompt: '', completion: textOf(fields, 'text') } };
  const found = Object.keys(fields).slice(0, 5);
  const list = found.length === 0 ? 'none' : found.map((field) => JSON.stringify(field)).join(', ');
  throw new BadLine(`has no field that is known here, such as prompt, completion, chosen, rejected, text or messages; found ${list}`);
}

interface Message {
  readonly role: string;
  readonly content: string;
}

/** A message list as it stands in a field. @throws BadLine for anything else. */
function messagesOf(value: readonly unknown[], field: string): Message[] {
  return value.map((entry, i) => {
    const message = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
    if (typeof message.role !== 'string' || typeof message.content !== 'string') {
      throw new BadLine(`"${field}": message ${i + 1} needs a role and a content, both texts`);
    }
    return { role: message.role, content: message.content };
  });
}

const joined = (messages: readonly Message[]): string => messages.map((message) => message.content).join('\n');

/** A text field, or the rendering of a conversation. @throws BadLine where it is missing, of another type, or empty. */
function textOf(fields: Record<string, unknown>, field: string, isPrompt = false): string {
  const value = fields[field];
  if (value === undefined) throw new BadLine(`lacks "${field}"`);
  let text: string;
  if (Array.isArray(value)) text = joined(messagesOf(value, field));
  else if (typeof value === 'string' && field !== 'messages') text = value;
  else {
    const wanted = field === 'messages' ? 'a list of messages' : 'a text or a list of messages';
    throw new BadLine(`"${field}" should be ${wanted}, but is ${inWords(value)}`);
  }
  if (text === '') throw new BadLine(`"${field}" is empty`);
  return isPrompt && Array.isArray(value) ? `${text}\n` : text;
}

function labelOf(fields: Record<string, unknown>): boolean {
  if (typeof fields.label !== 'boolean') throw new BadLine(`"label" should be true or false, but is ${inWords(fields.label)}`);
  return fields.label;
}

function answerOf(fields: Record<string, unknown>): string {
  return typeof fields.answer === 'number' ? String(fields.answer) : textOf(fields, 'answer');
}

/** A pair; where there is no prompt it is what both begin with, as in TRL's implicit-prompt form. */
function preferenceRow(fields: Record<string, unknown>, explicit: boolean): DatasetRow {
  const chosen = textOf(fields, 'chosen');
  const rejected = textOf(fields, 'rejected');
  if (chosen === rejected) throw new BadLine('"chosen" and "rejected" are the same');
  if (explicit) return { prompt: textOf(fields, 'prompt', true), chosen, rejected };
  if (Array.isArray(fields.chosen) && Array.isArray(fields.rejected)) {
    return splitConversations(messagesOf(fields.chosen, 'chosen'), messagesOf(fields.rejected, 'rejected'));
  }
  const ours = Array.from(chosen);
  const theirs = Array.from(rejected);
  const shared = sharedPrefix(ours, theirs, (a, b) => a === b);
  return { prompt: ours.slice(0, shared).join(''), chosen: ours.slice(shared).join(''), rejected: theirs.slice(shared).join('') };
}

function splitConversations(chosen: readonly Message[], rejected: readonly Message[]): DatasetRow {
  const shared = sharedPrefix(chosen, rejected, (a, b) => a.role === b.role && a.content === b.content);
  const prompt = shared === 0 ? '' : `${joined(chosen.slice(0, shared))}\n`;
  const row = { prompt, chosen: joined(chosen.slice(shared)), rejected: joined(rejected.slice(shared)) };
  if (row.chosen === '' || row.rejected === '') throw new BadLine(`"${row.chosen === '' ? 'chosen' : 'rejected'}" is empty`);
  if (row.chosen === row.rejected) throw new BadLine('"chosen" and "rejected" are the same');
  return row;
}

/** Length of the longest common prefix that leaves something of both lists. */
function sharedPrefix<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): number {
  const limit = Math.min(a.length, b.length) - 1;
  let n = 0;
  while (n < limit && same(a[n] as T, b[n] as T)) n += 1;
  return n;
}

function inWords(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'an object';
}

/** Distinct code points in all rows. */
function countCharacters(rows: readonly DatasetRow[]): number {
  const seen = new Uint8Array(0x110000);
  let count = 0;
  for (const row of rows) {
    for (const text of [row.prompt, row.completion, row.chosen, row.rejected, row.answer]) {
      if (text === undefined) continue;
      for (let i = 0; i < text.length; i++) {
        const point = text.codePointAt(i) as number;
        if (point > 0xffff) i += 1;
        if (seen[point] === 0) {
          seen[point] = 1;
          count += 1;
        }
      }
    }
  }
  return count;
}

/** Sixteen hex digits that depend on every byte: FNV-1a and FNV-1, 32 bits each. */
function contentId(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b, 0x01000193) ^ byte;
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
