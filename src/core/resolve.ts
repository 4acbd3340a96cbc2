/** From what a person has written to a whole spec, held against the catalogue. */
import type { Catalogue, WorldEntry } from './catalogue';
import { isOwn } from './own';
import { checkParam, type Params, resolveParams, SpecError } from './params';
import { type Choice, EVALUATION, type RunSpec, SPEC_VERSION, type Stage, TRAINING, WEIGHT, type WeightedChoice } from './spec';

/**
 * Checks a spec and fills in what it leaves out: the world's first policy, its first reward where samples are scored,
 * and every default.
 * @throws SpecError naming the field that is wrong and what is expected there.
 */
export function resolveSpec(input: unknown, catalogue: Catalogue): RunSpec {
  const raw = record(input, 'spec');
  const version = raw.version ?? SPEC_VERSION;
  if (version !== SPEC_VERSION) throw new SpecError('version', `expected ${SPEC_VERSION}; got ${JSON.stringify(version)}`);
  const seed = raw.seed ?? 0;
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new SpecError('seed', `expected a whole number from 0 to 4294967295; got ${JSON.stringify(seed)}`);
  }
  const world = pick(catalogue.worlds, raw.world, 'world');
  const policyId = raw.policy ?? world.entry.policies[0];
  const policy = pick(catalogue.policies, policyId, 'policy', raw.policy === undefined ? world.entry.suggested.policy : undefined);
  if (!world.entry.policies.includes(policy.entry.id)) {
    throw new SpecError('policy', `the world ${world.entry.id} takes ${world.entry.policies.join(' or ')}; got ${policy.entry.id}`);
  }
  const stages = raw.stages;
  if (!Array.isArray(stages) || stages.length === 0) throw new SpecError('stages', 'expected a list with at least one stage');
  return {
    version: SPEC_VERSION,
    seed,
    world: world.choice,
    policy: policy.choice,
    stages: stages.map((stage, i) => resolveStage(stage, `stages[${i}]`, world, catalogue)),
    evaluation: resolveParams(EVALUATION, raw.evaluation, 'evaluation'),
  };
}

function resolveStage(
  input: unknown,
  where: string,
  { entry: world, choice: worldChoice }: { entry: WorldEntry; choice: Choice },
  catalogue: Catalogue,
): Stage {
  const raw = record(input, where);
  const objective = pick(catalogue.objectives, raw.objective, `${where}.objective`);
  const given = record(raw.training ?? {}, `${where}.training`);
  // An objective that this world has no examples for can still learn from scored samples.
  const own = world.provides.includes(objective.entry.data) && !objective.entry.samplesOnly;
  const training = resolveParams(
    TRAINING,
    { source: own ? 'world' : 'samples', ...objective.entry.training, ...given },
    `${where}.training`,
  );
  if (training.source === 'world' && !own) {
    const reason = objective.entry.samplesOnly
      ? `${objective.entry.id} learns from scored samples`
      : `the world ${world.id} has no ${objective.entry.data} of its own`;
    throw new SpecError(`${where}.training.source`, `${reason}; use samples`);
  }
  if (training.source === 'samples' && objective.entry.data === 'augmented') {
    throw new SpecError(
      `${where}.objective`,
      `${objective.entry.id} needs questions with a text, which only some worlds have; ${world.id} has none`,
    );
  }
  const rewards = resolveRewards(raw, where, training.source === 'samples', world, catalogue);
  const override = raw.world ?? null;
  const stageWorld =
    override === null
      ? null
      : resolveParams(world.params, { ...worldChoice.params, ...record(override, `${where}.world`) }, `${where}.world`);
  return { objective: objective.choice, rewards, training, world: stageWorld };
}

/** The rewards of a stage; the world's first where samples are to be scored and nothing is said. */
function resolveRewards(
  raw: Record<string, unknown>,
  where: string,
  scored: boolean,
  world: WorldEntry,
  catalogue: Catalogue,
): readonly WeightedChoice[] {
  const single = raw.reward ?? null;
  if (raw.rewards !== undefined && single !== null) throw new SpecError(`${where}.reward`, 'give either `reward` or `rewards`, not both');
  const given = raw.rewards ?? (single !== null ? [single] : scored ? world.rewards.slice(0, 1) : []);
  if (!Array.isArray(given)) throw new SpecError(`${where}.rewards`, `expected a list; got ${JSON.stringify(given)}`);
  if (scored && given.length === 0) throw new SpecError(`${where}.rewards`, 'samples need a reward to be scored by');
  const rewards = given.map((one: unknown, i): WeightedChoice => {
    const at = `${where}.rewards[${i}]`;
    const { choice } = pick(catalogue.rewards, one, at);
    if (!isOwn(choice.id) && !world.rewards.includes(choice.id)) {
      throw new SpecError(at, `the world ${world.id} takes ${world.rewards.join(', ')}; got ${choice.id}`);
    }
    const { weight = WEIGHT.default } = typeof one === 'string' ? {} : record(one, at);
    return { ...choice, weight: checkParam(WEIGHT, weight, `${at}.weight`) as number };
  });
  const twice = rewards.findIndex(({ id }, i) => rewards.slice(0, i).some((other) => other.id === id));
  if (twice !== -1)
    throw new SpecError(`${where}.rewards[${twice}]`, `${rewards[twice]?.id} stands in this sum already; change its weight`);
  return rewards;
}

interface Entry {
  readonly id: string;
  readonly params: Parameters<typeof resolveParams>[0];
}

function pick<E extends Entry>(entries: readonly E[], given: unknown, where: string, base?: Params): { entry: E; choice: Choice } {
  const raw = typeof given === 'string' ? { id: given } : record(given, where);
  const entry = entries.find((candidate) => candidate.id === raw.id);
  if (entry === undefined) {
    throw new SpecError(where, `expected one of ${entries.map((e) => e.id).join(', ')}; got ${JSON.stringify(raw.id)}`);
  }
  const params = resolveParams(entry.params, { ...base, ...record(raw.params ?? {}, `${where}.params`) }, `${where}.params`);
  if (!isOwn(entry.id)) return { entry, choice: { id: entry.id, params } };
  if (typeof raw.source !== 'string') throw new SpecError(where, `${entry.id} has to bring its source`);
  return { entry, choice: { id: entry.id, params, source: raw.source } };
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SpecError(where, `expected an object; got ${JSON.stringify(value)}`);
  return value as Record<string, unknown>;
}
