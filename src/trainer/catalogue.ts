/** The registries as plain data for the page. */
import type { Catalogue, CatalogueEntry, DataKind, ObjectiveEntry, RewardEntry, WorldEntry } from '../core/catalogue';
import type { MetricSpec } from '../core/charts';
import { defaultsOf, SpecError } from '../core/params';
import { type Reward, rewardMetrics } from '../core/reward';
import type { World, WorldContext } from '../core/world';
import { METRICS } from '../metrics';
import { LOGGED } from '../metrics/logged';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { POLICIES } from '../policies';
import { REWARDS, rewardsIn } from '../rewards';
import { WORLDS } from '../worlds';
import { has } from './lab';

/** The text of every objective, by file name: shown beside its formula, and what an edited copy begins as. */
const SOURCES: Readonly<Record<string, string>> = import.meta.glob(
  ['../objectives/*.ts', '!../objectives/*.test.ts', '!../objectives/{index,objective,plain,random-batch,testing}.ts'],
  { query: '?raw', import: 'default', eager: true },
);

const REWARD_SOURCES: Readonly<Record<string, string>> = import.meta.glob(
  ['../rewards/*.ts', '!../rewards/*.test.ts', '!../rewards/{index,speaker,testing}.ts'],
  { query: '?raw', import: 'default', eager: true },
);

const NO_FILES: WorldContext = { dataset: () => undefined };

/** What this build of the lab can do. */
export function catalogue(): Catalogue {
  const objectives = Object.values<Objective>(OBJECTIVES).map((objective) =>
    objectiveEntry(objective, SOURCES[`../objectives/${objective.id}.ts`] ?? ''),
  );
  const rewards = Object.values<Reward>(REWARDS).map((reward) => rewardEntry(reward, rewardSource(reward.id)));
  return {
    worlds: Object.values<World>(WORLDS).map(worldEntry),
    policies: Object.values(POLICIES).map(({ id, title, summary, params }): CatalogueEntry => ({ id, title, summary, params })),
    objectives,
    rewards,
    metrics: metricSpecs(objectives, rewards),
  };
}

function worldEntry(world: World): WorldEntry {
  const { id, title, summary, params, policies, suggested } = world;
  return { id, title, summary, params, policies, rewards: rewardsIn(world), suggested, ...held(world) };
}

/** What a world holds; of a world that needs a file first, all that a file may hold. */
function held(world: World): Pick<WorldEntry, 'provides' | 'untrained'> {
  try {
    const instance = world.create(defaultsOf(world.params), NO_FILES);
    return { provides: KINDS.filter((kind) => has(instance, kind)), untrained: instance.enumerate === undefined };
  } catch (error) {
    if (error instanceof SpecError) return { provides: ['demonstrations', 'preferences', 'unpaired'], untrained: true };
    throw error;
  }
}

const KINDS: readonly DataKind[] = ['demonstrations', 'preferences', 'unpaired', 'augmented'];

/** What the page is told of an objective, given the text of its file. */
export function objectiveEntry(objective: Objective, source: string): ObjectiveEntry {
  const { id, title, summary, params, data, family, samplesOnly = false, formula, paper, differs, diagnostics } = objective;
  return {
    ...{ id, title, summary, params, data, family, samplesOnly, formula, diagnostics, source },
    ...(objective.training === undefined ? {} : { training: objective.training }),
    ...(paper === undefined ? {} : { paper }),
    ...(differs === undefined ? {} : { differs }),
  };
}

/** What the page is told of a reward, given the text of its file. */
export function rewardEntry({ id, title, summary, params, source, parts, itemised }: Reward, code: string): RewardEntry {
  return { id, title, summary, params, source, parts: itemised ? { ...parts, ...CHECKED } : parts, code };
}

/** Items of the worlds' checklists. */
const CHECKED: Reward['parts'] = Object.assign({}, ...Object.values<World>(WORLDS).map((world) => world.checklist));

/** The text of a reward's file, which is not always called after its id. */
const rewardSource = (id: string): string =>
  REWARD_SOURCES[`../rewards/${id}.ts`] ?? Object.values(REWARD_SOURCES).find((text) => text.includes(`  id: '${id}',`)) ?? '';

function metricSpecs(objectives: readonly ObjectiveEntry[], rewards: readonly RewardEntry[]): Record<string, MetricSpec> {
  const computed = Object.values(METRICS).map(({ id, title, help, chart, ...rest }): [string, MetricSpec] => [
    id,
    { title, help, chart, ...('unit' in rest ? { unit: rest.unit } : {}), ...('onDemand' in rest ? { onDemand: true } : {}) },
  ]);
  const diagnostics = objectives.flatMap((objective) => Object.entries(objective.diagnostics));
  return { ...rewardMetrics(rewards), ...Object.fromEntries([...diagnostics, ...computed]), ...LOGGED };
}
