/**
 * The reader's own file, character by character. What can be learned from it follows from its kind: texts, completions and completions
 * labelled true are demonstrations; labelled completions are judgements; chosen and rejected are pairs, and the chosen also
 * demonstrations; prompts with an answer can only be sampled for and scored.
 */
import { number, type Params, resolveParams, SpecError, text } from '../core/params';
import { hashText, type Rng } from '../core/rng';
import {
  BOS,
  type Dataset,
  type DatasetKind,
  type DatasetRow,
  EOS,
  type Example,
  type Split,
  type World,
  type WorldContext,
  type WorldInstance,
} from '../core/world';
import { encode, makeVocabulary } from './text';

const PARAMS = {
  dataset: text({ title: 'File', help: 'The loaded file, by its id.', default: '' }),
  maxLength: number({
    title: 'Longest row',
    help: 'Rows with more characters in prompt and completion together are left out. Longer rows cost more time and memory.',
    default: 128,
    min: 8,
    max: 512,
    integer: true,
    unit: 'tokens',
  }),
} as const;

const where = 'world.params.dataset';

/** The right completion of a row; undefined where it is labelled as wrong. */
function rightOf(kind: DatasetKind, row: DatasetRow): string | undefined {
  switch (kind) {
    case 'language-modeling':
    case 'prompt-completion':
      return row.completion;
    case 'preference':
      return row.chosen;
    case 'unpaired':
      return row.label === true ? row.completion : undefined;
    case 'prompt-only':
      return row.answer;
    default:
      return kind satisfies never;
  }
}

const textsOf = (row: DatasetRow): string[] =>
  [row.prompt, row.completion, row.chosen, row.rejected, row.answer].filter((value) => value !== undefined);

/** Characters by code point: UTF-16 units less one for each pair. */
function lengthOf(value = ''): number {
  let pairs = 0;
  for (let i = 0; i < value.length; i++) if ((value.codePointAt(i) as number) > 0xffff) pairs += 1;
  return value.length - pairs;
}

const promptLengthOf = (row: DatasetRow): number => 1 + lengthOf(row.prompt);

const completionLengthOf = (row: DatasetRow): number =>
  Math.max(lengthOf(row.completion), lengthOf(row.chosen), lengthOf(row.rejected), lengthOf(row.answer)) + 1;

/** The largest of a length over all rows. A file may have more rows than a call may have arguments. */
const longest = (rows: readonly DatasetRow[], of: (row: DatasetRow) => number): number =>
  rows.reduce((most, row) => Math.max(most, of(row)), 0);

/** Every character of the rows, in code point order. */
function charactersOf(rows: readonly DatasetRow[]): string[] {
  const seen = new Set<string>();
  for (const row of rows) for (const value of textsOf(row)) for (const character of value) seen.add(character);
  return [...seen].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number));
}

/**
 * Holds out a tenth of the prompts, and at least one, by their hash: rows of one prompt stay together. Where the file has no more than
 * one prompt, texts are held out instead; a file of a single row is its own test.
 */
function splitRows(rows: readonly DatasetRow[]): Record<Split, readonly DatasetRow[]> {
  const byPrompt = new Set(rows.map((row) => row.prompt)).size > 1;
  const keyOf = (row: DatasetRow): string => (byPrompt ? row.prompt : textsOf(row).join('\n'));
  const keys = [...new Set(rows.map(keyOf))].map((key) => ({ key, hash: hashText(key) }));
  if (keys.length === 1) return { train: rows, test: rows };
  keys.sort((a, b) => a.hash - b.hash || (a.key < b.key ? -1 : 1));
  const held = new Set(keys.slice(0, Math.max(1, Math.round(keys.length / 10))).map(({ key }) => key));
  return { train: rows.filter((row) => !held.has(keyOf(row))), test: rows.filter((row) => held.has(keyOf(row))) };
}

/** What the file gives as right for each prompt. */
function rightByPrompt(kind: DatasetKind, rows: readonly DatasetRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const right = new Map<string, Set<string>>();
  for (const row of rows) {
    const answer = rightOf(kind, row);
    if (answer === undefined) continue;
    const known = right.get(row.prompt);
    if (known === undefined) right.set(row.prompt, new Set([answer]));
    else known.add(answer);
  }
  return right;
}

/** The rows short enough to be used. @throws SpecError where there are none. */
function usableRows(dataset: Dataset, maxLength: number): DatasetRow[] {
  const rows = dataset.rows.filter((row) => promptLengthOf(row) + completionLengthOf(row) <= maxLength);
  if (rows.length === 0) {
    throw new SpecError('world.params.maxLength', `every row of ${dataset.name} is longer than ${maxLength} tokens; raise the limit`);
  }
  return rows;
}

function create(params: Params, context: WorldContext): WorldInstance {
  const { dataset: id, maxLength } = resolveParams(PARAMS, params, 'world.params');
  const dataset = context.dataset(id);
  if (dataset === undefined)
    throw new SpecError(where, id === '' ? 'load a file first' : 'the file of this run is not loaded; load it again');
  const { kind } = dataset;
  const rows = usableRows(dataset, maxLength);
  const split = splitRows(rows);
  const vocab = makeVocabulary(charactersOf(rows), '');
  const right = rightByPrompt(kind, rows);
  const exampleOf = (row: DatasetRow): Example => {
    const answer = rightOf(kind, row);
    return { prompt: [BOS, ...encode(vocab, row.prompt)], ...(answer === undefined ? {} : { answer }), data: row.prompt };
  };
  const write = (value: string | undefined): number[] => [...encode(vocab, value ?? ''), EOS];
  const demonstrable = {
    train: split.train.filter((row) => rightOf(kind, row) !== undefined),
    test: split.test.filter((row) => rightOf(kind, row) !== undefined),
  };
  const demonstrate = (rng: Rng, side: Split) => {
    // The held-out rows of a small file may all be labelled wrong.
    const row = rng.pick(demonstrable[side].length > 0 ? demonstrable[side] : demonstrable.train);
    return { example: exampleOf(row), completion: write(rightOf(kind, row)) };
  };
  const prefer = (rng: Rng, side: Split) => {
    const row = rng.pick(split[side]);
    return { example: exampleOf(row), chosen: write(row.chosen), rejected: write(row.rejected) };
  };
  const judge = (rng: Rng, side: Split) => {
    const row = rng.pick(split[side]);
    return { example: exampleOf(row), completion: write(row.completion), desirable: row.label === true };
  };
  return {
    vocab,
    promptLength: longest(rows, promptLengthOf),
    completionLength: longest(rows, completionLengthOf),
    sample: (rng, side) => exampleOf(rng.pick(split[side])),
    verify(example, completion) {
      const correct = completion.ended && right.get(example.data as string)?.has(completion.text) === true;
      return { correct, score: correct ? 1 : 0, parts: {} };
    },
    ...(kind !== 'prompt-only' && demonstrable.train.length > 0 ? { demonstrate } : {}),
    ...(kind === 'preference' ? { prefer } : {}),
    ...(kind === 'unpaired' ? { judge } : {}),
  };
}

/** A completion is right when the file gives it as right for that prompt; among texts without a prompt, when it is one of them. */
export const file: World = {
  id: 'file',
  title: 'Your file',
  summary: 'JSON Lines of your own, character by character. Conversations are read as the contents of their messages, one to a line.',
  policies: ['gpt'],
  rewards: ['exact-match'],
  params: PARAMS,
  suggested: {
    policy: { layers: 2, width: 64, heads: 4 },
    stages: [{ objective: 'sft', training: { steps: 500, batchSize: 32, lr: 0.003 } }],
  },
  create,
};
