/** Which runs a reader's words find. */
import type { Catalogue, CatalogueEntry } from '../core/catalogue';
import type { ParamSpecs, Params } from '../core/params';
import { type Choice, EVALUATION, type RunSpec, TRAINING } from '../core/spec';
import { armTitle } from './arms';
import { settingInWords } from './diff';
import { isInProgress, type Run } from './run';

export interface RunFilter {
  /** Words that all have to be found in the name, the note, what it trains, or a setting, such as `lr=0.1`. */
  readonly text: string;
  readonly state: 'any' | 'progress' | 'finished' | 'failed' | 'ended';
  readonly starred: boolean;
}

export const NO_FILTER: RunFilter = { text: '', state: 'any', starred: false };

export const STATES: Readonly<Record<RunFilter['state'], string>> = {
  any: 'Any state',
  progress: 'In progress',
  finished: 'Finished',
  failed: 'Failed',
  ended: 'Stopped or interrupted',
};

export function filterRuns(runs: readonly Run[], filter: RunFilter, catalogue: Catalogue | null): readonly Run[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter((run) => {
    if (filter.starred && run.starred !== true) return false;
    if (filter.state !== 'any' && stateOf(run) !== filter.state) return false;
    if (words.length === 0) return true;
    const text = `${run.name} ${run.note ?? ''} ${armTitle(run, catalogue)} ${settingsText(run.spec, catalogue)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function stateOf(run: Run): RunFilter['state'] {
  if (isInProgress(run)) return 'progress';
  if (run.state === 'finished' || run.state === 'failed') return run.state;
  return 'ended';
}

let texts = new WeakMap<RunSpec, string>();
let textsOf: Catalogue | null = null;

/** Every setting as `key=value`, and by its title as the page has it. */
function settingsText(spec: RunSpec, catalogue: Catalogue | null): string {
  if (textsOf !== catalogue) {
    texts = new WeakMap();
    textsOf = catalogue;
  }
  const known = texts.get(spec);
  if (known !== undefined) return known;
  const params = (values: Params, specs: ParamSpecs | undefined): string[] =>
    Object.entries(values).map(([key, value]) => `${key}=${value} ${specs?.[key]?.title ?? ''} ${settingInWords(value, specs?.[key])}`);
  const choice = ({ id, params: values }: Choice, entries: readonly CatalogueEntry[] | undefined): string[] => {
    const entry = entries?.find((candidate) => candidate.id === id);
    return [id, entry?.title ?? '', ...params(values, entry?.params)];
  };
  const text = [
    `seed=${spec.seed}`,
    ...choice(spec.world, catalogue?.worlds),
    ...choice(spec.policy, catalogue?.policies),
    ...spec.stages.flatMap((stage) => [
      ...choice(stage.objective, catalogue?.objectives),
      ...stage.rewards.flatMap((reward) => choice(reward, catalogue?.rewards)),
      ...params(stage.training, TRAINING),
    ]),
    ...params(spec.evaluation, EVALUATION),
  ].join(' ');
  texts.set(spec, text);
  return text;
}
