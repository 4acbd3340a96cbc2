/** Every setting of a setup as a flat list, for the search. */
import type { Catalogue } from '../../core/catalogue';
import { number, type ParamSpec, type ParamSpecs } from '../../core/params';
import { EVALUATION, WEIGHT } from '../../core/spec';
import { type Draft, entryOf, trainingSpecs } from '../../store/draft';
import { DATASET_PARAM } from '../../store/files';

export const SEED = number({
  title: 'Seed',
  help: 'Everything random in a run follows from it: the same setup and seed on the same device give the same bits.',
  default: 0,
  min: 0,
  max: 0xffffffff,
  integer: true,
});

export interface Setting {
  readonly path: string;
  readonly group: string;
  readonly spec: ParamSpec;
}

/** All settings that matter for a draft, in the order of the panel. */
export function settingsOf(draft: Draft, catalogue: Catalogue): Setting[] {
  const list: Setting[] = [];
  const add = (group: string, path: string, specs: ParamSpecs): void => {
    for (const [key, spec] of Object.entries(specs)) if (key !== DATASET_PARAM) list.push({ group, path: `${path}.${key}`, spec });
  };
  const world = entryOf(catalogue.worlds, draft.world.id);
  add('World', 'world.params', world.params);
  add('Policy', 'policy.params', entryOf(catalogue.policies, draft.policy.id).params);
  draft.stages.forEach((stage, i) => {
    const objective = entryOf(catalogue.objectives, stage.objective.id);
    const group = draft.stages.length === 1 ? objective.title : `Stage ${i + 1}, ${objective.title}`;
    add(group, `stages[${i}].objective.params`, objective.params);
    for (const [k, { id }] of stage.rewards.entries()) {
      const reward = entryOf(catalogue.rewards, id);
      const own = stage.rewards.length === 1 ? group : `${group}, ${reward.title}`;
      if (stage.rewards.length > 1) add(own, `stages[${i}].rewards[${k}]`, { weight: WEIGHT });
      add(own, `stages[${i}].rewards[${k}].params`, reward.params);
    }
    add(group, `stages[${i}].training`, trainingSpecs(stage, objective, world));
    const own = Object.entries(world.params).filter(([key]) => stage.world !== null && key in stage.world);
    add(`${group}, world`, `stages[${i}].world`, Object.fromEntries(own));
  });
  add('Evaluation', 'evaluation', EVALUATION);
  list.push({ group: 'Evaluation', path: 'seed', spec: SEED });
  return list;
}

/** The name of the setting or of the choice at a path; the path itself where it is neither. */
export function titleAt(path: string, draft: Draft, catalogue: Catalogue): string {
  const setting = settingsOf(draft, catalogue).find((candidate) => candidate.path === path);
  return setting?.spec.title ?? choiceAt(path, draft) ?? path;
}

/** What a choice of an entry goes by on the page. */
function choiceAt(path: string, { stages }: Draft): string | null {
  if (path === 'world' || path === 'policy') return path === 'world' ? 'World' : 'Policy';
  const [, stage, what, reward] = /^stages\[(\d+)\]\.(objective|rewards)(?:\[(\d+)\])?$/.exec(path) ?? [];
  if (stage === undefined) return null;
  const several = (stages[Number(stage)]?.rewards.length ?? 0) > 1 && reward !== undefined;
  const name = what === 'objective' ? 'objective' : several ? `reward ${Number(reward) + 1}` : 'reward';
  return stages.length === 1 ? sentenceCase(name) : `Stage ${Number(stage) + 1}, ${name}`;
}

const sentenceCase = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Settings whose name or explanation holds every word of a query. */
export function searchSettings(settings: readonly Setting[], query: string): Setting[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = ({ spec, path }: Setting): string => `${spec.title} ${spec.help} ${path.split('.').at(-1)}`.toLowerCase();
  const inTitle = (setting: Setting): boolean => words.every((word) => setting.spec.title.toLowerCase().includes(word));
  const found = settings.filter((setting) => words.every((word) => textOf(setting).includes(word)));
  return [...found.filter(inTitle), ...found.filter((setting) => !inTitle(setting))];
}
