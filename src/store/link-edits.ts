/** What a draft has that the setup it was opened from has not, as plain data that stays small. */
import type { Catalogue, ObjectiveEntry, RewardEntry, WorldEntry } from '../core/catalogue';
import type { OwnKind } from '../core/own';
import { defaultsOf, type Params, type ParamValue } from '../core/params';
import { type Choice, TRAINING, WEIGHT } from '../core/spec';
import { canonical } from './arms';
import { type Draft, type DraftReward, type DraftStage, entryOf } from './draft';
import { codeFor, type LinkCode } from './link-code';

/** Settings are left out where they are as in what the draft was opened from, or else as the entry declares them. */
export interface ChoiceEdits extends Partial<LinkCode> {
  /** Absent where the choice is the same. */
  readonly id?: string;
  readonly params?: Params;
}

export interface RewardEdits extends ChoiceEdits {
  readonly id: string;
  readonly weight?: ParamValue;
}

export interface StageEdits {
  readonly objective?: ChoiceEdits;
  /** All of them, in their order; absent where they are the same. */
  readonly rewards?: readonly RewardEdits[];
  readonly training?: Params;
  readonly world?: Params | null;
}

export interface Edits {
  readonly world?: Params;
  readonly policy?: ChoiceEdits;
  /** One for each stage; absent where none differs. */
  readonly stages?: readonly StageEdits[];
  readonly evaluation?: Params;
}

/** What a policy begins with when it is chosen in a world. */
export function policyDefaults(id: string, world: WorldEntry, catalogue: Catalogue): Params {
  const suggested = id === world.policies[0] ? world.suggested.policy : undefined;
  return { ...defaultsOf(entryOf(catalogue.policies, id).params), ...suggested };
}

/** What an objective or a reward begins with, in the place of `base` where that is given. */
export const choiceDefaults = (id: string, base: Choice | undefined, entries: readonly (ObjectiveEntry | RewardEntry)[]): Params =>
  base?.id === id ? base.params : defaultsOf(entryOf(entries, id).params);

/** What differs; null where nothing does. Both drafts have the same world. */
export function editsOf(draft: Draft, base: Draft, catalogue: Catalogue): Edits | null {
  const world = entryOf(catalogue.worlds, draft.world.id);
  const stages = draft.stages.map((stage, i) => stageEdits(stage, base.stages[i], catalogue));
  const policy =
    draft.policy.id === base.policy.id
      ? filled({ params: paramEdits(draft.policy.params, base.policy.params) })
      : clean({ id: draft.policy.id, params: paramEdits(draft.policy.params, policyDefaults(draft.policy.id, world, catalogue)) });
  const same = draft.stages.length === base.stages.length && stages.every((stage) => Object.keys(stage).length === 0);
  return (
    filled<Edits>({
      world: paramEdits(draft.world.params, base.world.params),
      policy,
      stages: same ? undefined : stages,
      evaluation: paramEdits(draft.evaluation, base.evaluation),
    }) ?? null
  );
}

function stageEdits(stage: DraftStage, base: DraftStage | undefined, catalogue: Catalogue): StageEdits {
  const sameRewards = base !== undefined && canonical(stage.rewards) === canonical(base.rewards);
  return clean<StageEdits>({
    objective: choiceEdits('objective', stage.objective, base?.objective, catalogue),
    rewards: sameRewards ? undefined : stage.rewards.map((reward) => rewardEdits(reward, base, catalogue)),
    training: paramEdits(stage.training, base?.training ?? defaultsOf(TRAINING)),
    world: canonical(stage.world) === canonical(base?.world ?? null) ? undefined : stage.world && sorted(stage.world),
  });
}

function choiceEdits(kind: OwnKind, choice: Choice, base: Choice | undefined, catalogue: Catalogue): ChoiceEdits | undefined {
  const entries = kind === 'objective' ? catalogue.objectives : catalogue.rewards;
  const params = paramEdits(choice.params, choiceDefaults(choice.id, base, entries));
  if (choice.id === base?.id && choice.source === undefined) return filled({ params });
  return clean<ChoiceEdits>({ id: choice.id, params, ...codeFor(kind, choice, catalogue) });
}

function rewardEdits(reward: DraftReward, base: DraftStage | undefined, catalogue: Catalogue): RewardEdits {
  const old = base?.rewards.find(({ id }) => id === reward.id);
  const weight = reward.weight === (old?.weight ?? WEIGHT.default) ? undefined : reward.weight;
  return clean<RewardEdits>({ ...choiceEdits('reward', reward, old, catalogue), id: reward.id, weight });
}

/** Values that are not as in `base`; undefined where all are. */
function paramEdits(params: Params, base: Params): Params | undefined {
  const changed = Object.entries(params).filter(([key, value]) => value !== base[key]);
  return changed.length === 0 ? undefined : sorted(Object.fromEntries(changed));
}

/** The same setup gives the same link, whatever was set first. */
const sorted = (params: Params): Params => Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without the fields that are undefined. */
const clean = <T extends object>(fields: Loose<T>): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** The same, or undefined where nothing is left. */
function filled<T extends object>(fields: Loose<T>): T | undefined {
  const left = clean<T>(fields);
  return Object.keys(left).length === 0 ? undefined : left;
}
