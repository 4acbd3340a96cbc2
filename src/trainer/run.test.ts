import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Checkpoint, type RunEvent, RunFailure } from '../core/events';
import { layoutOf } from '../core/layout';
import { resolveSpec } from '../core/resolve';
import type { RunSpec, RunSpecInput } from '../core/spec';
import * as memory from '../kernels/memory';
import { catalogue } from './catalogue';
import { createRun } from './run';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const context = { dataset: () => undefined };

/** Small runs that between them use every way of getting a batch. */
const SPECS: Record<string, RunSpecInput> = {
  'bins, GRPO on-policy': {
    world: { id: 'bins', params: { bins: 20 } },
    policy: 'categorical',
    stages: [
      {
        objective: { id: 'grpo', params: { beta: 0.1 } },
        training: { source: 'samples', prompts: 2, group: 6, steps: 7, refreshEvery: 3, batchSize: 1, lr: 0.05 },
      },
    ],
    evaluation: { every: 3, prompts: 2, samples: 2 },
  },
  'bins, MLP, DPO offline, then best-of-n on-policy': {
    world: { id: 'bins', params: { bins: 12 } },
    policy: { id: 'mlp', params: { contextSize: 4, narrow: 5, wide: 6 } },
    stages: [
      {
        objective: 'dpo',
        training: { source: 'samples', prompts: 3, group: 4, steps: 4, refreshEvery: 0, pairing: 'all', batchSize: 5, lr: 0.01 },
      },
      { objective: 'best-of-n', training: { source: 'samples', prompts: 3, group: 4, steps: 3, refreshEvery: 1, batchSize: 2, lr: 0.01 } },
    ],
    evaluation: { every: 4, prompts: 2, samples: 2 },
  },
  'bins, GRPO from a sampler that lags, groups of equal reward dropped, from the start twice': {
    world: { id: 'bins', params: { bins: 10 } },
    policy: 'categorical',
    stages: [
      {
        objective: 'grpo',
        training: {
          ...{ source: 'samples', prompts: 2, group: 2, steps: 8, refreshEvery: 2, syncEvery: 3, batchSize: 2, lr: 0.05 },
          dropZeroVariance: true,
        },
      },
      {
        objective: 'grpo',
        training: { source: 'samples', prompts: 2, group: 3, steps: 3, syncEvery: 0, batchSize: 2, lr: 0.05, begin: 'start' },
      },
    ],
    evaluation: { every: 3, prompts: 2, samples: 2 },
  },
  'sums, SFT, then DPO': {
    world: { id: 'sums', params: { digits: 1 } },
    policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
    stages: [
      { objective: 'sft', training: { steps: 3, batchSize: 4 } },
      { objective: 'dpo', training: { steps: 3, batchSize: 4, microBatches: 2 } },
    ],
    evaluation: { every: 2, prompts: 2, samples: 2 },
  },
};

function specOf(name: string, changes: Partial<RunSpecInput> = {}): RunSpec {
  return resolveSpec({ seed: 11, ...SPECS[name], ...changes }, catalogue());
}

interface Outcome {
  readonly events: RunEvent[];
  readonly checkpoint: Checkpoint;
}

/** Runs to the end, or as long as `enough` says no. */
async function train(spec: RunSpec, from: Checkpoint | null = null, enough: (event: RunEvent) => boolean = () => false): Promise<Outcome> {
  const run = createRun(spec, { context, from, now: () => 0 });
  const events: RunEvent[] = [];
  for await (const event of run.events()) {
    events.push(event);
    if (enough(event)) break;
  }
  const rest = await run.flush();
  if (rest !== null) events.push(rest);
  const checkpoint = await run.checkpoint();
  run.dispose();
  return { events, checkpoint };
}

/** Every logged number by metric and step. */
function curves(events: readonly RunEvent[]): Record<string, Record<number, number>> {
  const all: Record<string, Record<number, number>> = {};
  for (const event of events) {
    if (event.type !== 'metrics') continue;
    for (const [id, column] of Object.entries(event.columns)) {
      const curve = all[id] ?? {};
      all[id] = curve;
      column.forEach((value, i) => {
        if (!Number.isNaN(value)) curve[event.steps[i] as number] = value;
      });
    }
  }
  return all;
}

describe.each(Object.keys(SPECS))('%s', (name) => {
  it('is a pure function of its spec', async () => {
    const [first, second] = [await train(specOf(name)), await train(specOf(name))];
    expect(second.checkpoint).toEqual(first.checkpoint);
    expect(curves(second.events)).toEqual(curves(first.events));
    expect((await train(specOf(name, { seed: 12 }))).checkpoint.theta).not.toEqual(first.checkpoint.theta);
  });

  it('goes on from a checkpoint as if it had never stopped, wherever that was', async () => {
    const straight = await train(specOf(name));
    const steps = straight.events.filter((event) => event.type === 'step').length;
    for (let stop = 1; stop < steps; stop++) {
      const before = await train(specOf(name), null, (event) => event.type === 'step' && event.step === stop);
      expect(before.checkpoint.step).toBe(stop);
      // As it comes back from storage.
      const after = await train(specOf(name), structuredClone(before.checkpoint));
      expect(after.checkpoint).toEqual(straight.checkpoint);
      expect(curves([...before.events, ...after.events])).toEqual(curves(straight.events));
    }
  });

  it('leaves no tensor behind', async () => {
    await train(specOf(name));
    const before = tf.memory().numTensors;
    await train(specOf(name));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reports every step once, in order, and finishes', async () => {
    const spec = specOf(name);
    const { events } = await train(spec);
    const steps = events.filter((event) => event.type === 'step').map(({ step }) => step);
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    expect(steps).toHaveLength(spec.stages.reduce((sum, stage) => sum + stage.training.steps, 0));
    expect(events.at(-1)?.type).toBe('finished');
    const reported = events.flatMap((event) => (event.type === 'metrics' ? event.steps : []));
    expect(new Set(reported).size).toBe(reported.length);
    expect([...reported].sort((a, b) => a - b)).toEqual([0, ...steps]);
  });
});

describe('the numbers of steps', () => {
  const long: RunSpecInput = {
    world: { id: 'bins', params: { bins: 10 } },
    policy: 'categorical',
    stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 1, group: 4, steps: 80, refreshEvery: 2 } }],
    evaluation: { every: 80, prompts: 1, samples: 1 },
  };

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('are read while training and its rollouts go on, two packets of steps behind at most', async () => {
    const arrivals: (() => void)[] = [];
    const { readAll } = memory;
    vi.spyOn(memory, 'readAll').mockImplementation(async (tensors) => {
      const values = readAll(tensors);
      await new Promise<void>((resolve) => arrivals.push(resolve));
      return values;
    });
    const run = createRun(resolveSpec(long, catalogue()), { context, now: () => 0 });
    const events = run.events();
    let [step, reported] = [0, 0];
    const take = async (until: number): Promise<void> => {
      while (step < until) {
        const { value } = await events.next();
        if (value?.type === 'step') step = value.step;
        if (value?.type === 'metrics') reported = Math.max(reported, ...value.steps);
      }
    };
    const waits = async (going: Promise<void>) => {
      expect(await Promise.race([going.then(() => 'went on'), new Promise((resolve) => setTimeout(resolve, 0, 'waits'))])).toBe('waits');
    };
    // The first packet holds one step: nothing is known of the device yet, and it is not run away from.
    await take(1);
    expect(arrivals).toHaveLength(1);
    const second = take(2);
    await waits(second);
    arrivals[0]?.();
    await second;
    expect(reported).toBe(1);
    // It took no time, so packets now hold as many steps as they may.
    await take(64);
    expect(arrivals).toHaveLength(2);
    expect(reported).toBe(1);
    // The next packet is due and the last one is not there.
    const blocked = take(65);
    await waits(blocked);
    arrivals[1]?.();
    await blocked;
    expect(reported).toBe(33);
    await events.return();
    run.dispose();
  });
});

describe('a checkpoint of other parameters', () => {
  const NETWORK: RunSpecInput = {
    world: { id: 'bins', params: { bins: 10 } },
    policy: { id: 'mlp', params: { contextSize: 4, narrow: 4, wide: 4 } },
    stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 1, group: 2, steps: 2, batchSize: 1 } }],
    evaluation: { every: 2, prompts: 1, samples: 1 },
  };
  const spec = resolveSpec(NETWORK, catalogue());
  const reason = (from: Checkpoint, given = spec) =>
    train(given, from).then(
      () => 'accepted',
      (error: unknown) => (error instanceof RunFailure ? error.message : String(error)),
    );

  it('is refused where they lie in another order, with the first place that differs', async () => {
    const { checkpoint } = await train(spec);
    const { layout } = checkpoint;
    expect(layout?.slices.length).toBeGreaterThan(2);
    expect(await reason(checkpoint)).toBe('accepted');
    // As an earlier version had it: a layer's bias right after its weight, in a vector of the same size.
    const [first, ...rest] = layout?.slices ?? [];
    const bias = rest.find(({ name }) => name === 'in.bias');
    if (layout === undefined || first === undefined || bias === undefined) throw new Error('the network has no such slices');
    const others = rest.filter((slice) => slice !== bias);
    const reordered = layoutOf([first, bias, ...others].map(({ name, shape }) => [name, shape]));
    expect(reordered.size).toBe(layout.size);
    expect(await reason({ ...checkpoint, layout: reordered })).toMatch(
      /^The checkpoint has in\.bias of \d+ at \d+ where the policy has hidden\.0\.weight of \d+ x \d+ at \d+: it is from another version/,
    );
    expect(await reason({ ...checkpoint, layout: { ...layout, slices: layout.slices.slice(0, -1) } })).toMatch(
      /has nothing where the policy has/,
    );
  });

  it('is refused where nothing says how they lie and the order has changed, and else taken up', async () => {
    const { layout: _, ...old } = (await train(spec)).checkpoint;
    expect(await reason(old)).toMatch(/from an earlier version and does not say in which order/);
    const table = specOf('sums, SFT, then DPO');
    const { layout: __, ...same } = (await train(table)).checkpoint;
    expect(await reason(same, table)).toBe('accepted');
  });

  it('is refused where there are more or fewer of them', async () => {
    const { checkpoint } = await train(spec);
    expect(await reason({ ...checkpoint, theta: checkpoint.theta.slice(1) })).toMatch(/it belongs to another spec/);
  });
});

describe('invariants', () => {
  it('gives the same trajectory however a batch is cut', async () => {
    for (const name of Object.keys(SPECS)) {
      const cut = (microBatches: number) => {
        const { stages = [] } = SPECS[name] ?? {};
        return specOf(name, { stages: stages.map((stage) => ({ ...stage, training: { ...stage.training, microBatches } })) });
      };
      const [whole, parts] = [await train(cut(1)), await train(cut(3))];
      const worst = Math.max(...whole.checkpoint.theta.map((value, i) => Math.abs(value - (parts.checkpoint.theta[i] as number))));
      expect(worst, name).toBeLessThan(1e-4);
    }
  });

  it('fails with a sentence when the loss is no longer a number', async () => {
    const spec = specOf('sums, SFT, then DPO');
    // Larger than the page allows: every weight overflows after a step.
    const broken: RunSpec = { ...spec, stages: spec.stages.map((stage) => ({ ...stage, training: { ...stage.training, lr: 1e30 } })) };
    const end = await train(broken).then(
      () => 'finished',
      (error: unknown) => String(error),
    );
    expect(end).toMatch(/diverged/);
  });
});
