/** Runs grouped by arm. Runs of one arm have the same settings; only their seeds tell them apart. */
import type { Catalogue } from '../core/catalogue';
import { sha256 } from '../core/sha256';
import type { RunSpec } from '../core/spec';
import { type Difference, diffSpecs } from './diff';
import { EXPERIMENTS } from './experiments';
import type { Run } from './run';

/** All runs of an arm among those that were asked for. */
export interface Group {
  /** What `armOf` gives for each of its runs. */
  readonly arm: string;
  /** At least one, in the order in which they were given. */
  readonly runs: readonly [Run, ...Run[]];
  /** The accent of its first run, which the others share unless they are of before arms had one. */
  readonly accent: number;
  /** Without repetition, ascending. */
  readonly seeds: readonly number[];
}

const arms = new WeakMap<RunSpec, string>();

/** The arm of a spec: a short text that is the same for specs that differ in nothing but the seed. */
export function armOfSpec(spec: RunSpec): string {
  const known = arms.get(spec);
  if (known !== undefined) return known;
  const { seed: _, ...rest } = spec;
  const arm = sha256(canonical(rest)).slice(0, 16);
  arms.set(spec, arm);
  return arm;
}

/** The arm of a run, as `armOfSpec` gives it. */
export const armOf = (run: Run): string => armOfSpec(run.spec);

/** Runs by arm, in the order in which each arm comes first. */
export function groupsOf(runs: readonly Run[]): Group[] {
  const found = new Map<string, [Run, ...Run[]]>();
  for (const run of runs) {
    const members = found.get(armOf(run));
    if (members === undefined) found.set(armOf(run), [run]);
    else members.push(run);
  }
  return [...found].map(([arm, members]) => ({
    arm,
    runs: members,
    accent: members[0].accent,
    seeds: [...new Set(members.map(({ spec }) => spec.seed))].sort((a, b) => a - b),
  }));
}

/** What a run trains, in words: its stages' objectives, its world, and the experiment's arm that it was opened from. */
export function armTitle({ spec, origin }: Pick<Run, 'spec' | 'origin'>, catalogue: Catalogue | null): string {
  const nameOf = (id: string): string => catalogue?.objectives.find((entry) => entry.id === id)?.title ?? id;
  const stages = spec.stages.map((stage) => nameOf(stage.objective.id)).join(', then ');
  const world = catalogue?.worlds.find((entry) => entry.id === spec.world.id)?.title ?? spec.world.id;
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === origin?.experiment);
  const arm = origin === null ? undefined : experiment?.arms[origin.arm];
  const what = arm === undefined ? '' : ` · ${arm.title}${origin?.edited ? ', edited' : ''}`;
  return `${stages} · ${world}${what}`;
}

/** A setting that tells an arm from others. */
export type Distinction = Pick<Difference, 'path' | 'title'> & { readonly value: string };

/**
 * By arm, the settings that differ between it and any other of the groups that train the same: the same world, policy and
 * objectives. The seed is never among them.
 */
export function distinctions(groups: readonly Group[], catalogue: Catalogue | null): ReadonlyMap<string, readonly Distinction[]> {
  const families = new Map<string, Group[]>();
  for (const group of groups) {
    const family = familyOf(group.runs[0].spec);
    families.set(family, [...(families.get(family) ?? []), group]);
  }
  return new Map([...families.values()].flatMap((family) => within(family, catalogue)));
}

const familyOf = ({ world, policy, stages }: RunSpec): string =>
  JSON.stringify([world.id, policy.id, stages.map(({ objective }) => objective.id)]);

/** All are compared with the first: a setting in which two of them differ is one in which one of them differs from it. */
function within(family: readonly Group[], catalogue: Catalogue | null): [string, Distinction[]][] {
  const [first, ...others] = family;
  if (first === undefined) return [];
  const base = { ...first.runs[0].spec, seed: 0 };
  const differences = others.map(({ runs }) => diffSpecs(base, { ...runs[0].spec, seed: 0 }, catalogue));
  const settings = new Map(differences.flat().map((one) => [one.path, one]));
  const own = (list: readonly Difference[]): Distinction[] =>
    [...settings.values()].map(({ path, title, before }) => ({
      path,
      title,
      value: list.find((one) => one.path === path)?.after ?? before,
    }));
  return [[first.arm, own([])], ...others.map(({ arm }, i): [string, Distinction[]] => [arm, own(differences[i] ?? [])])];
}

/** JSON with sorted keys: equal for equal data. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
