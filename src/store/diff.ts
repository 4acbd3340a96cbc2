/** What differs between two runs, in words. */
import type { Catalogue, CatalogueEntry } from '../core/catalogue';
import { isOwn } from '../core/own';
import type { ParamSpecs, Params, ParamValue } from '../core/params';
import { type Choice, EVALUATION, type RunSpec, type Stage, TRAINING, WEIGHT, type WeightedChoice } from '../core/spec';
import { formatSetting } from './format';

export interface Difference {
  /** Path in the spec. */
  readonly path: string;
  readonly title: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Everything in `after` that is not as in `before`. Where another world, policy, objective or reward was chosen, its
 * own settings are not listed: they have no counterpart. Titles come from the catalogue where it is given.
 */
export function diffSpecs(before: RunSpec, after: RunSpec, catalogue: Catalogue | null): Difference[] {
  const list: Difference[] = [];
  diffChoice(list, 'world', 'World', before.world, after.world, catalogue?.worlds);
  diffChoice(list, 'policy', 'Policy', before.policy, after.policy, catalogue?.policies);
  const several = before.stages.length > 1 || after.stages.length > 1;
  if (before.stages.length !== after.stages.length) {
    list.push({ path: 'stages', title: 'Stages', before: String(before.stages.length), after: String(after.stages.length) });
  }
  after.stages.forEach((stage, i) => {
    const old = before.stages[i];
    if (old === undefined) return;
    const prefix = several ? `Stage ${i + 1}: ` : '';
    diffStage(list, `stages[${i}]`, prefix, old, stage, catalogue);
    if (before.world.id === after.world.id && (old.world !== null || stage.world !== null)) {
      const specs = catalogue?.worlds.find((entry) => entry.id === after.world.id)?.params;
      // A parameter that the run's world has changed in the same way is listed there already.
      const own = (params: Params, run: Params): Params =>
        Object.fromEntries(Object.entries(params).filter(([key]) => params[key] !== run[key]));
      diffParams(
        list,
        `stages[${i}].world`,
        prefix,
        own(old.world ?? {}, before.world.params),
        own(stage.world ?? {}, after.world.params),
        specs,
      );
    }
  });
  diffParams(list, 'evaluation', '', before.evaluation, after.evaluation, EVALUATION);
  if (before.seed !== after.seed) list.push({ path: 'seed', title: 'Seed', before: String(before.seed), after: String(after.seed) });
  return list;
}

function diffStage(list: Difference[], path: string, prefix: string, before: Stage, after: Stage, catalogue: Catalogue | null): void {
  diffChoice(list, `${path}.objective`, `${prefix}Objective`, before.objective, after.objective, catalogue?.objectives);
  diffRewards(list, `${path}.rewards`, prefix, before.rewards, after.rewards, catalogue?.rewards);
  diffParams(list, `${path}.training`, prefix, before.training, after.training, TRAINING);
}

/** Rewards stand for each other by their id, wherever in the sum they are; where there is at most one, for whatever it was. */
function diffRewards(
  list: Difference[],
  path: string,
  prefix: string,
  before: readonly WeightedChoice[],
  after: readonly WeightedChoice[],
  entries: readonly CatalogueEntry[] | undefined,
): void {
  const several = before.length > 1 || after.length > 1;
  for (const [old, now] of several ? pairsById(before, after) : [[before[0] ?? null, after[0] ?? null] as const]) {
    const at = `${path}[${now === null ? before.indexOf(old as WeightedChoice) : after.indexOf(now)}]`;
    diffChoice(list, at, `${prefix}Reward`, old, now, entries);
    // The weight of what was added or taken away is one of its settings, which have no counterpart.
    if (old === null || old.id !== now?.id) continue;
    const entry = entries?.find(({ id }) => id === old.id);
    const title = several ? `${prefix}Weight of ${nameOf(old, entry)}` : `${prefix}${WEIGHT.title}`;
    diffParams(list, at, '', { weight: old.weight }, { weight: now.weight }, { weight: { ...WEIGHT, title } });
  }
}

function pairsById(before: readonly WeightedChoice[], after: readonly WeightedChoice[]): [WeightedChoice | null, WeightedChoice | null][] {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  const find = (list: readonly WeightedChoice[], id: string): WeightedChoice | null => list.find((one) => one.id === id) ?? null;
  return ids.map((id) => [find(before, id), find(after, id)]);
}

function diffChoice(
  list: Difference[],
  path: string,
  title: string,
  before: Choice | null,
  after: Choice | null,
  entries: readonly CatalogueEntry[] | undefined,
): void {
  const entry = (choice: Choice | null) => entries?.find((candidate) => candidate.id === choice?.id);
  if (before?.id !== after?.id) {
    const name = (choice: Choice | null): string => (choice === null ? 'none' : nameOf(choice, entry(choice)));
    list.push({ path, title, before: name(before), after: name(after) });
  } else if (before !== null && after !== null) {
    if (before.source !== after.source) list.push({ path: `${path}.source`, title: `${title} code`, before: 'before', after: 'edited' });
    diffParams(list, `${path}.params`, '', before.params, after.params, entry(after)?.params);
  }
}

/** A reader's own goes by its id, with what it was copied from where that is known. */
function nameOf({ id }: Choice, entry: CatalogueEntry | undefined): string {
  if (!isOwn(id)) return entry?.title ?? id;
  return entry?.base === undefined ? id : `${id} (edited from ${entry.base})`;
}

function diffParams(list: Difference[], path: string, prefix: string, before: Params, after: Params, specs: ParamSpecs | undefined): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[key] === after[key]) continue;
    const words = (value: ParamValue | undefined): string => settingInWords(value, specs?.[key]);
    const title = `${prefix}${specs?.[key]?.title ?? key}`;
    list.push({ path: `${path}.${key}`, title, before: words(before[key]), after: words(after[key]) });
  }
}

/** A setting's value as the page shows it. */
export function settingInWords(value: ParamValue | undefined, spec: ParamSpecs[string] | undefined): string {
  if (value === undefined) return 'as the run';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return formatSetting(value);
  if (spec?.kind === 'choice') return spec.options.find((option) => option.value === value)?.title ?? value;
  return value === '' ? 'none' : value;
}
