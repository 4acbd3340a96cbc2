/** From the edits of a link to a setup: every field is checked by itself, and what cannot be used is left as it was, with a sentence. */
import type { Catalogue, ObjectiveEntry, RewardEntry } from '../core/catalogue';
import { checkParam, defaultsOf, type ParamSpecs, type Params, type ParamValue, SpecError } from '../core/params';
import { EVALUATION, TRAINING, WEIGHT } from '../core/spec';
import { checkDraft, choiceOf, type Draft, type DraftReward, type DraftStage, entryOf, type Setup } from './draft';
import { isRecord } from './link-code';
import { choiceDefaults, policyDefaults } from './link-edits';
import { quoted } from './link-view';

/** The most stages and rewards of a stage that a link may ask for. */
const MOST = 32;

/** A draft beside its baseline, for a part of both. */
interface Both<T> {
  readonly draft: T;
  readonly baseline: T;
}

/**
 * Applies edits to the setup that they are of.
 * @param problems takes a sentence for each field that cannot be used
 */
export function applyEdits(base: Setup, edits: unknown, catalogue: Catalogue, problems: string[]): Setup {
  if (edits === undefined) return base;
  const raw = recordAt(edits, 'The settings', problems, ['world', 'policy', 'stages', 'evaluation']);
  const world = entryOf(catalogue.worlds, base.draft.world.id);
  const check = (specs: ParamSpecs, old: Params, given: unknown, where: string): Params => paramsFrom(specs, old, given, where, problems);
  const policy = policyFrom(base, raw.policy, catalogue, problems);
  const stages = stagesFrom(base, raw.stages, catalogue, problems);
  const draft: Draft = {
    seed: base.draft.seed,
    world: { ...base.draft.world, params: check(world.params, base.draft.world.params, raw.world, 'world.params') },
    policy: policy.draft,
    stages: stages.map((stage) => stage.draft),
    evaluation: check(EVALUATION, base.draft.evaluation, raw.evaluation, 'evaluation'),
  };
  const baseline: Draft = { ...base.baseline, policy: policy.baseline, stages: stages.map((stage) => stage.baseline) };
  return mended({ ...base, draft, baseline }, base, catalogue, problems);
}

/** Puts back what cannot go together, as far as it takes. */
function mended(setup: Setup, base: Setup, catalogue: Catalogue, problems: string[]): Setup {
  let next = setup;
  // Each round puts one part back; a draft has no more parts than this.
  for (let round = 0; round < MOST + 4; round++) {
    const { problem } = checkDraft(next.draft, catalogue);
    if (problem === null) return next;
    problems.push(sentenceOf(problem.where, problem.what));
    const at = Number(/^stages\[(\d+)\]/.exec(problem.where)?.[1] ?? Number.NaN);
    if (Number.isNaN(at)) return base;
    const put = (stages: readonly DraftStage[], old: readonly DraftStage[]): readonly DraftStage[] => {
      const kept = old[at];
      return kept === undefined || kept === stages[at] ? stages.filter((_, i) => i !== at) : stages.map((s, i) => (i === at ? kept : s));
    };
    const stages = put(next.draft.stages, base.draft.stages);
    if (stages.length === 0) return base;
    next = {
      ...next,
      draft: { ...next.draft, stages },
      baseline: { ...next.baseline, stages: put(next.baseline.stages, base.baseline.stages) },
    };
  }
  return base;
}

function policyFrom(base: Setup, given: unknown, catalogue: Catalogue, problems: string[]): Both<Draft['policy']> {
  const old = { draft: base.draft.policy, baseline: base.baseline.policy };
  if (given === undefined) return old;
  const raw = recordAt(given, 'policy', problems, ['id', 'params']);
  const world = entryOf(catalogue.worlds, base.draft.world.id);
  const id = raw.id ?? old.draft.id;
  if (typeof id !== 'string' || !world.policies.includes(id)) {
    problems.push(`policy: the world ${world.id} takes ${world.policies.join(' or ')}; got ${quoted(String(id))}.`);
    return old;
  }
  const params = id === old.draft.id ? old.draft.params : policyDefaults(id, world, catalogue);
  const { params: specs } = entryOf(catalogue.policies, id);
  return { draft: { id, params: paramsFrom(specs, params, raw.params, 'policy.params', problems) }, baseline: { id, params } };
}

function stagesFrom(base: Setup, given: unknown, catalogue: Catalogue, problems: string[]): readonly Both<DraftStage>[] {
  const old = base.draft.stages.map((draft, i) => ({ draft, baseline: base.baseline.stages[i] ?? draft }));
  if (given === undefined) return old;
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST) {
    problems.push(`stages: expected a list of 1 to ${MOST} stages.`);
    return old;
  }
  const stages = given.flatMap((one: unknown, i) => stageFrom(one, `stages[${i}]`, base.draft.stages[i], base, catalogue, problems) ?? []);
  return stages.length === 0 ? old : stages;
}

/** Null where there is no objective for it. */
function stageFrom(
  given: unknown,
  where: string,
  base: DraftStage | undefined,
  setup: Setup,
  catalogue: Catalogue,
  problems: string[],
): Both<DraftStage> | null {
  const raw = recordAt(given, where, problems, ['objective', 'rewards', 'training', 'world']);
  const world = entryOf(catalogue.worlds, setup.draft.world.id);
  const objective =
    choiceFrom(raw.objective ?? {}, `${where}.objective`, base?.objective, catalogue.objectives, problems) ??
    (base === undefined ? null : { draft: base.objective, baseline: base.objective });
  if (objective === null) return null;
  const trained = base?.training ?? defaultsOf(TRAINING);
  const training = paramsFrom(TRAINING, trained, raw.training, `${where}.training`, problems);
  const rewards = rewardsFrom(raw.rewards, `${where}.rewards`, base, catalogue.rewards, problems);
  const own =
    raw.world === undefined
      ? (base?.world ?? null)
      : raw.world === null
        ? null
        : onlyNamed(paramsFrom(world.params, setup.draft.world.params, raw.world, `${where}.world`, problems), raw.world);
  // Another objective takes its examples from where it can: that is no edit.
  const source = objective.draft.id === base?.objective.id ? trained.source : training.source;
  return {
    draft: { objective: objective.draft, rewards: rewards.draft, training, world: own },
    baseline: {
      objective: objective.baseline,
      rewards: rewards.baseline,
      training: source === undefined ? trained : { ...trained, source },
      world: own,
    },
  };
}

function rewardsFrom(
  given: unknown,
  where: string,
  base: DraftStage | undefined,
  entries: readonly RewardEntry[],
  problems: string[],
): Both<readonly DraftReward[]> {
  const old = base?.rewards ?? [];
  const unchanged = { draft: old, baseline: old };
  if (given === undefined) return unchanged;
  if (!Array.isArray(given) || given.length > MOST) {
    problems.push(`${where}: expected a list of at most ${MOST} rewards.`);
    return unchanged;
  }
  const rewards = given.flatMap((one: unknown, i): Both<DraftReward>[] => {
    const at = `${where}[${i}]`;
    const kept = old.find(({ id }) => isRecord(one) && one.id === id);
    const chosen = choiceFrom(one, at, kept, entries, problems);
    if (chosen === null) return [];
    const weight = kept?.weight ?? WEIGHT.default;
    const set = isRecord(one) && one.weight !== undefined ? valueFrom(WEIGHT, weight, one.weight, `${at}.weight`, problems) : weight;
    return [{ draft: { ...chosen.draft, weight: set }, baseline: { ...chosen.baseline, weight } }];
  });
  return { draft: rewards.map(({ draft }) => draft), baseline: rewards.map(({ baseline }) => baseline) };
}

/** Null where it names nothing that there is. */
function choiceFrom(
  given: unknown,
  where: string,
  base: Draft['world'] | undefined,
  entries: readonly (ObjectiveEntry | RewardEntry)[],
  problems: string[],
): Both<Draft['world']> | null {
  const raw = recordAt(given, where, problems, ['id', 'params', 'source', 'base', 'specs', 'weight']);
  const id = raw.id ?? base?.id;
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    problems.push(`${where}: nothing here is called ${quoted(String(id))}.`);
    return null;
  }
  const params = choiceDefaults(entry.id, base, entries);
  const chosen = { ...choiceOf(entry), params };
  return { draft: { ...chosen, params: paramsFrom(entry.params, params, raw.params, `${where}.params`, problems) }, baseline: chosen };
}

/** `old` with the given values that its declarations admit. */
function paramsFrom(specs: ParamSpecs, old: Params, given: unknown, where: string, problems: string[]): Params {
  if (given === undefined) return old;
  const values: Record<string, ParamValue> = { ...old };
  for (const [key, value] of Object.entries(recordAt(given, where, problems))) {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    if (spec === undefined) problems.push(`${where}.${key.slice(0, 40)}: there is no such setting.`);
    else values[key] = valueFrom(spec, values[key] as ParamValue, value, `${where}.${key}`, problems);
  }
  return values;
}

function valueFrom(spec: ParamSpecs[string], old: ParamValue, given: unknown, where: string, problems: string[]): ParamValue {
  try {
    return checkParam(spec, given, where);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    problems.push(sentenceOf(where, error.message.slice(where.length + 2)));
    return old;
  }
}

const onlyNamed = (params: Params, given: unknown): Params =>
  Object.fromEntries(Object.entries(params).filter(([key]) => isRecord(given) && Object.hasOwn(given, key)));

function recordAt(value: unknown, where: string, problems: string[], fields?: readonly string[]): Record<string, unknown> {
  if (value === undefined) return {};
  if (!isRecord(value)) {
    problems.push(`${where}: expected an object.`);
    return {};
  }
  for (const key of Object.keys(value)) {
    if (fields !== undefined && !fields.includes(key)) problems.push(`${where}: there is nothing called ${quoted(key)} in it.`);
  }
  return value;
}

const sentenceOf = (where: string, what: string): string => `${where}: ${what.slice(0, 200)}${/[.…]$/.test(what.slice(0, 200)) ? '' : '.'}`;
