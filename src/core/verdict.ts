/** Whether a claim holds over seeds. The rule is fixed here, for every experiment alike. */
import { bootstrap } from './bootstrap';
import type { Claim, Experiment } from './experiment';

/** Seeds from which on an effect may be called shown, and how many of ten must agree in sign (one-sided p = .011). */
const SEEDS_FOR_A_VERDICT = 10;
const AGREEMENT = 0.9;

/** First and last value of every metric in one run; null for a run that failed. */
export interface RunSummary {
  readonly first: Readonly<Record<string, number>>;
  readonly last: Readonly<Record<string, number>>;
}

export interface Outcome {
  readonly claim: Claim;
  /** One per seed that could be compared. */
  readonly effects: readonly number[];
  readonly mean: number;
  /** 95 % bootstrap interval of the mean. */
  readonly interval: readonly [number, number];
  /** `reached` and `not reached` say what a few seeds did; only ten seeds show or do not show. */
  readonly verdict: 'shows' | 'does not show' | 'inconclusive' | 'reached' | 'not reached';
}

/**
 * Judges a claim over paired seeds: shows where the mean effect is at least the threshold and nine of ten seeds agree in
 * sign; does not show where the upper bound of the interval is below the threshold; else inconclusive. With fewer than ten
 * seeds nothing is shown: the mean and every seed either reach the threshold or do not.
 * @param runs per arm, per seed; null where the run failed, which makes the claim inconclusive
 */
export function judge(claim: Claim, runs: Readonly<Record<string, readonly (RunSummary | null)[]>>): Outcome {
  const ours = runs[claim.arm] ?? [];
  const effects = ours.map((run, seed) =>
    effectOf(claim, run, claim.against === 'start' || claim.against === 'nothing' ? null : (runs[claim.against.arm]?.[seed] ?? null)),
  );
  const known = effects.filter((effect) => effect !== null);
  const mean = known.reduce((sum, effect) => sum + effect, 0) / known.length;
  const interval = bootstrap(known);
  const failed = known.length < effects.length || known.length === 0;
  return { claim, effects: known, mean, interval, verdict: failed ? 'inconclusive' : verdictOf(known, mean, interval, claim.threshold) };
}

function verdictOf(effects: readonly number[], mean: number, interval: readonly [number, number], threshold: number): Outcome['verdict'] {
  const agree = effects.filter((effect) => effect > 0).length / effects.length;
  if (effects.length < SEEDS_FOR_A_VERDICT) return mean >= threshold && agree === 1 ? 'reached' : 'not reached';
  if (mean >= threshold && agree >= AGREEMENT) return 'shows';
  return interval[1] < threshold ? 'does not show' : 'inconclusive';
}

function effectOf({ metric, against }: Claim, run: RunSummary | null, other: RunSummary | null): number | null {
  const ours = run?.last[metric];
  if (run === null || ours === undefined) return null;
  if (against === 'nothing') return ours;
  const theirs = against === 'start' ? run.first[metric] : other?.last[metric];
  return theirs === undefined ? null : ours - theirs;
}

/** The claim as it reads for the null arm; null where there is none, or where the claim is about it. */
export function nullClaim(claim: Claim, { nullArm }: Pick<Experiment, 'nullArm'>): Claim | null {
  const named = [claim.arm, typeof claim.against === 'string' ? null : claim.against.arm];
  return nullArm === undefined || named.includes(nullArm) ? null : { ...claim, arm: nullArm };
}
