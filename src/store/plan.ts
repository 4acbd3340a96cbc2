/** Many runs from one setup: its seeds, and every combination of the values that settings are swept over. */
import type { Catalogue } from '../core/catalogue';
import type { Experiment } from '../core/experiment';
import { checkParam, type NumberParam, type ParamSpec, type ParamValue, SpecError } from '../core/params';
import type { RunSpec } from '../core/spec';
import { settingInWords } from './diff';
import { checkDraft, type Draft, isAnyEdited, type Setup } from './draft';
import { openArm } from './experiments';
import { getAt, setAt } from './path';
import type { Run } from './run';

/** The most seeds of one plan. */
export const MAX_SEEDS = 20;
/** The most runs of one plan. */
export const MAX_RUNS = 2000;
/** More runs than this are asked about first. */
export const ASK_ABOVE = 200;

/** The values that a setting takes in turn. */
export type SweptValues =
  /** Numbers as they were typed: `0.01, 0.1, 1`. */
  | { readonly kind: 'list'; readonly text: string }
  /** `count` numbers from one end to the other, both included, in equal steps or by equal factors. */
  | {
      readonly kind: 'range';
      readonly from: ParamValue;
      readonly to: ParamValue;
      readonly count: ParamValue;
      readonly scale: 'linear' | 'log';
    }
  /** Some of the values of a choice or a flag. */
  | { readonly kind: 'some'; readonly values: readonly ParamValue[] };

export interface Sweep {
  /** Path of the setting in the draft. */
  readonly path: string;
  readonly spec: ParamSpec;
  readonly values: SweptValues;
}

export interface Plan {
  /** How many seeds, counted up from the draft's own. */
  readonly seeds: ParamValue;
  readonly sweeps: readonly Sweep[];
}

export const NO_PLAN: Plan = { seeds: 1, sweeps: [] };

/** Whether something that was stored is a plan. */
export const isPlan = (stored: unknown): stored is Plan =>
  typeof stored === 'object' && stored !== null && 'seeds' in stored && 'sweeps' in stored && Array.isArray(stored.sweeps);

/** A run to be. */
export interface PlannedRun {
  readonly spec: RunSpec;
  readonly origin: Run['origin'];
  /** What tells its arm from the others of the plan; '' where there is only one. */
  readonly label: string;
}

/** What is wrong with a plan: the path of the setting, or `seeds`, and a sentence that names it. */
export interface PlanProblem {
  readonly path: string;
  readonly what: string;
}

export type Planned =
  | { readonly runs: readonly PlannedRun[]; readonly problem: null }
  | { readonly runs: null; readonly problem: PlanProblem };

/** A sweep over a setting as it begins: all values of a choice or a flag, or the present value of a number. */
export function newSweep(path: string, spec: ParamSpec, present: ParamValue): Sweep {
  if (spec.kind === 'flag') return { path, spec, values: { kind: 'some', values: [false, true] } };
  if (spec.kind === 'choice') return { path, spec, values: { kind: 'some', values: spec.options.map(({ value }) => value) } };
  return { path, spec, values: { kind: 'list', text: settingInWords(present, spec) } };
}

/** Whether a setting can be swept over: the seed has its own field, and texts are of files. */
export const canSweep = (path: string, spec: ParamSpec): boolean => path !== 'seed' && spec.kind !== 'text';

/**
 * The values of a sweep, checked against the setting's declaration.
 * @throws SpecError with the path of the setting for no values, one that stands twice, or one that the setting does not take
 */
export function valuesOf({ path, spec, values }: Sweep): readonly ParamValue[] {
  const found = raw(path, spec, values).map((value) => checkParam(spec, value, path));
  if (found.length === 0) throw new SpecError(path, 'give at least one value');
  const twice = found.find((value, i) => found.indexOf(value) !== i);
  if (twice !== undefined) throw new SpecError(path, `${settingInWords(twice, spec)} stands twice`);
  return found;
}

function raw(path: string, spec: ParamSpec, values: SweptValues): readonly ParamValue[] {
  if (values.kind === 'some') return values.values;
  if (spec.kind !== 'number') throw new SpecError(path, 'choose some of its values');
  return values.kind === 'list' ? listed(path, values.text) : ranged(path, spec, values);
}

/** Numbers apart by commas, semicolons or spaces. */
function listed(path: string, text: string): number[] {
  const words = text
    .replaceAll('−', '-')
    .split(/[\s,;]+/)
    .filter(Boolean);
  return words.map((word) => {
    const value = Number(word);
    if (!Number.isFinite(value)) throw new SpecError(path, `expected numbers such as 0.01, 0.1, 1; got ${JSON.stringify(word)}`);
    return value;
  });
}

/** Whole numbers are rounded, and those that then fall together are given once. */
function ranged(path: string, spec: NumberParam, { from, to, count, scale }: SweptValues & { kind: 'range' }): number[] {
  const first = checkParam(spec, from, path) as number;
  const last = checkParam(spec, to, path) as number;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 2 || count > MAX_RUNS) {
    throw new SpecError(path, `a range has a whole number of values, at least 2; got ${JSON.stringify(count)}`);
  }
  if (first === last) throw new SpecError(path, 'a range ends elsewhere than it begins');
  if (scale === 'log' && first * last <= 0) {
    throw new SpecError(path, 'a logarithmic range has both ends above zero, or both below');
  }
  const values = Array.from({ length: count }, (_, i) => {
    if (i === 0 || i === count - 1) return i === 0 ? first : last;
    const share = i / (count - 1);
    const value = scale === 'log' ? first * (last / first) ** share : first + (last - first) * share;
    return spec.integer === true ? Math.round(value) : Number(value.toPrecision(scale === 'log' ? 4 : 6));
  });
  return spec.integer === true ? [...new Set(values)] : values;
}

/** How many runs a plan comes to; 0 where something is wrong with one of its sweeps. */
export function countOf({ seeds, sweeps }: Plan): number {
  try {
    return sweeps.reduce((product, sweep) => product * valuesOf(sweep).length, Number(seeds));
  } catch {
    return 0;
  }
}

/**
 * The runs of a plan: all arms with the first seed, then all arms with the next, so that every arm has something to show early.
 * Each is resolved as the setup itself would be.
 */
export function planRuns(setup: Setup, plan: Plan, catalogue: Catalogue): Planned {
  try {
    return { runs: resolved(setup, plan, catalogue), problem: null };
  } catch (error) {
    return { runs: null, problem: problemOf(error) };
  }
}

/** What is wrong with a plan, without resolving its runs; null where nothing is. */
export function checkPlan(setup: Setup, plan: Plan): PlanProblem | null {
  try {
    combinations(setup, plan);
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

function problemOf(error: unknown): PlanProblem {
  if (!(error instanceof SpecError)) throw error;
  return { path: error.where, what: error.message.slice(error.where === '' ? 0 : error.where.length + 2) };
}

interface Combination {
  readonly draft: Draft;
  readonly label: string;
}

function resolved(setup: Setup, plan: Plan, catalogue: Catalogue): PlannedRun[] {
  const seeds = seedsOf(plan.seeds);
  const arms = combinations(setup, plan);
  return Array.from({ length: seeds }, (_, i) => i).flatMap((i) => arms.map((arm) => plannedRun(setup, arm, i, catalogue)));
}

/** One draft for each arm of a plan. */
function combinations(setup: Setup, plan: Plan): Combination[] {
  const seeds = seedsOf(plan.seeds);
  let arms: Combination[] = [{ draft: setup.draft, label: '' }];
  for (const [i, sweep] of plan.sweeps.entries()) {
    const { title } = sweep.spec;
    if (getAt(setup.draft, sweep.path) === undefined) throw new SpecError(sweep.path, `this setup has no setting called ${title}`);
    if (plan.sweeps.slice(0, i).some(({ path }) => path === sweep.path)) throw new SpecError(sweep.path, `${title} is swept over twice`);
    const values = named(title, () => valuesOf(sweep));
    if (arms.length * values.length * seeds > MAX_RUNS) {
      throw new SpecError(sweep.path, `${title}: with these values there are more than ${MAX_RUNS} runs`);
    }
    arms = arms.flatMap(({ draft, label }) =>
      values.map((value) => ({
        draft: setAt(draft, sweep.path, value),
        label: `${label === '' ? '' : `${label}, `}${title} ${settingInWords(value, sweep.spec)}`,
      })),
    );
  }
  return arms;
}

/** The number of seeds. @throws SpecError where it is none */
export function seedsOf(seeds: ParamValue): number {
  if (typeof seeds !== 'number' || !Number.isInteger(seeds) || seeds < 1 || seeds > MAX_SEEDS) {
    throw new SpecError('seeds', `Seeds: expected a whole number from 1 to ${MAX_SEEDS}; got ${JSON.stringify(seeds)}`);
  }
  return seeds;
}

/** Puts the setting's name before what is wrong with its values. */
function named<T>(title: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    throw new SpecError(error.where, `${title}: ${error.message.slice(error.where.length + 2)}`);
  }
}

function plannedRun(setup: Setup, { draft: arm, label }: Combination, i: number, catalogue: Catalogue): PlannedRun {
  const draft: Draft = { ...arm, seed: typeof arm.seed === 'number' ? arm.seed + i : arm.seed };
  const { spec, problem } = checkDraft(draft, catalogue);
  if (problem !== null) throw new SpecError(problem.where, label === '' ? problem.what : `With ${label}: ${problem.what}`);
  return { spec, label, origin: setup.opened === null ? null : { ...setup.opened, edited: isEditedArm(setup, draft) } };
}

/** Whether a draft is another arm than the one that was opened; another seed is the same arm. */
const isEditedArm = (setup: Setup, draft: Draft): boolean => isAnyEdited({ ...setup, draft: { ...draft, seed: setup.baseline.seed } });

/** All arms of an experiment with the same seeds, which give all arms the same base data. */
export function planArms(experiment: Experiment, seeds: ParamValue, catalogue: Catalogue): Planned {
  const runs: PlannedRun[][] = [];
  for (const [arm, { title }] of Object.entries(experiment.arms)) {
    try {
      const { runs: own, problem } = planRuns(openArm(experiment, arm, catalogue), { seeds, sweeps: [] }, catalogue);
      if (own === null) return { runs: null, problem };
      runs.push(own.map((run) => ({ ...run, label: title })));
    } catch (error) {
      const { path, what } = problemOf(error);
      return { runs: null, problem: { path, what: `${title}: ${what}` } };
    }
  }
  const [first = []] = runs;
  return { runs: first.flatMap((_, i) => runs.flatMap((own) => own[i] ?? [])), problem: null };
}
