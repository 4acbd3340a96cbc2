/** Whether what a reader's source exports is a whole objective or reward. What is missing is said at the line where it belongs. */
import { type DataKind, FAMILIES } from '../core/catalogue';
import { CHARTS } from '../core/charts';
import { checkParam, type ParamSpec, resolveParams } from '../core/params';
import { TRAINING } from '../core/spec';
import { BLOCKS } from '../objectives/plain';
import { fault, lineOf } from './own-source';

type Fields = Readonly<Record<string, unknown>>;

const FUNCTIONS = {
  objective: ['needsHead', 'teachers', 'opponent', 'chosenSeesText', 'advantages', 'returns', 'optimum'],
  reward: ['needs'],
} as const;

/** @throws OwnFault */
export function assertObjective(entry: unknown, source: string): void {
  const fields = entry as Fields;
  const wrong = faults(source);
  for (const key of ['title', 'summary', 'formula']) if (!isText(fields[key])) throw wrong(key, 'expected a text');
  if (!isOneOf(fields.data, BLOCKS)) throw wrong('data', `expected one of ${Object.keys(BLOCKS).join(', ')}`);
  if (!isOneOf(fields.family, FAMILIES)) throw wrong('family', `expected one of ${Object.keys(FAMILIES).join(', ')}`);
  assertPaper(fields.paper, wrong);
  assertParams(fields.params, source);
  assertDiagnostics(fields.diagnostics, source);
  for (const key of ['loss', 'needsReference']) if (typeof fields[key] !== 'function') throw wrong(key, 'expected a function');
  assertFunctions(fields, FUNCTIONS.objective, wrong);
  const data = fields.data as DataKind;
  if (data === 'rollouts' && fields.advantages === undefined) throw wrong('data', 'rollouts need a function advantages');
  assertTraining(fields.training, source);
  const { baseline, draws, carries } = fields;
  if (baseline !== undefined && baseline !== 'greedy') throw wrong('baseline', "expected 'greedy', or nothing");
  if (draws !== undefined && draws !== true) throw wrong('draws', 'expected true, or nothing');
  if (carries !== undefined && !(Array.isArray(carries) && carries.every(Number.isFinite)))
    throw wrong('carries', 'expected finite numbers');
}

/** @throws OwnFault */
export function assertReward(entry: unknown, source: string): void {
  const fields = entry as Fields;
  const wrong = faults(source);
  for (const key of ['title', 'summary', 'source']) if (!isText(fields[key])) throw wrong(key, 'expected a text');
  assertParams(fields.params, source);
  if (!isRecord(fields.parts) || !Object.values(fields.parts).every(isText)) throw wrong('parts', 'expected a sentence for each part');
  if (typeof fields.score !== 'function') throw wrong('score', 'expected a function');
  assertFunctions(fields, FUNCTIONS.reward, wrong);
}

type Faults = (key: string, what: string) => Error;

const faults =
  (source: string): Faults =>
  (key, what) =>
    fault(`${key}: ${what}.`, lineOf(source, key));

const isText = (value: unknown): boolean => typeof value === 'string';
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isOneOf = (value: unknown, names: object): boolean => typeof value === 'string' && Object.hasOwn(names, value);

function assertFunctions(fields: Fields, keys: readonly string[], wrong: Faults): void {
  for (const key of keys) if (fields[key] !== undefined && typeof fields[key] !== 'function') throw wrong(key, 'expected a function');
}

/** Its address becomes a link on the page. */
function assertPaper(paper: unknown, wrong: Faults): void {
  if (paper === undefined) return;
  if (!isRecord(paper) || !isText(paper.title) || !/^https?:\/\//.test(String(paper.url))) {
    throw wrong('paper', 'expected a title, and an address that begins with https://');
  }
}

function assertTraining(training: unknown, source: string): void {
  try {
    resolveParams(TRAINING, training, 'training');
  } catch (error) {
    throw fault(`${error instanceof Error ? error.message : String(error)}.`, lineOf(source, 'training'));
  }
}

function assertDiagnostics(diagnostics: unknown, source: string): void {
  if (!isRecord(diagnostics)) throw faults(source)('diagnostics', 'expected an object, which may be empty');
  for (const [key, spec] of Object.entries(diagnostics)) {
    if (isRecord(spec) && isText(spec.title) && isText(spec.help) && isOneOf(spec.chart, CHARTS)) continue;
    throw faults(source)(key, `expected a title, a help and a chart, one of ${Object.keys(CHARTS).join(', ')}`);
  }
}

function assertParams(params: unknown, source: string): void {
  if (!isRecord(params)) throw faults(source)('params', 'expected an object, which may be empty');
  for (const [key, spec] of Object.entries(params)) {
    const wrong = (what: string): Error => faults(source)(key, `this setting ${what}`);
    if (!isRecord(spec) || !isText(spec.title) || !isText(spec.help)) throw wrong('needs a title and a help, as in number({ ... })');
    const problem = problemOf(spec);
    if (problem !== null) throw wrong(problem);
    try {
      checkParam(spec as unknown as ParamSpec, spec.default, 'default');
    } catch (error) {
      throw wrong(`has a default that it does not admit: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function problemOf(spec: Fields): string | null {
  switch (spec.kind) {
    case 'number':
      return Number.isFinite(spec.min) && Number.isFinite(spec.max) ? null : 'needs a finite min and max';
    case 'choice': {
      const { options } = spec;
      const isOption = (option: unknown): boolean => isRecord(option) && isText(option.value) && isText(option.title);
      return Array.isArray(options) && options.length > 0 && options.every(isOption)
        ? null
        : 'needs options, each with a value and a title';
    }
    case 'flag':
    case 'text':
      return null;
    default:
      return 'is made by number, choice, flag or text of ../core/params';
  }
}
