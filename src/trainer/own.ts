/** A reader's own objective or reward, from TypeScript to an entry like those of the registries. */
import { RunFailure } from '../core/events';
import type { OwnKind } from '../core/own';
import { SpecError } from '../core/params';
import type { Reward } from '../core/reward';
import type { Choice } from '../core/spec';
import type { Objective } from '../objectives/objective';
import { runDry, scoreDry } from './own-dry';
import { guarded, mayRunOwn } from './own-guard';
import { ownModule } from './own-modules';
import { assertObjective, assertReward } from './own-shape';
import { fault, OwnFault, type Stripped, strip } from './own-source';

interface Kinds {
  objective: Objective;
  reward: Reward;
}

let compiled = 0;

/** Taken here: where own code runs, no function is made from text later. */
const FromText = Function;

/**
 * Compiles a source. The entry's functions pass the guard at each call, and what they throw is an `OwnFault` with its place.
 * @throws OwnFault where the source cannot be compiled, or is not one whole objective or reward
 */
export function compileOwn<K extends OwnKind>(kind: K, source: string): Kinds[K] {
  if (!mayRunOwn()) throw fault('Code of one’s own does not run here.');
  const stripped = strip(source);
  compiled += 1;
  const name = `own-${compiled}.ts`;
  const call = <T>(work: () => T): T => {
    const limit = Error.stackTraceLimit;
    // The reader's line lies below many of the library's.
    Error.stackTraceLimit = 100;
    try {
      return guarded(work);
    } catch (error) {
      throw isTheLabs(error) ? error : located(error, stripped, name);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
  const exported = call(() => evaluated(kind, stripped.code, name, call));
  return guardedEntry(theOne(kind, exported, source), call);
}

/** What the source exports. */
function evaluated(kind: OwnKind, code: string, name: string, call: <T>(work: () => T) => T): Record<string, unknown> {
  const exports: Record<string, unknown> = {};
  // Made from text, it sees none of this module's names.
  const script = new FromText('exports', 'require', `${code}\n//# sourceURL=${name}`);
  script(exports, (specifier: string) => ownModule(kind, specifier, call));
  return exports;
}

/** Lines that the engine puts before the text of a function. */
function headLines(): number {
  const probe = new FromText('exports', 'require', 'return new Error().stack\n//# sourceURL=own-probe.ts');
  return Number(/own-probe\.ts:(\d+)/.exec(String(probe()))?.[1] ?? 1) - 1;
}

/** The one objective or reward among the exports; `export default` wins. */
function theOne<K extends OwnKind>(kind: K, exports: Record<string, unknown>, source: string): Kinds[K] {
  const member = kind === 'objective' ? 'loss' : 'score';
  const isEntry = (value: unknown): boolean => typeof value === 'object' && value !== null && member in value;
  const found = isEntry(exports.default) ? [exports.default] : [...new Set(Object.values(exports).filter(isEntry))];
  if (found.length !== 1) {
    const define = kind === 'objective' ? 'defineObjective' : 'defineReward';
    const how = found.length === 0 ? `exports no ${kind}` : `exports ${found.length} ${kind}s`;
    throw fault(`The file ${how}. It has to export exactly one, as in: export const mine = ${define}({ ... }).`);
  }
  if (kind === 'objective') assertObjective(found[0], source);
  else assertReward(found[0], source);
  return found[0] as Kinds[K];
}

/** The entry with its functions behind the guard. */
function guardedEntry<E extends object>(entry: E, call: <T>(work: () => T) => T): E {
  const members = Object.entries(entry).map(([key, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [key, value];
    return [key, (...given: unknown[]) => call(() => Reflect.apply(value, entry, given))];
  });
  return Object.fromEntries(members) as E;
}

/** What others have to hear as it is: that a setting does not fit, and, for the fuser, that an op does not fit into one shader. */
const isTheLabs = (error: unknown): boolean =>
  error instanceof OwnFault ||
  error instanceof RunFailure ||
  error instanceof SpecError ||
  (error instanceof Error && (error.name === 'NotFusable' || /^Kernel '.*' not registered for backend 'lab-trace'/.test(error.message)));

/** An error as a sentence at the innermost line of the source that it came through. */
function located(error: unknown, { placeOf }: Stripped, name: string): OwnFault {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, line, column] = new RegExp(`${name.replace('.', '\\.')}:(\\d+):(\\d+)`).exec(stack) ?? [];
  const place = line === undefined ? { line: 1, column: 1 } : placeOf(Number(line) - headLines(), Number(column));
  return fault(inWords(message), place.line, place.column);
}

/** An engine's message as a sentence for the reader. */
function inWords(message: string): string {
  const text = message.trim().replace(/\.$/, '');
  // The second is what tfjs says where it looks for the values of a tensor that has none any more.
  if (/Tensor is disposed/.test(text) || /\bundefined\b.*\bbackend\b|\bbackend\b.*\bundefined\b/.test(text)) {
    return 'A tensor is used that has been disposed of. Leave freeing to the lab: all tensors of a call are freed when it is over.';
  }
  const missing = /gradient function not found for (\w+)/.exec(text)?.[1];
  if (missing !== undefined) return `Not differentiable: tfjs knows no gradient of ${missing}.`;
  if (/^Cannot compute gradient of y=f\(x\)/.test(text))
    return 'Not differentiable: the loss does not depend on logp, entropy or the head.';
  const kernel = /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(text);
  if (kernel !== null) return `The op ${kernel[1]} does not exist on ${kernel[2]}.`;
  return `${text}.`;
}

/**
 * What a run does with a choice that brings its source. It is run dry first: what is wrong shall be said, and not charted.
 * @throws SpecError at `where`
 */
export function ownEntry<K extends OwnKind>(kind: K, { id, source = '' }: Choice, where: string): Kinds[K] {
  try {
    const entry = compileOwn(kind, source);
    if (kind === 'objective') runDry(entry as Objective, source);
    else scoreDry(entry as Reward, source);
    return { ...entry, id };
  } catch (error) {
    if (error instanceof OwnFault) throw new SpecError(where, error.message);
    throw error;
  }
}
