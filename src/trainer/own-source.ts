/** A reader's TypeScript as JavaScript that keeps its place: what goes wrong in it is said by line and column of the source. */
import { getFormattedTokens, transform } from 'sucrase';
import type { OwnError } from '../core/own';

/** JavaScript, and where each of its places lies in the source. */
export interface Stripped {
  /** A script with the free names `exports` and `require`. */
  readonly code: string;
  /** The place in the source, line and column from 1, of a place in the code. */
  placeOf(line: number, column: number): { line: number; column: number };
}

/** What is wrong with a source; at least one. */
export class OwnFault extends Error {
  override readonly name = 'OwnFault';
  constructor(readonly errors: readonly OwnError[]) {
    super(errors.map(({ line, message }) => `Line ${line}: ${message}`).join(' '));
  }
}

export const fault = (message: string, line = 1, column = 1): OwnFault => new OwnFault([{ line, column, message }]);

const TYPESCRIPT = { transforms: ['typescript' as const, 'imports' as const], disableESTransforms: true };

/** Takes the types off. @throws OwnFault for what is no TypeScript, and for imports that run at any time */
export function strip(source: string): Stripped {
  try {
    refuseLateImports(source);
    const { code, sourceMap } = transform(source, { ...TYPESCRIPT, sourceMapOptions: { compiledFilename: 'own.js' }, filePath: 'own.ts' });
    const segments = decode(sourceMap?.mappings ?? '');
    return {
      code,
      placeOf(line, column) {
        const here = segments[line - 1]?.findLast((segment) => segment.generated <= column - 1);
        return here === undefined ? { line, column: 1 } : { line: here.line + 1, column: here.column + 1 };
      },
    };
  } catch (error) {
    throw error instanceof OwnFault ? error : syntaxFault(error);
  }
}

/** The line that declares a member, such as `loss`; 1 where none is found. */
export function lineOf(source: string, member: string): number {
  const lines = source.split('\n');
  return lines.findIndex((line) => new RegExp(`^\\s*(?:['"]?)${member}(?:['"]?)\\s*[(:,]`).test(line)) + 1 || 1;
}

/** `import(...)` and `import.meta` reach outside; the parser tells them from words in a text. */
function refuseLateImports(source: string): void {
  const tokens = [...getFormattedTokens(source, TYPESCRIPT).matchAll(/^(\d+):(\d+)-\d+:\d+ +(\S+) +(\S*)/gm)];
  for (const [i, [, line, column, , text]] of tokens.entries()) {
    const [before, next] = [tokens[i - 1]?.[3], tokens[i + 1]?.[3]];
    if (text !== 'import' || before === '.' || before === '?.' || (next !== '(' && next !== '.')) continue;
    const what = next === '(' ? 'import(...)' : 'import.meta';
    throw fault(`Modules are imported at the top of the file: ${what} is not possible here.`, Number(line), Number(column));
  }
}

/** The parser's errors hold their place, also at the end of their message. */
function syntaxFault(error: unknown): OwnFault {
  const message = error instanceof Error ? error.message : String(error);
  const [, what = message, line = '1', column = '1'] =
    /^(?:Error transforming [^:]*: )?([\s\S]*?)(?: \((\d+):(\d+)\))?$/.exec(message) ?? [];
  return fault(`${what.replace(/\.$/, '')}.`, Number(line), Number(column));
}

interface Segment {
  readonly generated: number;
  readonly line: number;
  readonly column: number;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The segments of a source map by generated line, all from 0. Source: ECMA-426, VLQ in base 64. */
function decode(mappings: string): Segment[][] {
  let [line, column] = [0, 0];
  return mappings.split(';').map((group) => {
    let generated = 0;
    return group.split(',').flatMap((segment) => {
      const [toGenerated, , toLine, toColumn] = numbers(segment);
      if (toGenerated === undefined || toLine === undefined || toColumn === undefined) return [];
      generated += toGenerated;
      line += toLine;
      column += toColumn;
      return [{ generated, line, column }];
    });
  });
}

function numbers(segment: string): number[] {
  const found: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    found.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return found;
}
