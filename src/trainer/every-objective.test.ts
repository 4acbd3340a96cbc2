/**
 * Everything in the registries trains. Which world an entry is tried in follows from what it learns from, so that a new objective or
 * reward is tried here as soon as it is registered.
 */
import { describe, expect, it, vi } from 'vitest';
import type { DataKind } from '../core/catalogue';
import type { Checkpoint, RunEvent } from '../core/events';
import { defaultsOf, type Params } from '../core/params';
import { resolveSpec } from '../core/resolve';
import type { Reward } from '../core/reward';
import { type RunSpec, type RunSpecInput, type StageInput, totalSteps } from '../core/spec';
import type { World } from '../core/world';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { REWARDS, rewardsIn } from '../rewards';
import { tf } from '../test/tf';
import { WORLDS } from '../worlds';
import { catalogue } from './catalogue';
import { createRun } from './run';

// What a look at a policy finds is no matter of its objective, and on the cpu it takes longer than the training.
vi.mock('./evaluate', () => ({ evaluate: async () => ({ metrics: {}, events: [] }) }));

const everything = catalogue();

const SMALL: Readonly<Record<string, Params>> = { categorical: {}, gpt: { layers: 1, width: 8, heads: 2 } };
const SIZES: Readonly<Partial<Record<keyof typeof WORLDS, Params>>> = { bins: { bins: 10 }, sums: { digits: 1 } };

/** The worlds in which a kind of example is tried: one that holds it, and one that makes it of scored samples. */
const WORLDS_FOR: Readonly<Record<DataKind, readonly (keyof typeof WORLDS)[]>> = {
  demonstrations: ['sums', 'bins'],
  preferences: ['sums', 'bins'],
  unpaired: ['sums', 'bins'],
  rollouts: ['bins'],
  duels: ['bins'],
  contrasts: ['principles'],
  augmented: ['facts'],
};

/** On the cpu a network costs a thousand times what a table does. */
const TRAINING: Readonly<Record<string, Params>> = {
  categorical: { steps: 4, prompts: 2, group: 8, batchSize: 2, lr: 0.01 },
  gpt: { steps: 2, prompts: 2, group: 2, batchSize: 4, lr: 0.01 },
};

/** A world with its smallest policy, in which an objective is trained, after a step of each of some others. */
function specIn(id: keyof typeof WORLDS, before: readonly StageInput[], last: StageInput): RunSpecInput {
  const policy = WORLDS[id].policies[0] as string;
  const training = TRAINING[policy] as Params;
  return {
    seed: 7,
    world: { id, params: SIZES[id] ?? {} },
    policy: { id: policy, params: SMALL[policy] as Params },
    stages: [...before.map((stage) => ({ ...stage, training: { ...training, steps: 1 } })), { ...last, training }],
    evaluation: { every: 100, prompts: 1, samples: 1 },
  };
}

interface Outcome {
  readonly events: readonly RunEvent[];
  /** Within the last stage, and at the end. */
  readonly half: Checkpoint | null;
  readonly end: Checkpoint;
}

/** Runs to the end; a checkpoint is taken on the way. */
async function train(spec: RunSpec, half: number, from: Checkpoint | null = null): Promise<Outcome> {
  const run = createRun(spec, { context: { dataset: () => undefined }, from, now: () => 0 });
  const events: RunEvent[] = [];
  let taken: Checkpoint | null = null;
  for await (const event of run.events()) {
    events.push(event);
    if (event.type === 'step' && event.step === half) taken = structuredClone(await run.checkpoint());
  }
  const rest = await run.flush();
  if (rest !== null) events.push(rest);
  const end = await run.checkpoint();
  run.dispose();
  return { events, half: taken, end };
}

/** All that was logged of a metric. */
const logged = (events: readonly RunEvent[], id: string): number[] =>
  events.flatMap((event) => (event.type === 'metrics' ? (event.columns[id] ?? []) : [])).filter((value) => !Number.isNaN(value));

/**
 * Trains, goes on from within the last stage once more, and checks what every run has to fulfil.
 * @returns what was logged, and whether the last stage has moved θ
 */
async function tried(input: RunSpecInput): Promise<{ events: readonly RunEvent[]; moved: boolean }> {
  const tensors = tf.memory().numTensors;
  const spec = resolveSpec(input, everything);
  const steps = spec.stages.at(-1)?.training.steps as number;
  const middle = totalSteps(spec) - steps / 2;
  const { events, half, end } = await train(spec, middle);
  const { end: again } = await train(spec, middle, half);
  // As bytes: where they differ, there is no long comparison to be printed.
  for (const part of ['theta', 'm', 'v'] as const) expect(sameBits(again[part], end[part]), part).toBe(true);
  expect(tf.memory().numTensors).toBe(tensors);
  const losses = logged(events, 'loss');
  expect(losses.length).toBeGreaterThanOrEqual(steps);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(end.theta.every(Number.isFinite)).toBe(true);
  return { events, moved: !sameBits(end.theta, (half as Checkpoint).reference) };
}

const sameBits = (a: Float32Array, b: Float32Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

/** Of samples alone an untrained policy learns where their rewards differ: in a world without examples of its own. */
const providesNone = (world: string): boolean => everything.worlds.find(({ id }) => id === world)?.provides.length === 0;

const OBJECTIVE_CASES = Object.values<Objective>(OBJECTIVES).flatMap((objective) =>
  WORLDS_FOR[objective.data]
    .filter((world) => objective.samplesOnly !== true || providesNone(world))
    .map((world) => [objective.id, world, objective] as const),
);

describe('every objective', () => {
  it.each(OBJECTIVE_CASES)('%s on %s', async (id, world, objective) => {
    const params = defaultsOf(objective.params) as never;
    const teachers = objective.teachers?.(params) ?? [];
    const { events, moved } = await tried(
      specIn(
        world,
        teachers.map(() => ({ objective: 'grpo' })),
        { objective: id },
      ),
    );
    expect(moved).toBe(true);
    // The KL is of a reference.
    const drawn = Object.keys(objective.diagnostics).filter((metric) => metric !== 'kl' || objective.needsReference(params));
    for (const metric of drawn) {
      const values = logged(events, metric);
      expect(values, metric).not.toHaveLength(0);
      expect(values.every(Number.isFinite), metric).toBe(true);
    }
  });
});

const REWARD_CASES = Object.values<Reward>(REWARDS).map((reward) => {
  const worlds = Object.entries<World>(WORLDS).filter(([, world]) => rewardsIn(world).includes(reward.id));
  return [reward.id, worlds[0]?.[0] as keyof typeof WORLDS, reward] as const;
});

describe('every reward with GRPO', () => {
  it.each(REWARD_CASES)('%s on %s', async (id, world, reward) => {
    const { models = 0 } = reward.needs?.(defaultsOf(reward.params) as never) ?? {};
    const before = Array.from({ length: models }, () => ({ objective: 'reward-model' }));
    const { events, moved } = await tried(specIn(world, before, { objective: 'grpo', rewards: [id] }));
    const rewards = logged(events, 'reward');
    expect(rewards.length).toBeGreaterThan(0);
    expect(rewards.every(Number.isFinite)).toBe(true);
    // Groups of equal reward teach GRPO nothing, and an untrained policy may well earn the same throughout.
    expect(moved).toBe(logged(events, 'reward_std').some((deviation) => deviation > 0));
  });
});
