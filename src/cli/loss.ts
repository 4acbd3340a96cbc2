/**
 * `loss`: an objective's loss, diagnostics and gradients on a batch of one's own, to be held against another framework's. On the
 * cpu backend, which needs no device.
 */
import '@tensorflow/tfjs-backend-cpu';
// Bare tfjs-core knows no gradients.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { defaultsOf, type ParamSpec, resolveParams, SpecError } from '../core/params';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { advantagesOf, evaluate, type PlainBatch } from '../objectives/plain';
import { type Asked, fieldsOf, readBatch } from './loss-batch';
import { exampleOf } from './loss-example';
import { findObjective, settingsFrom } from './loss-names';
import { UsageError } from './usage';

const REGISTRY: Readonly<Record<string, Objective>> = OBJECTIVES;

/** Prints the loss of an objective on a batch from a file or standard input; without arguments, what there is. */
export async function loss(argv: readonly string[]): Promise<number> {
  process.stdout.write(await reply(argv, input));
  return 0;
}

/**
 * What the command prints.
 * @param read the text of a file, or of standard input where no file is named
 * @throws UsageError for a wrong call, SpecError that names the field of an input that cannot be used
 */
export async function reply(argv: readonly string[], read: (path: string | undefined) => Promise<string>): Promise<string> {
  const { positionals, json, example, help } = parse(argv);
  const [name, path, ...more] = positionals;
  if (name === undefined) return overview();
  const objective = findObjective(name);
  if (more.length > 0) throw new UsageError('loss: expected one objective and at most one file');
  if (help) return page(objective);
  const result = example ? exampleOf(objective) : lossOf(objective, parseInput(await read(path)));
  return `${json ? JSON.stringify(result) : laidOut(result)}\n`;
}

function parse(argv: readonly string[]): { positionals: string[]; json: boolean; example: boolean; help: boolean } {
  try {
    const options = { json: { type: 'boolean' }, example: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options });
    const { json = false, example = false, help = false } = values;
    return { positionals, json, example, help };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The text of a file, or of standard input where none is named. */
async function input(path: string | undefined): Promise<string> {
  if (path !== undefined && path !== '-') {
    return readFile(path, 'utf8').catch(() => {
      throw new SpecError('', `The file ${JSON.stringify(path)} cannot be read.`);
    });
  }
  if (process.stdin.isTTY === true) throw new UsageError('loss: expected a file, or a batch on standard input; --example prints one');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * What `loss` is given. NaN and Infinity, which Python writes and JSON does not know, are kept as texts, so that the field that
 * holds them can be named.
 * @throws SpecError where it is no JSON object
 */
function parseInput(text: string): unknown {
  try {
    return JSON.parse(text.replace(/-?\b(?:NaN|Infinity)\b/g, '"$&"'));
  } catch (error) {
    throw new SpecError('input', `expected JSON; ${(error as Error).message}`);
  }
}

/** The result of the command, as it is printed. */
type Result = Readonly<Record<string, unknown>>;

/**
 * Loss, terms, diagnostics and gradients.
 * @param given `{ params?, batch }`
 * @throws SpecError that names the field
 */
export function lossOf(objective: Objective, given: unknown): Result {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new SpecError('input', 'expected {"params", "batch"}');
  const unknown = Object.keys(given).find((key) => key !== 'params' && key !== 'batch');
  if (unknown !== undefined) throw new SpecError(unknown, 'no such field; known here: params, batch');
  const { params: settings, batch: fields } = given as { params?: unknown; batch?: unknown };
  const params = resolveParams(objective.params, settingsFrom(objective, settings), 'params') as never;
  const read = readBatch({ objective, params }, fields);
  // Else tfjs advises to install its native backend. The cpu backend is there without waiting.
  tf.env().set('PROD', true);
  tf.setBackend('cpu');
  const { batch, made } = withAdvantages({ objective, params }, read.batch, read.given);
  const { loss: value, gradient, gradients, diagnostics, terms, carry } = evaluate(objective, batch, params);
  const named = {
    ...(gradients.entropy.flat().some((g) => g !== 0) ? { entropy: gradients.entropy } : {}),
    ...(batch.kind === 'rollouts' && gradients.values !== null ? { values: gradients.values } : {}),
    ...(batch.kind !== 'rollouts' && gradients.scores !== null ? { scores: gradients.scores } : {}),
  };
  return {
    loss: value,
    ...(Object.keys(terms).length === 0 ? {} : { terms }),
    diagnostics,
    gradient: gradient.slice(0, read.rows),
    ...(Object.keys(named).length === 0 ? {} : { gradients: named }),
    ...made,
    ...(carry.length === 0 ? {} : { carry }),
    objective: objective.id,
    params,
  };
}

/** Gives a batch of samples the advantages and returns that were not given. */
function withAdvantages(
  { objective, params }: Asked,
  batch: PlainBatch,
  given: { readonly advantages: boolean; readonly returns: boolean },
): { batch: PlainBatch; made: Partial<Pick<PlainBatch, 'advantages' | 'returns'>> } {
  if (batch.kind !== 'rollouts') return { batch, made: {} };
  const found = given.advantages && (given.returns || batch.values === null) ? null : advantagesOf(objective, batch, params);
  const advantages = given.advantages || found === null ? batch.advantages : found.advantages;
  const returns = given.returns || found === null ? batch.returns : found.returns;
  return { batch: { ...batch, advantages, returns }, made: { advantages, ...(returns === null ? {} : { returns }) } };
}

/** Every objective with what it reads. */
function overview(): string {
  const lines = Object.values(REGISTRY).map((objective) => {
    const params = defaultsOf(objective.params);
    const fields = Object.entries(fieldsOf({ objective, params: params as never }));
    const needed = fields.filter(([, { otherwise }]) => otherwise === undefined).map(([name]) => name);
    const optional = fields.filter(([, { otherwise }]) => otherwise !== undefined).map(([name]) => name);
    const settings = Object.entries(params).map(([key, value]) => `${key}=${value}`);
    return [
      `${objective.id.padEnd(20)} ${objective.title}`,
      `    reads ${needed.join(', ')}; may read ${optional.join(', ')}`,
      ...(settings.length === 0 ? [] : [`    ${settings.join(', ')}`]),
    ].join('\n');
  });
  return [
    ...lines,
    '',
    'Input: {"params": {...}, "batch": {"logp": [[..]], ..}}; matrices are [R][T], R rows of T tokens.',
    'Pairs: all chosen, then all rejected rows. `lab loss <objective> --example` prints an input that works.',
    '',
  ].join('\n');
}

/** What one objective reads, its settings, and where frameworks differ. */
function page(objective: Objective): string {
  const params = defaultsOf(objective.params) as never;
  const fields = Object.entries(fieldsOf({ objective, params })).map(
    ([name, { says, otherwise }]) => `  ${name.padEnd(15)} ${says}${otherwise === undefined ? '' : ` (left out: ${otherwise})`}`,
  );
  const settings = Object.entries(objective.params).map(([name, spec]) => `  ${name} = ${spec.default}: ${spec.help}${valuesOf(spec)}`);
  return [
    `${objective.title}. ${objective.summary}`,
    ...(objective.differs === undefined ? [] : ['', objective.differs]),
    '',
    'batch, with these settings:',
    ...fields,
    ...(settings.length === 0 ? [] : ['', 'params:', ...settings]),
    ...(objective.paper === undefined ? [] : ['', `${objective.paper.title}, ${objective.paper.url}`]),
    '',
  ].join('\n');
}

const valuesOf = (spec: ParamSpec): string =>
  spec.kind === 'choice'
    ? ` One of ${spec.options.map(({ value }) => value).join(', ')}.`
    : spec.kind === 'number'
      ? ` From ${spec.min} to ${spec.max}.`
      : '';

/** JSON with a row of a matrix on a line. */
function laidOut(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.some(Array.isArray)) {
    return `[\n${value.map((row) => `${inner}${laidOut(row, inner)}`).join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    const entries = Object.entries(value).map(([key, entry]) => `${inner}${JSON.stringify(key)}: ${laidOut(entry, inner)}`);
    return `{\n${entries.join(',\n')}\n${indent}}`;
  }
  return JSON.stringify(value);
}
