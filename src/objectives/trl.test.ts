import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ParamValue, resolveParams } from '../core/params';
import { OBJECTIVES } from './index';
import type { Objective } from './objective';
import { advantagesOf, batchOf, evaluate, type PlainBatch } from './testing';

type Matrix = readonly (readonly number[])[];

/** A line of a fixture; fixtures/README.md tells what the fields mean. */
interface Recorded extends Omit<Partial<PlainBatch>, 'logp' | 'advantages'> {
  /** File and line. */
  readonly at: string;
  readonly objective: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly mask: Matrix;
  readonly logp?: Matrix;
  readonly advantages?: readonly number[] | Matrix;
  readonly loss?: number;
  readonly gradient?: Matrix;
  readonly gradients?: Readonly<Record<string, readonly number[] | Matrix>>;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Losses agree to this, relative to their size, and gradients to this, relative to the largest element. */
const LOSS = 1e-5;
const GRADIENT = 1e-4;
/** Terms of size 1 that cancel in float32 leave this behind, however small their sum is. */
const CANCELLED = 1e-6;

const FIXTURES = new URL('./fixtures/', import.meta.url);
const NAMED: Readonly<Record<string, Objective>> = OBJECTIVES;
const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));
const recorded: Recorded[] = files.flatMap((file) =>
  (JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8')) as Omit<Recorded, 'at'>[]).map((entry, i) => ({
    ...entry,
    at: `${file}:${i + 2}`,
  })),
);
const objectives = [...new Set(recorded.map(({ objective }) => objective))];

const numbers = (x: readonly number[] | Matrix): number[] => (x as readonly (number | readonly number[])[]).flat();
const largest = (x: readonly number[] | Matrix): number => Math.max(...numbers(x).map(Math.abs));

/** Where two arrays are further apart than `relative` of the largest element that was recorded; null where nowhere. */
function apart(what: string, found: readonly number[] | Matrix, expected: readonly number[] | Matrix, relative: number): string | null {
  const allowed = Math.max(relative * largest(expected), CANCELLED * relative);
  const [got, wanted] = [numbers(found), numbers(expected)];
  if (got.length !== wanted.length) return `${what}: ${got.length} numbers instead of ${wanted.length}`;
  const worst = wanted.map((value, i) => Math.abs(value - (got[i] as number))).findIndex((error) => !(error <= allowed));
  return worst < 0 ? null : `${what}[${worst}]: ${got[worst]} instead of ${wanted[worst]}`;
}

function batchFrom(entry: Recorded, objective: Objective): PlainBatch {
  const { advantages = [], logp = entry.mask.map((row) => row.map(() => 0)), scores, values, refLogp, ...rest } = entry;
  const spread = (rows: readonly number[] | Matrix): Matrix =>
    entry.mask.map((row, i) => row.map((m, t) => m * (([rows[i]].flat()[t] ?? [rows[i]].flat()[0] ?? 0) as number)));
  const rows = entry.mask.length;
  const head = scores !== undefined || values !== undefined;
  return batchOf(objective.data, {
    ...rest,
    logp,
    refLogp: objective.needsReference(resolved(entry, objective) as never) ? (refLogp ?? null) : null,
    advantages: spread(advantages),
    draws: objective.draws === true ? (entry.draws ?? entry.mask) : null,
    scores: head ? (scores ?? new Array<number>(rows).fill(0)) : null,
    values: head ? (values ?? entry.mask.map((row) => row.map(() => 0))) : null,
  });
}

const resolved = (entry: Recorded, objective: Objective): object => resolveParams(objective.params, entry.params, entry.objective);

type Compare = (entry: Recorded, objective: Objective) => (string | null)[];

/** What differs in one entry, where it stands; also where the lab refuses it. */
function differences(compare: Compare, entry: Recorded, objective: Objective): string[] {
  const say = (difference: string): string => `${entry.at} ${JSON.stringify(entry.params)} ${difference}`;
  try {
    return compare(entry, objective).flatMap((difference) => (difference === null ? [] : [say(difference)]));
  } catch (error) {
    return [say(`refused: ${(error as Error).message}`)];
  }
}

function lossesApart(entry: Recorded, objective: Objective): (string | null)[] {
  if (entry.loss === undefined) return [];
  const { loss, gradient, gradients, diagnostics } = evaluate(objective, batchFrom(entry, objective), resolved(entry, objective));
  const error = Math.abs(loss - entry.loss);
  const wrong = error <= Math.max(LOSS * Math.abs(entry.loss), CANCELLED) ? null : `loss: ${loss} instead of ${entry.loss}`;
  const named = gradients as Readonly<Record<string, number[] | number[][] | null>>;
  return [
    wrong,
    apart('gradient', gradient, entry.gradient ?? [], GRADIENT),
    ...Object.entries(entry.gradients ?? {}).map(([id, expected]) => apart(`gradient of ${id}`, named[id] ?? [], expected, GRADIENT)),
    ...Object.entries(entry.metrics ?? {}).map(([id, value]) => {
      const found = diagnostics[id];
      if (found === undefined) return `${id} is not among ${Object.keys(diagnostics).join(', ')}`;
      return Math.abs(found - value) <= Math.max(LOSS * Math.abs(value), CANCELLED) ? null : `${id}: ${found} instead of ${value}`;
    }),
  ];
}

/** Some frameworks compute the advantages that they are recorded with, from what is there then; others are given them. */
const hasAdvantages = ({ advantages, rewards, teacherLogp }: Recorded): boolean =>
  advantages !== undefined && (rewards !== undefined || teacherLogp !== undefined);

function advantagesApart(entry: Recorded, objective: Objective): (string | null)[] {
  if (!hasAdvantages(entry)) return [];
  const batch = batchFrom(entry, objective);
  const { advantages, returns } = advantagesOf(objective, batch, resolved(entry, objective));
  return [
    apart('advantages', advantages, batch.advantages, LOSS),
    batch.returns === null ? null : apart('returns', returns ?? [], batch.returns, LOSS),
  ];
}

describe.each(objectives)('%s against what frameworks compute', (id) => {
  const entries = recorded.filter(({ objective }) => objective === id);
  const check = (compare: Compare): string[] => entries.flatMap((entry) => differences(compare, entry, NAMED[id] as Objective));

  it('is an objective of the lab', () => {
    expect(Object.keys(NAMED)).toContain(id);
  });

  if (NAMED[id] === undefined) return;

  it('is recorded on twenty batches or more', () => {
    expect(entries.length).toBeGreaterThanOrEqual(20);
  });

  it('gives the same loss, gradient and metrics', () => {
    expect(check(lossesApart)).toEqual([]);
  });

  if (entries.some(hasAdvantages)) {
    it('gives the same advantages', () => {
      expect(check(advantagesApart)).toEqual([]);
    });
  }
});
