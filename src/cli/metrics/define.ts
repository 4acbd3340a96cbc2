/** What a metric of the command line is. */
import { type Flaw, type Row, readRows } from './rows';

export type Precision = 'f32' | 'bf16';

/** Settings by their option; those that a metric does not read are refused. */
export interface Settings {
  readonly k?: number;
  readonly n?: number;
  readonly bins?: number;
  readonly by: 'words' | 'characters';
  readonly vocabulary?: number;
  readonly modes?: number;
  readonly threshold: number;
  readonly tolerance: number;
  readonly as?: Precision;
  readonly t: number;
}

export type Option = keyof Settings;

export type Detail = number | string | null | readonly number[] | readonly Readonly<Record<string, Cell>>[];
export type Cell = number | string | null | readonly number[] | readonly (readonly number[])[];

export interface Answer {
  /** NaN where it has no meaning for this input; then the note says why. */
  readonly value: number;
  /** Whatever belongs beside the value, by its name in JSON. */
  readonly details?: Readonly<Record<string, Detail>>;
  readonly note?: string;
}

/** A metric that reads rows of one's own. */
export interface MetricEntry {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly title: string;
  /** The fields of a line, in words. */
  readonly reads: string;
  /** Lines to begin from. */
  readonly examples: readonly string[];
  readonly options: readonly Option[];
  /** More for `--help`: rules and defaults. */
  readonly rule: string;
  /** @throws InputError with a sentence for each line that cannot be used */
  answer(rows: readonly (Row | Flaw)[], settings: Settings): Answer;
}

interface Definition<T> extends Omit<MetricEntry, 'answer' | 'aliases' | 'options'> {
  readonly aliases?: readonly string[];
  readonly options?: readonly Option[];
  /** @throws FieldError */
  read(row: Row, settings: Settings): T;
  /** @throws InputError */
  compute(items: readonly T[], settings: Settings): Answer;
}

/** Keeps the type of the rows between reading and computing. */
export const defineEntry = <T>({ read, compute, aliases = [], options = [], ...rest }: Definition<T>): MetricEntry => ({
  ...rest,
  aliases,
  options,
  answer: (rows, settings) =>
    compute(
      readRows(rows, (row) => read(row, settings)),
      settings,
    ),
});

/** The mean of some numbers; NaN of none. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Items by key, in the order in which the keys came. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
