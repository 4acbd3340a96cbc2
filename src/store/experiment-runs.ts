/** An experiment's runs, those that were recorded and the reader's own, in one shape, and what they show of its claims. */
import type { Claim, Experiment } from '../core/experiment';
import type { ArmCurves, RunCurves } from '../core/lesson';
import type { Result } from '../core/result';
import { judge, type Outcome } from '../core/verdict';
import type { Recording } from './recording';
import type { Run } from './run';

/** The finished runs of a recorded result by arm. */
export function recordedCurves({ runs }: Result): ArmCurves {
  const arms: Record<string, RunCurves[]> = {};
  for (const { arm, seed, first, last, series, state } of runs) {
    if (state !== 'finished') continue;
    arms[arm] ??= [];
    arms[arm].push({ seed, first, last, series });
  }
  return arms;
}

/** The reader's finished runs of an experiment as it stands, the newest for each arm and seed. */
export function finishedRuns(experiment: string, runs: readonly Run[]): Run[] {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    const { origin } = run;
    if (origin === null || origin.experiment !== experiment || origin.edited || run.state !== 'finished') continue;
    const key = `${origin.arm} ${run.spec.seed}`;
    const known = newest.get(key);
    if (known === undefined || known.createdAt <= run.createdAt) newest.set(key, run);
  }
  return [...newest.values()].sort((a, b) => a.spec.seed - b.spec.seed);
}

/** A run's curves of some metrics. */
export function curvesOf(run: Run, { series }: Recording, metrics: readonly string[]): RunCurves {
  const columns: Record<string, readonly (number | null)[]> = {};
  const first: Record<string, number> = {};
  const last: Record<string, number> = {};
  for (const id of metrics) {
    const column = series.columns.get(id);
    if (column === undefined) continue;
    const values = Array.from(column.values.subarray(0, series.length), (value) => (Number.isFinite(value) ? value : null));
    const known = values.filter((value) => value !== null);
    columns[id] = values;
    if (known.length === 0) continue;
    first[id] = known[0] as number;
    last[id] = known.at(-1) as number;
  }
  return { seed: run.spec.seed, first, last, series: { steps: [...series.steps.subarray(0, series.length)], columns } };
}

/** Puts runs together by their arm. */
export function byArm(runs: readonly { readonly run: Run; readonly curves: RunCurves }[]): ArmCurves {
  const arms: Record<string, RunCurves[]> = {};
  for (const { run, curves } of runs) {
    const arm = run.origin?.arm ?? '';
    arms[arm] ??= [];
    arms[arm].push(curves);
  }
  return arms;
}

/** What runs show of a claim, by the rule of `core/verdict`, over the seeds that all of its arms have; null where there is none. */
export function judged(claim: Claim, arms: ArmCurves): Outcome | null {
  const needed = claim.against === 'start' || claim.against === 'nothing' ? [claim.arm] : [claim.arm, claim.against.arm];
  const seeds = (arms[claim.arm] ?? [])
    .map(({ seed }) => seed)
    .filter((seed) => needed.every((arm) => arms[arm]?.some((run) => run.seed === seed)));
  if (seeds.length === 0) return null;
  const paired = needed.map((arm) => [arm, seeds.map((seed) => arms[arm]?.find((run) => run.seed === seed) ?? null)] as const);
  return judge(claim, Object.fromEntries(paired));
}

/** Metrics that an experiment's page draws: those of its claims, each once. */
export const claimedMetrics = ({ claims }: Experiment): string[] => [...new Set(claims.map(({ metric }) => metric))];
