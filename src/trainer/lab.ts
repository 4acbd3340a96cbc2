/** From a spec to the things that it names. */

import type { DataKind } from '../core/catalogue';
import { defaultsOf, resolveParams, SpecError } from '../core/params';
import type { Facts, Reward, RewardNeeds, Score } from '../core/reward';
import { type RunSpec, renewed, type Stage, TRAINING } from '../core/spec';
import type { Completion, Example } from '../core/world';
import { BOS, PAD, type World, type WorldContext, type WorldInstance } from '../core/world';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { POLICIES } from '../policies';
import type { Policy, PolicyKind, PolicyShape } from '../policies/policy';
import { REWARDS } from '../rewards';
import { weightedSum } from '../rewards/weighted-sum';
import { WORLDS } from '../worlds';
import { ownEntry } from './own';

/** A stage with its world, objective and reward ready to use. */
export interface PreparedStage {
  readonly spec: Stage;
  readonly world: WorldInstance;
  readonly objective: Objective;
  /** Scores a completion; the world's own verdict where the stage has no reward. */
  readonly score: (example: Example, completion: Completion, facts: Facts) => Score;
  /** What `score` wants to know of a completion beside its log-probability: see `Reward.needs`. */
  readonly needs: { readonly reference: boolean; readonly policy: boolean; readonly models: readonly number[] };
  /** Stages whose last policies teach this one, with their weights. */
  readonly teachers: readonly { readonly stage: number; readonly weight: number }[];
  /** The stage whose last θ it goes on from; -1 for the start of the run. */
  readonly begins: number;
}

/** A run, ready to train. */
export interface Prepared {
  readonly spec: RunSpec;
  /** The run's own world: what is evaluated. */
  readonly world: WorldInstance;
  readonly policy: Policy;
  readonly stages: readonly PreparedStage[];
  /** Stages whose last θ a later stage learns from. */
  readonly kept: ReadonlySet<number>;
}

/**
 * Looks up everything that a spec names.
 * @throws SpecError naming the field where an entry is unknown, a parameter is wrong, or the parts do not fit together.
 */
export function prepare(given: RunSpec, context: WorldContext): Prepared {
  const spec = renewed(given);
  const entry = lookUp<World>(WORLDS, spec.world.id, 'world');
  const world = entry.create(resolveParams(entry.params, spec.world.params, 'world.params'), context);
  const kind = lookUp<PolicyKind>(POLICIES, spec.policy.id, 'policy');
  const objectives = spec.stages.map(({ objective: choice }, i) => {
    const { id, params, source } = choice;
    const where = `stages[${i}].objective`;
    const objective = source === undefined ? lookUp<Objective>(OBJECTIVES, id, where) : ownEntry('objective', choice, where);
    return { objective, params: resolveParams(objective.params, params, `${where}.params`) as never };
  });
  const head = objectives.some(({ objective, params }) => objective.needsHead?.(params) ?? false);
  let policy: Policy;
  try {
    policy = kind.create(resolveParams(kind.params, spec.policy.params, 'policy.params'), policyShape(world, head));
  } catch (error) {
    throw error instanceof SpecError ? error : new SpecError('policy.params', error instanceof Error ? error.message : String(error));
  }
  const isModel = objectives.map(({ objective }) => objective.family === 'reward-model');
  const taught = objectives.map(({ objective, params }) => objective.teachers?.(params).length ?? 0);
  const begins = beginnings(spec, isModel, taught);
  const stages = spec.stages.map((stage, i): PreparedStage => {
    const where = `stages[${i}]`;
    const { objective, params } = objectives[i] as (typeof objectives)[number];
    const weights = objective.teachers?.(params) ?? [];
    const before = isModel.slice(0, i);
    const teaching = lastOf(stagesThat(before, false), weights.length, `${where}.objective`, (stages) => [
      `${objective.title} learns from what ${stages} before this one made of the policy`,
      'Add one above it that trains a teacher, such as GRPO',
    ]);
    const rewards = rewardsOf(stage, where);
    const models = rewards.map(({ at, reward, needs }) =>
      lastOf(stagesThat(before, true), needs.models ?? 0, at, (stages) => [
        `${reward.title} asks for ${stages} before this one with the objective Reward model`,
        'Add one above it, which learns from pairs what to score',
      ]),
    );
    const ready = prepareStage(stage, where, entry, world, policy, context, objective);
    return {
      ...ready,
      score: scorer(rewards, ready.world),
      needs: {
        reference: rewards.some(({ needs }) => needs.reference === true),
        policy: rewards.some(({ needs }) => needs.policy === true),
        // All are the last ones, so the longest list holds the others.
        models: models.reduce((all, some) => (some.length > all.length ? some : all), []),
      },
      teachers: teaching.map((stage, k) => ({ stage, weight: weights[k] as number })),
      begins: begins[i] as number,
    };
  });
  const kept = new Set(stages.flatMap(({ teachers, needs, begins }) => [...teachers.map(({ stage }) => stage), ...needs.models, begins]));
  return { spec, world, policy, stages, kept };
}

/** Stages that train a reward model, or that do not. */
const stagesThat = (isModel: readonly boolean[], are: boolean): number[] => isModel.flatMap((is, stage) => (is === are ? [stage] : []));

/**
 * The last of some stages.
 * @param says what needs them, given how many stages that is in words, and what to do where there are too few
 * @throws SpecError where there are too few
 */
function lastOf(stages: readonly number[], count: number, where: string, says: (stages: string) => readonly [string, string]): number[] {
  if (stages.length >= count) return stages.slice(stages.length - count);
  const there = stages.length === 0 ? 'there is none' : `there ${stages.length === 1 ? 'is' : 'are'} ${stages.length}`;
  const [what, remedy] = says(count === 1 ? 'a stage' : `${count} stages`);
  throw new SpecError(where, `${what}; ${there}. ${remedy}`);
}

/**
 * For each stage, the one whose last θ it goes on from; -1 for the start of the run. A reward model is no policy to go on from, and who
 * learns from teachers goes on from where the first of them began: the last of them has nothing to learn from itself.
 */
function beginnings({ stages }: RunSpec, isModel: readonly boolean[], taught: readonly number[]): number[] {
  const begins: number[] = [];
  stages.forEach(({ training }, i) => {
    const policies = stagesThat(isModel.slice(0, i), false);
    const teachers = taught[i] as number;
    if (training.begin === 'start') begins.push(-1);
    else if (training.begin === 'same') begins.push(begins[i - 1] ?? -1);
    else if (teachers > 0) begins.push(begins[policies.at(-teachers) ?? -1] ?? -1);
    else begins.push(policies.at(-1) ?? -1);
  });
  return begins;
}

function prepareStage(
  given: Stage,
  where: string,
  entry: World,
  runWorld: WorldInstance,
  policy: Policy,
  context: WorldContext,
  objective: Objective,
): Pick<PreparedStage, 'spec' | 'world' | 'objective'> {
  // A spec that was saved before a setting existed means its default.
  const spec: Stage = { ...given, training: { ...defaultsOf(TRAINING), ...given.training } };
  const world = spec.world === null ? runWorld : entry.create(resolveParams(entry.params, spec.world, `${where}.world`), context);
  const { vocabSize, maxLen, promptLen } = policyShape(world, policy.shape.head);
  if (vocabSize !== policy.shape.vocabSize || maxLen !== policy.shape.maxLen || promptLen !== policy.shape.promptLen) {
    throw new SpecError(`${where}.world`, 'these parameters change the vocabulary or the lengths, which one policy cannot follow');
  }
  const { training } = spec;
  if (training.source === 'world' && !has(world, objective.data)) {
    throw new SpecError(`${where}.objective`, `${objective.title} learns from ${objective.data}, and this world or file has none`);
  }
  if (objective.data === 'contrasts' && world.contrast === undefined) {
    throw new SpecError(`${where}.objective`, `${objective.title} needs a world with principles, which this one has not`);
  }
  if (objective.data === 'duels' && training.group % 2 === 1) {
    throw new SpecError(
      `${where}.training.group`,
      `half of each group is drawn from the opponent: expected an even number; got ${training.group}`,
    );
  }
  return { spec, world, objective };
}

/** Whether a world has examples of a kind itself. */
export function has(world: WorldInstance, kind: DataKind): boolean {
  switch (kind) {
    case 'demonstrations':
      return world.demonstrate !== undefined;
    case 'preferences':
      return world.prefer !== undefined;
    case 'unpaired':
      return world.judge !== undefined || world.prefer !== undefined;
    case 'augmented':
      return world.augment !== undefined;
    case 'rollouts':
    case 'duels':
    case 'contrasts':
      return false;
    default:
      return kind satisfies never;
  }
}

/** A reward of a stage with its settings. */
interface PreparedReward {
  /** Its path in the spec. */
  readonly at: string;
  readonly reward: Reward;
  readonly weight: number;
  readonly params: Parameters<Reward['score']>[0]['params'];
  readonly needs: RewardNeeds;
}

function rewardsOf({ rewards }: Stage, where: string): PreparedReward[] {
  return rewards.map((choice, i) => {
    const { id, weight, params: given, source } = choice;
    const at = `${where}.rewards[${i}]`;
    const registry = REWARDS as unknown as Readonly<Record<string, Reward>>;
    const reward = source === undefined ? lookUp<Reward>(registry, id, at) : ownEntry('reward', choice, at);
    const params = resolveParams(reward.params, given, `${at}.params`);
    return { at, reward, weight, params, needs: reward.needs?.(params) ?? {} };
  });
}

function scorer(rewards: readonly PreparedReward[], world: WorldInstance): PreparedStage['score'] {
  if (rewards.length === 0) {
    return (example, completion) => {
      const { score, parts } = world.verify(example, completion);
      return { total: score, parts };
    };
  }
  return (example, completion, facts) =>
    weightedSum(
      rewards.map(({ reward, weight, params }) => ({
        id: reward.id,
        weight,
        score: reward.score({ world, example, completion, facts, params }),
      })),
    );
}

/** The sizes that a world imposes on a policy. */
export function policyShape(world: WorldInstance, head = false): PolicyShape {
  const vocabSize = world.vocab.tokens.length;
  const sampleable =
    world.sampleable ?? Array.from({ length: vocabSize }, (_, token) => token).filter((token) => token !== PAD && token !== BOS);
  return { vocabSize, maxLen: world.promptLength + world.completionLength, promptLen: world.promptLength, sampleable, head };
}

function lookUp<E>(registry: Readonly<Record<string, E>>, id: string, where: string): E {
  const found = Object.hasOwn(registry, id) ? registry[id] : undefined;
  if (found === undefined) throw new SpecError(where, `expected one of ${Object.keys(registry).join(', ')}; got ${JSON.stringify(id)}`);
  return found;
}
