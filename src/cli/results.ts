/** `results`: the recorded results as a Markdown table, for the README. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Claim } from '../core/experiment';
import type { Result, RunRecord } from '../core/result';
import { judge, nullClaim } from '../core/verdict';
import { experiments } from './experiments';
import { UsageError } from './usage';

const DEFAULT_DIRECTORY = 'public/results';

/** Prints a row per claim of every recorded experiment, then the engines beside each other where both were recorded. */
export async function results(argv: readonly string[]): Promise<number> {
  const [directory = DEFAULT_DIRECTORY, ...more] = argv;
  if (more.length > 0) throw new UsageError('results: expected at most one directory');
  const fused = await readAll(directory);
  if (fused === null) throw new UsageError(`${directory} cannot be read.`);
  print(['experiment', 'claim', 'effect [95 %]', 'null arm', 'seeds', 'verdict'], fused.flatMap(rowsOf));
  const composed = (await readAll(join(directory, 'composed'))) ?? [];
  const pairs = composed.flatMap((one) => fused.filter(({ target }) => target === one.target).map((other) => [other, one] as const));
  if (pairs.length === 0) return 0;
  process.stdout.write('\n');
  print(
    ['experiment', 'arm', 'measured', 'fused', 'composed', 'seeds', 'seconds a run, fused', 'composed'],
    pairs.flatMap(([one, other]) => comparedRows(one, other)),
  );
  return 0;
}

/** The results of a folder in the order of the experiments; null where there is no such folder. */
async function readAll(directory: string): Promise<Result[] | null> {
  const names = await readdir(directory).catch(() => null);
  if (names === null) return null;
  const recorded = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as Result),
  );
  const order = new Map(experiments().map(({ id, order }) => [id, order]));
  return recorded.sort((a, b) => (order.get(a.target) ?? 0) - (order.get(b.target) ?? 0));
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  process.stdout.write(`${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`);
}

const rowsOf = (result: Result): string[][] =>
  result.outcomes.map(({ claim, mean, interval, effects, verdict }) => [
    `\`${result.target}\``,
    claim.text,
    inNumbers(mean, interval),
    ofNullArm(claim, result),
    String(effects.length),
    verdict,
  ]);

const inNumbers = (mean: number, interval: readonly number[]): string =>
  `${mean.toFixed(3)} [${interval.map((bound) => bound.toFixed(3)).join(', ')}]`;

/** The effect that the null arm has in the same place; nothing where none was recorded. */
function ofNullArm(claim: Claim, { target, runs }: Result): string {
  const experiment = experiments().find(({ id }) => id === target);
  const ofNull = experiment === undefined ? null : nullClaim(claim, experiment);
  if (ofNull === null || !runs.some(({ arm }) => arm === ofNull.arm)) return '';
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  const byArm = arms.map(
    (arm) => [arm, runs.filter((run) => run.arm === arm).map((run) => (run.state === 'failed' ? null : run))] as const,
  );
  const { mean, interval } = judge(ofNull, Object.fromEntries(byArm));
  return inNumbers(mean, interval);
}

/** A row for every arm of a claim that both engines ran, over the seeds that both ran. */
function comparedRows(fused: Result, composed: Result): string[][] {
  const arms = new Map(fused.outcomes.map(({ claim }) => [claim.arm, claim.metric]));
  return [...arms].flatMap(([arm, metric]) => {
    const of = (result: Result, other: Result): RunRecord[] =>
      result.runs.filter((run) => run.arm === arm && other.runs.some((twin) => twin.arm === arm && twin.seed === run.seed));
    const [ours, theirs] = [of(fused, composed), of(composed, fused)];
    if (ours.length === 0) return [];
    const values = (runs: readonly RunRecord[]): string => runs.map(({ last }) => (last[metric] ?? Number.NaN).toFixed(3)).join(', ');
    const seconds = (runs: readonly RunRecord[]): string => (runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length).toFixed(0);
    const seeds = ours.map(({ seed }) => seed).join(', ');
    return [[`\`${fused.target}\``, arm, `\`${metric}\``, values(ours), values(theirs), seeds, seconds(ours), seconds(theirs)]];
  });
}
