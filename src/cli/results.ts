/** `results`: the recorded results as a Markdown table, for the README. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../core/result';
import { experiments } from './experiments';
import { UsageError } from './usage';

const DEFAULT_DIRECTORY = 'public/results';

/** Prints a row per claim of every recorded experiment. */
export async function results(argv: readonly string[]): Promise<number> {
  const [directory = DEFAULT_DIRECTORY, ...more] = argv;
  if (more.length > 0) throw new UsageError('results: expected at most one directory');
  const names = await readdir(directory).catch(() => {
    throw new UsageError(`${directory} cannot be read.`);
  });
  const recorded = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as Result),
  );
  const order = new Map(experiments().map(({ id, order }) => [id, order]));
  recorded.sort((a, b) => (order.get(a.target) ?? 0) - (order.get(b.target) ?? 0));
  const lines = ['| experiment | claim | effect [95 %] | seeds | verdict |', '|---|---|---|---|---|', ...recorded.flatMap(rowsOf)];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function rowsOf({ target, outcomes }: Result): string[] {
  return outcomes.map(({ claim, mean, interval, effects, verdict }) => {
    const range = interval.map((bound) => bound.toFixed(3)).join(', ');
    return `| \`${target}\` | ${claim.text} | ${mean.toFixed(3)} [${range}] | ${effects.length} | ${verdict} |`;
  });
}
