/** What samples are scored by: sums of rewards, models that earlier stages have trained, and the truth beside them. */
import { describe, expect, it } from 'vitest';
import type { Checkpoint, RunEvent } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpec, RunSpecInput, StageInput } from '../core/spec';
import '../test/tf';
import { catalogue } from './catalogue';
import { prepare } from './lab';
import { createRun } from './run';

const context = { dataset: () => undefined };
const available = catalogue();

const specOf = (stages: readonly StageInput[], rest: Partial<RunSpecInput> = {}): RunSpec =>
  resolveSpec(
    {
      seed: 5,
      world: { id: 'bins', params: { bins: 10, contexts: 2 } },
      policy: 'categorical',
      stages,
      evaluation: { every: 5, prompts: 2, samples: 4 },
      ...rest,
    },
    available,
  );

const samples = { source: 'samples', prompts: 4, group: 8, lr: 0.05, clipNorm: 0 };
const model: StageInput = {
  objective: 'reward-model',
  reward: 'world',
  training: { ...samples, steps: 15, batchSize: 16, pairing: 'all', begin: 'start' },
};
const on = (rewards: StageInput['rewards'] = []): StageInput => ({
  objective: 'grpo',
  rewards,
  training: { ...samples, steps: 15, batchSize: 4, begin: 'start' },
});

interface Trained {
  /** By metric, every value in the order of the steps. */
  readonly logged: Record<string, number[]>;
  readonly checkpoint: Checkpoint;
}

/** Trains to the end, or up to a step. */
async function train(spec: RunSpec, { until = Number.POSITIVE_INFINITY, from = null as Checkpoint | null } = {}): Promise<Trained> {
  const run = createRun(spec, { context, from, now: () => 0 });
  const events: RunEvent[] = [];
  for await (const event of run.events()) {
    events.push(event);
    if (event.type === 'step' && event.step >= until) break;
  }
  const rest = await run.flush();
  if (rest !== null) events.push(rest);
  const logged: Record<string, Map<number, number>> = {};
  for (const event of events) {
    if (event.type !== 'metrics') continue;
    for (const [id, column] of Object.entries(event.columns)) {
      logged[id] ??= new Map();
      event.steps.forEach((step, i) => {
        if (!Number.isNaN(column[i])) logged[id]?.set(step, column[i] as number);
      });
    }
  }
  const checkpoint = await run.checkpoint();
  run.dispose();
  const inOrder = (values: Map<number, number>): number[] => [...values].sort(([a], [b]) => a - b).map(([, value]) => value);
  return { logged: Object.fromEntries(Object.entries(logged).map(([id, values]) => [id, inOrder(values)])), checkpoint };
}

const last = ({ logged }: Trained, id: string): number => logged[id]?.at(-1) ?? Number.NaN;

describe('a stage with several rewards', () => {
  it('adds them up by their weights, and charts each of them', async () => {
    const spec = specOf([
      on([
        { id: 'world', weight: 2 },
        { id: 'length', params: { perToken: 0.25 }, weight: -1 },
      ]),
    ]);
    const { logged } = await train(spec, { until: 3 });
    // A completion of bins is one token.
    expect(logged['reward/length']).toEqual([0.25, 0.25, 0.25]);
    for (const [i, reward] of (logged.reward ?? []).entries()) {
      expect(reward).toBeCloseTo(2 * (logged['reward/world']?.[i] as number) - 0.25, 6);
    }
    expect(logged['reward/world']).toEqual(logged.true_reward);
    expect(last({ logged } as Trained, 'expected_reward')).toBeCloseTo(2 * last({ logged } as Trained, 'expected_true_reward') - 0.25, 6);
  });

  it('goes on from what was saved when there could be one reward only', async () => {
    const spec = specOf([on(['world'])]);
    const straight = await train(spec, { until: 6 });
    const { checkpoint } = await train(spec, { until: 3 });
    const old = { ...spec, stages: spec.stages.map(({ rewards: _, ...stage }) => ({ ...stage, reward: { id: 'world', params: {} } })) };
    const resumed = await train(old as unknown as RunSpec, { until: 6, from: checkpoint });
    expect(resumed.checkpoint.theta).toEqual(straight.checkpoint.theta);
  });
});

describe('a reward model', () => {
  const spec = specOf([model, on(['reward-model'])]);

  it('is trained by one stage and earned from in the next, with the truth beside it', async () => {
    const run = await train(spec);
    expect(last(run, 'accuracy')).toBeGreaterThan(0.8);
    // The first stage samples too, and is scored by the world.
    const proxy = run.logged.reward?.slice(15) ?? [];
    expect(proxy).toHaveLength(15);
    expect(run.logged.true_reward).toHaveLength(30);
    expect(last(run, 'reward')).toBeGreaterThan((proxy[0] as number) + 0.1);
    // At the start, and after every five steps of either stage.
    for (const id of ['eval/reward', 'eval/true_reward', 'expected_reward', 'expected_true_reward']) {
      expect(run.logged[id]?.length, id).toBeGreaterThanOrEqual(3);
    }
    // What the model has learned is worth something.
    expect(last(run, 'expected_true_reward')).toBeGreaterThan(run.logged.expected_reward?.[0] as number);
  });

  it('goes on bit for bit from a checkpoint in either stage', async () => {
    const straight = await train(spec);
    for (const until of [7, 22]) {
      const { checkpoint } = await train(spec, { until });
      const resumed = await train(spec, { from: structuredClone(checkpoint) });
      expect(resumed.checkpoint.theta, `from step ${until}`).toEqual(straight.checkpoint.theta);
      expect(last(resumed, 'eval/reward')).toBe(last(straight, 'eval/reward'));
    }
  });

  it('may be one of several, which are asked together', async () => {
    const run = await train(specOf([model, model, on([{ id: 'ensemble', params: { combine: 'cautious', k: 2 } }])]));
    const [mean, std] = [last(run, 'reward/ensemble_mean'), last(run, 'reward/ensemble_std')];
    expect(std).toBeGreaterThan(0);
    expect(last(run, 'reward')).toBeCloseTo(mean - 2 * std, 5);
  });

  it.each([
    [[on(['reward-model'])], /^stages\[0\].rewards\[0\]: Reward model asks for a stage before this one with the objective Reward model/],
    [[on([]), on(['world', 'reward-model'])], /^stages\[1\].rewards\[1\]: .*; there is none\. Add one above it/],
    [[model, on(['ensemble'])], /^stages\[1\].rewards\[0\]: Ensemble of reward models asks for 2 stages .*; there is 1\. Add/],
  ])('is missed in a sentence where no stage has trained one', (stages, message) => {
    const [first, ...rest] = stages;
    const scored = { ...first, rewards: first?.rewards?.length === 0 ? ['world'] : first?.rewards } as StageInput;
    expect(() => prepare(specOf([scored, ...rest]), context)).toThrow(message);
  });
});

describe('a reward that follows the policy', () => {
  const optimumOf = async (rewards: StageInput['rewards']) => {
    const run = createRun(specOf([{ ...on(rewards), objective: { id: 'rloo', params: { beta: 0.2 } } }]), { context });
    for await (const event of run.events()) {
      if (event.type !== 'distribution') continue;
      run.dispose();
      return event;
    }
    throw new Error('nothing was enumerated');
  };

  it('has no closed form', async () => {
    expect((await optimumOf([{ id: 'log-probability', params: { under: 'policy' } }])).optimum).toBeNull();
  });

  it('has the power distribution for one where it is the reference that speaks', async () => {
    const { optimum, reference } = await optimumOf([{ id: 'log-probability', params: { lambda: 0.1 } }]);
    // p^(1 + .1 / .2)
    const powers = reference.map((p) => p ** 1.5);
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, i) => {
      expect(optimum?.[i]).toBeCloseTo(power / sum, 4);
    });
  });
});
