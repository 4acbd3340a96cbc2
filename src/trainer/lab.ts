/** From a spec to the things that it names. */
import { resolveParams, SpecError } from '../core/params';
import type { Score } from '../core/reward';
import type { RunSpec, Stage } from '../core/spec';
import type { Completion, Example } from '../core/world';
import { BOS, PAD, type World, type WorldContext, type WorldInstance } from '../core/world';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { POLICIES } from '../policies';
import type { Policy, PolicyKind, PolicyShape } from '../policies/policy';
import { REWARDS } from '../rewards';
import { WORLDS } from '../worlds';

/** A stage with its world, objective and reward ready to use. */
export interface PreparedStage {
  readonly spec: Stage;
  readonly world: WorldInstance;
  readonly objective: Objective;
  /** Scores a completion; the world's own verdict where the stage has no reward. */
  readonly score: (example: Example, completion: Completion) => Score;
}

/** A run, ready to train. */
export interface Prepared {
  readonly spec: RunSpec;
  /** The run's own world: what is evaluated. */
  readonly world: WorldInstance;
  readonly policy: Policy;
  readonly stages: readonly PreparedStage[];
}

/**
 * Looks up everything that a spec names.
 * @throws SpecError naming the field where an entry is unknown, a parameter is wrong, or the parts do not fit together.
 */
export function prepare(spec: RunSpec, context: WorldContext): Prepared {
  const entry = lookUp<World>(WORLDS, spec.world.id, 'world');
  const world = entry.create(resolveParams(entry.params, spec.world.params, 'world.params'), context);
  const kind = lookUp<PolicyKind>(POLICIES, spec.policy.id, 'policy');
  let policy: Policy;
  try {
    policy = kind.create(resolveParams(kind.params, spec.policy.params, 'policy.params'), policyShape(world));
  } catch (error) {
    throw error instanceof SpecError ? error : new SpecError('policy.params', error instanceof Error ? error.message : String(error));
  }
  const stages = spec.stages.map((stage, i) => prepareStage(stage, `stages[${i}]`, entry, world, policy, context));
  return { spec, world, policy, stages };
}

function prepareStage(
  spec: Stage,
  where: string,
  entry: World,
  runWorld: WorldInstance,
  policy: Policy,
  context: WorldContext,
): PreparedStage {
  const objective = lookUp<Objective>(OBJECTIVES, spec.objective.id, `${where}.objective`);
  const world = spec.world === null ? runWorld : entry.create(resolveParams(entry.params, spec.world, `${where}.world`), context);
  const { vocabSize, maxLen, promptLen } = policyShape(world);
  if (vocabSize !== policy.shape.vocabSize || maxLen !== policy.shape.maxLen || promptLen !== policy.shape.promptLen) {
    throw new SpecError(`${where}.world`, 'these parameters change the vocabulary or the lengths, which one policy cannot follow');
  }
  const { training } = spec;
  const missing =
    training.source === 'world' &&
    ((objective.data === 'demonstrations' && world.demonstrate === undefined) ||
      (objective.data === 'preferences' && world.prefer === undefined) ||
      (objective.data === 'augmented' && world.augment === undefined));
  if (missing)
    throw new SpecError(`${where}.objective`, `${objective.title} learns from ${objective.data}, and this world or file has none`);
  return { spec, world, objective, score: scorer(spec, where, world) };
}

function scorer(spec: Stage, where: string, world: WorldInstance): PreparedStage['score'] {
  if (spec.reward === null) {
    return (example, completion) => {
      const { score, parts } = world.verify(example, completion);
      return { total: score, parts };
    };
  }
  const reward = lookUp(REWARDS, spec.reward.id, `${where}.reward`);
  const params = resolveParams(reward.params, spec.reward.params, `${where}.reward.params`);
  // The registry's members differ in their parameters; `params` was checked against this one's declaration.
  const score = reward.score as (judged: {
    world: WorldInstance;
    example: Example;
    completion: Completion;
    params: typeof params;
  }) => Score;
  return (example, completion) => score({ world, example, completion, params });
}

/** The sizes that a world imposes on a policy. */
export function policyShape(world: WorldInstance): PolicyShape {
  const vocabSize = world.vocab.tokens.length;
  const sampleable =
    world.sampleable ?? Array.from({ length: vocabSize }, (_, token) => token).filter((token) => token !== PAD && token !== BOS);
  return { vocabSize, maxLen: world.promptLength + world.completionLength, promptLen: world.promptLength, sampleable, head: false };
}

function lookUp<E>(registry: Readonly<Record<string, E>>, id: string, where: string): E {
  const found = Object.hasOwn(registry, id) ? registry[id] : undefined;
  if (found === undefined) throw new SpecError(where, `expected one of ${Object.keys(registry).join(', ')}; got ${JSON.stringify(id)}`);
  return found;
}
