/**
 * What the reader is setting up. A draft has the shape of a run spec, but may hold values that a spec would refuse:
 * they stay as typed, with the reason at the field.
 */
import type { Catalogue, ObjectiveEntry, RewardEntry, WorldEntry } from '../core/catalogue';
import { isOwn } from '../core/own';
import { defaultsOf, type ParamSpecs, type Params, type ParamValue, SpecError } from '../core/params';
import { resolveSpec } from '../core/resolve';
import { type Choice, type RunSpec, type RunSpecInput, type StageInput, TRAINING, WEIGHT } from '../core/spec';
import { getAt, setAt, splitMessage } from './path';

export interface DraftReward extends Choice {
  readonly weight: ParamValue;
}

export interface DraftStage {
  readonly objective: Choice;
  /** What completions are scored by; they stay while a stage scores nothing. */
  readonly rewards: readonly DraftReward[];
  readonly training: Params;
  /** World parameters that hold during this stage only; null where it has none of its own. */
  readonly world: Params | null;
}

export interface Draft {
  readonly seed: ParamValue;
  readonly world: Choice;
  readonly policy: Choice;
  readonly stages: readonly DraftStage[];
  readonly evaluation: Params;
}

/** A draft beside the values that a reset goes back to; both have the same choices and stages. */
export interface Setup {
  readonly draft: Draft;
  readonly baseline: Draft;
  /** The experiment's arm that was opened; null once another world was chosen. */
  readonly opened: { readonly experiment: string; readonly arm: string } | null;
}

/** What is wrong with a draft: the path of the field, '' where it is none of them, and a sentence. */
export interface Problem {
  readonly where: string;
  readonly what: string;
}

/** Resolves a draft, or says what is wrong with it. */
export function checkDraft(draft: Draft, catalogue: Catalogue): { spec: RunSpec; problem: null } | { spec: null; problem: Problem } {
  try {
    return { spec: resolveSpec(draft, catalogue), problem: null };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { what } = splitMessage(error.message);
    return { spec: null, problem: { where: error.where, what } };
  }
}

/** Opens a spec: the draft and its baseline are the same. @throws SpecError where the spec cannot be resolved. */
export function openSetup(input: RunSpecInput, opened: Setup['opened'], catalogue: Catalogue): Setup {
  const { version: _, ...spec } = resolveSpec(input, catalogue);
  const draft: Draft = { ...spec, stages: spec.stages.map((stage) => ({ ...stage, world: ownWorld(stage.world, spec.world.params) })) };
  return { draft, baseline: draft, opened };
}

/** What a stage sets for itself: the rest follows the run's world, also when that is edited. */
function ownWorld(stage: Params | null, run: Params): Params | null {
  if (stage === null) return null;
  return Object.fromEntries(Object.entries(stage).filter(([key, value]) => value !== run[key]));
}

/** Sets one value by its path, such as `stages[0].training.lr`. */
export const setValue = (setup: Setup, path: string, value: ParamValue): Setup => ({
  ...setup,
  draft: setAt(setup.draft, path, value),
});

/** Whether the value at a path differs from what a reset would give. */
export const isEdited = (setup: Setup, path: string): boolean => getAt(setup.draft, path) !== getAt(setup.baseline, path);

/** Whether anything differs from the baseline. */
export const isAnyEdited = (setup: Setup): boolean => JSON.stringify(setup.draft) !== JSON.stringify(setup.baseline);

/** Another world, with the policy and the stages that it suggests. Seed and evaluation stay. */
export function chooseWorld(setup: Setup, id: string, catalogue: Catalogue): Setup {
  const world = entryOf(catalogue.worlds, id);
  const { seed, evaluation } = setup.baseline;
  const suggested: RunSpecInput = {
    seed: typeof seed === 'number' ? seed : 0,
    world: id,
    stages: world.suggested.stages,
    evaluation,
  };
  const next = openSetup(suggested, null, catalogue);
  return { ...next, draft: { ...next.draft, seed: setup.draft.seed, evaluation: setup.draft.evaluation } };
}

/** Another policy with its defaults. */
export function choosePolicy(setup: Setup, id: string, catalogue: Catalogue): Setup {
  const entry = entryOf(catalogue.policies, id);
  const world = entryOf(catalogue.worlds, setup.draft.world.id);
  const suggested = id === world.policies[0] ? world.suggested.policy : undefined;
  return setBoth(setup, 'policy', { id, params: { ...defaultsOf(entry.params), ...suggested } });
}

/** Another objective in a stage; its data comes from where it can. */
export function chooseObjective(setup: Setup, stage: number, id: string, catalogue: Catalogue): Setup {
  const world = entryOf(catalogue.worlds, setup.draft.world.id);
  const objective = entryOf(catalogue.objectives, id);
  const source = sourcesOf(objective, world)[0] ?? 'world';
  const keepsRate = isEdited(setup, `stages[${stage}].training.lr`);
  const change = (draft: Draft): Draft => {
    const old = draft.stages[stage];
    if (old === undefined) return draft;
    const rewards = source === 'samples' && old.rewards.length === 0 ? defaultRewards(world, catalogue) : old.rewards;
    const chosen = choiceOf(objective);
    const before = catalogue.objectives.find(({ id }) => id === old.objective.id);
    const lr = keepsRate && draft === setup.draft ? old.training.lr : rateFor(objective, before, old.training.lr, world);
    const training = { ...without(old.training, before?.training), lr: lr as ParamValue, ...objective.training, source };
    const next: DraftStage = { ...old, objective: chosen, rewards, training };
    return { ...draft, stages: draft.stages.map((s, i) => (i === stage ? next : s)) };
  };
  return { ...setup, draft: change(setup.draft), baseline: change(setup.baseline) };
}

/** What teaches at a rate that would undo, within a few steps of anything else, what a policy has learned. */
const TEACHES: ReadonlySet<string> = new Set(['supervised', 'reward-model']);

/** What imitation learns faster by than what comes after it: the ratio of their rates in the recorded experiments on sums. */
const RATE_RATIO = 5;

/** The learning rate of a stage for another objective, where policies begin with random weights and so learn most by imitation. */
function rateFor(objective: ObjectiveEntry, before: ObjectiveEntry | undefined, rate: unknown, world: WorldEntry): unknown {
  const [from, to] = [TEACHES.has(before?.family ?? ''), TEACHES.has(objective.family)];
  if (world.untrained !== true || from === to || typeof rate !== 'number') return rate;
  return Number((to ? rate * RATE_RATIO : rate / RATE_RATIO).toPrecision(3));
}

/** Settings as they are where an objective no longer asks for others. */
const without = (settings: Params, asked: Params = {}): Params => {
  const defaults = defaultsOf(TRAINING) as Params;
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, asked[key] === value ? (defaults[key] ?? value) : value]));
};

/** Another reward in the place of the one at `at`, with its defaults; the weight stays. */
export function chooseReward(setup: Setup, stage: number, at: number, id: string, catalogue: Catalogue): Setup {
  const chosen = choiceOf(entryOf(catalogue.rewards, id));
  return onRewards(setup, stage, (rewards) => rewards.map((old, i) => (i === at ? { ...chosen, weight: old.weight } : old)));
}

/** A further reward in the sum, with its defaults and the weight 1. */
export function addReward(setup: Setup, stage: number, id: string, catalogue: Catalogue): Setup {
  const chosen = choiceOf(entryOf(catalogue.rewards, id));
  return onRewards(setup, stage, (rewards) => [...rewards, { ...chosen, weight: WEIGHT.default }]);
}

/** Takes a reward out of the sum; the last one stays. */
export const removeReward = (setup: Setup, stage: number, at: number): Setup =>
  onRewards(setup, stage, (rewards) => (rewards.length === 1 ? rewards : rewards.filter((_, i) => i !== at)));

function onRewards(setup: Setup, stage: number, change: (rewards: readonly DraftReward[]) => readonly DraftReward[]): Setup {
  return onStages(setup, (stages) => stages.map((old, i) => (i === stage ? { ...old, rewards: change(old.rewards) } : old)));
}

/** Whether a stage learns from the world's examples or from its own scored samples. */
export function chooseSource(setup: Setup, stage: number, source: string, catalogue: Catalogue): Setup {
  const next = setValue(setup, `stages[${stage}].training.source`, source);
  if (source !== 'samples' || next.draft.stages[stage]?.rewards.length !== 0) return next;
  const world = entryOf(catalogue.worlds, setup.draft.world.id);
  return setBoth(next, `stages[${stage}].rewards`, defaultRewards(world, catalogue));
}

/**
 * The stage that a world suggests for teaching a policy the first things, where a stage of the draft would need it: it goes on from
 * random weights, and learns by anything but imitation. Null where nothing is amiss.
 */
export function missingWarmUp(draft: Draft, stage: number, catalogue: Catalogue): StageInput | null {
  const world = entryOf(catalogue.worlds, draft.world.id);
  const at = draft.stages[stage];
  const [first] = world.suggested.stages;
  if (world.untrained !== true || at === undefined || first === undefined) return null;
  const families = draft.stages.slice(0, stage + 1).map(({ objective }) => entryOf(catalogue.objectives, objective.id).family);
  const own = families.pop();
  if (own === 'supervised' || (own === 'reward-model' && at.training.source === 'world')) return null;
  if (families.some((family) => family !== 'reward-model') && at.training.begin !== 'start') return null;
  const { id } = typeof first.objective === 'string' ? { id: first.objective } : first.objective;
  return entryOf(catalogue.objectives, id).family === 'supervised' ? first : null;
}

/** Puts the stage that a world suggests for a warm-up before another, which goes on from it. */
export function addWarmUp(setup: Setup, stage: number, catalogue: Catalogue): Setup {
  const missing = missingWarmUp(setup.draft, stage, catalogue);
  if (missing === null) return setup;
  const { draft } = openSetup({ world: setup.draft.world.id, stages: [missing] }, null, catalogue);
  const put = (stages: readonly DraftStage[]): readonly DraftStage[] => [
    ...stages.slice(0, stage),
    ...draft.stages,
    ...stages.slice(stage).map((old, i) => (i === 0 ? { ...old, training: { ...old.training, begin: TRAINING.begin.default } } : old)),
  ];
  return onStages(setup, put);
}

/** A further stage with the settings of the last. */
export const addStage = (setup: Setup): Setup => onStages(setup, (stages) => [...stages, ...stages.slice(-1)]);

/** Takes a stage away; the last one stays. */
export const removeStage = (setup: Setup, stage: number): Setup =>
  onStages(setup, (stages) => (stages.length === 1 ? stages : stages.filter((_, i) => i !== stage)));

/** Moves a stage one place earlier (-1) or later (1). */
export const moveStage = (setup: Setup, stage: number, by: -1 | 1): Setup =>
  onStages(setup, (stages) => {
    const moved = stages[stage];
    const other = stages[stage + by];
    if (moved === undefined || other === undefined) return stages;
    return stages.map((s, i) => (i === stage ? other : i === stage + by ? moved : s));
  });

/** Lets a stage have a world parameter of its own, beginning with the run's value, or takes it away again. */
export function setStageWorld(setup: Setup, stage: number, key: string, own: boolean): Setup {
  const change = (draft: Draft): Draft => {
    const stages = draft.stages.map((old, i) => {
      if (i !== stage) return old;
      const { [key]: _, ...others } = old.world ?? {};
      const world = own ? { ...others, [key]: draft.world.params[key] as ParamValue } : others;
      return { ...old, world: Object.keys(world).length === 0 ? null : world };
    });
    return { ...draft, stages };
  };
  return { ...setup, draft: change(setup.draft), baseline: change(setup.baseline) };
}

/** Where an objective's examples can come from in a world, the natural one first. */
function sourcesOf(objective: ObjectiveEntry, world: WorldEntry): ('world' | 'samples')[] {
  const held = world.provides.includes(objective.data) && !objective.samplesOnly;
  if (objective.data === 'augmented') return held ? ['world'] : [];
  return held ? ['world', 'samples'] : ['samples'];
}

const SAMPLES_ONLY = new Set([
  ...['prompts', 'group', 'refreshEvery', 'syncEvery', 'dropZeroVariance'],
  ...['temperature', 'topK', 'topP', 'pairing'],
]);

/** The training settings that matter for a stage. `source` is among them only where there is a choice. */
export function trainingSpecs(stage: DraftStage, objective: ObjectiveEntry, world: WorldEntry): ParamSpecs {
  const sampled = stage.training.source === 'samples';
  return Object.fromEntries(
    Object.entries(TRAINING).filter(([key]) => {
      if (key === 'source') return sourcesOf(objective, world).length > 1;
      if (key === 'pairing') return sampled && objective.data === 'preferences';
      // One sample of each principle is a group.
      if (objective.data === 'contrasts' && (key === 'group' || key === 'dropZeroVariance')) return false;
      return sampled || !SAMPLES_ONLY.has(key);
    }),
  );
}

/** The TypeScript of an entry. */
export const codeOf = (entry: ObjectiveEntry | RewardEntry): string => ('code' in entry ? entry.code : entry.source);

/** An entry with its defaults; a reader's own brings its source. */
export const choiceOf = (entry: ObjectiveEntry | RewardEntry): Choice => ({
  id: entry.id,
  params: defaultsOf(entry.params),
  ...(isOwn(entry.id) ? { source: codeOf(entry) } : {}),
});

/** The registry entry with an id. @throws SpecError where there is none. */
export function entryOf<E extends { readonly id: string }>(entries: readonly E[], id: string): E {
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new SpecError('', `nothing here is called ${id}`);
  return entry;
}

const defaultRewards = (world: WorldEntry, catalogue: Catalogue): DraftReward[] =>
  world.rewards.slice(0, 1).map((id) => ({ ...choiceOf(entryOf(catalogue.rewards, id)), weight: WEIGHT.default }));

const setBoth = (setup: Setup, path: string, value: unknown): Setup => ({
  ...setup,
  draft: setAt(setup.draft, path, value),
  baseline: setAt(setup.baseline, path, value),
});

function onStages(setup: Setup, change: (stages: readonly DraftStage[]) => readonly DraftStage[]): Setup {
  const on = (draft: Draft): Draft => ({ ...draft, stages: change(draft.stages) });
  return { ...setup, draft: on(setup.draft), baseline: on(setup.baseline) };
}
