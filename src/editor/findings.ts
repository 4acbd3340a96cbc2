/** What is wrong with a text: what TypeScript and the worker have found, as one list in the order of the lines. */
import type { OwnChecked } from '../core/own';
import type { Trouble } from './language/service';

export interface Finding {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Offsets in the text. */
  readonly from: number;
  readonly to: number;
  readonly message: string;
  /** Types do not keep a text from running. */
  readonly fatal: boolean;
}

/** How far the check of a text is. Null stands for an answer that is still to come. */
export interface Verdict {
  readonly types: readonly Trouble[] | null;
  /** `unasked` where there is no worker to say it. */
  readonly checked: OwnChecked | 'unasked' | null;
}

/** One list without repetitions: a syntax error has no other beside it, and a line's type error speaks for the line. */
export function findingsIn(text: string, { types, checked }: Verdict): Finding[] {
  const lines = text.split('\n');
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  const lineAt = (offset: number): number => starts.findLastIndex((begin) => begin <= offset) + 1;

  const syntax = types?.some(({ kind }) => kind === 'syntax') ?? false;
  const typed = (types ?? []).map(({ from, to, message, kind }): Finding => {
    const line = lineAt(from);
    return { line, column: from - (starts[line - 1] ?? 0) + 1, from, to, message, fatal: kind === 'syntax' };
  });
  const errors = checked === null || checked === 'unasked' || syntax ? [] : checked.errors;
  const run = errors.map(({ line: at, column, message }): Finding => {
    const line = Math.min(Math.max(at, 1), lines.length);
    const [begin, length] = [starts[line - 1] ?? 0, lines[line - 1]?.length ?? 0];
    const from = begin + Math.min(Math.max(column - 1, 0), length);
    return { line, column, from, to: begin + length, message, fatal: true };
  });
  // The first line is also where an error is put that has no place of its own.
  const told = new Set(typed.map(({ line }) => line).filter((line) => line > 1));
  const rest = run.filter(({ line }) => !told.has(line));
  // Of several like it on a line, the first.
  const once = new Map([...typed, ...rest].reverse().map((finding) => [`${finding.line} ${finding.message}`, finding]));
  return [...once.values()].sort((a, b) => a.from - b.from);
}

/** The state of a text in a few words. */
export function verdictInWords(verdict: Verdict, findings: readonly Finding[]): string {
  const { types, checked } = verdict;
  if (checked === null || types === null) return 'checking';
  if (findings.length > 0) {
    const count = `${findings.length} ${findings.length === 1 ? 'error' : 'errors'}`;
    return runs(verdict) ? `${count} of type; it runs` : count;
  }
  return checked === 'unasked' ? 'not checked: the lab is not ready' : 'checked: fine';
}

/** Whether the worker has run it and found nothing wrong. */
export const runs = ({ checked }: Verdict): boolean => checked !== null && checked !== 'unasked' && checked.entry !== null;
