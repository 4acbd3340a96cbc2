/** What a stage takes over from those before it, and whom it draws its samples from. */
import { expect, it } from 'vitest';
import type { Checkpoint, RunEvent } from '../core/events';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import type { RunSpecInput, StageInput } from '../core/spec';
import { tf } from '../test/tf';
import { catalogue } from './catalogue';
import { drawnAlone } from './draw';
import { type PreparedStage, prepare } from './lab';
import { drawPool } from './pool';
import { createRun } from './run';

const context = { dataset: () => undefined };

const bins = (...stages: StageInput[]): RunSpecInput => ({
  seed: 3,
  world: { id: 'bins', params: { bins: 10 } },
  policy: 'categorical',
  stages,
  evaluation: { every: 100, prompts: 1, samples: 1 },
});

const samples = { source: 'samples', prompts: 2, group: 4, batchSize: 2, lr: 0.1, clipNorm: 0 };

async function train(input: RunSpecInput): Promise<{ logged: Record<string, (number | undefined)[]>; checkpoint: Checkpoint }> {
  const run = createRun(resolveSpec(input, catalogue()), { context, now: () => 0 });
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const rest = await run.flush();
  if (rest !== null) events.push(rest);
  const logged: Record<string, (number | undefined)[]> = {};
  for (const event of events) {
    if (event.type !== 'metrics') continue;
    for (const [id, column] of Object.entries(event.columns)) {
      const series = logged[id] ?? [];
      logged[id] = series;
      event.steps.forEach((step, i) => {
        if (!Number.isNaN(column[i])) series[step] = column[i];
      });
    }
  }
  const checkpoint = await run.checkpoint();
  run.dispose();
  return { logged, checkpoint };
}

it('draws from a sampler that takes over the policy every so many steps', async () => {
  // Draws before steps 1, 3, 5 and 7. The sampler is of step 0 at first; at the third draw, four steps later, it is due.
  const { logged } = await train(bins({ objective: 'grpo', training: { ...samples, steps: 8, refreshEvery: 2, syncEvery: 3 } }));
  expect(logged['sampling/age']).toEqual([undefined, 0, undefined, 2, undefined, 0, undefined, 2]);
});

it('never follows the policy where it is told to keep to the first one', async () => {
  const { logged } = await train(bins({ objective: 'grpo', training: { ...samples, steps: 5, syncEvery: 0 } }));
  expect(logged['sampling/age']).toEqual([undefined, 0, 1, 2, 3, 4]);
  // Samples of the moment have ratio 1.
  expect(logged['ratio/mean']?.[1]).toBeCloseTo(1, 5);
  expect(logged['ratio/mean']?.[5]).not.toBeCloseTo(1, 3);
});

it('begins a stage anew from the start of the run where it says so', async () => {
  const first: StageInput = { objective: 'grpo', training: { ...samples, steps: 4 } };
  const tiny = { ...samples, steps: 1, lr: 1e-7 };
  const anew = await train(bins(first, { objective: 'grpo', training: { ...tiny, begin: 'start' } }));
  const on = await train(bins(first, { objective: 'grpo', training: tiny }));
  const distance = ({ checkpoint: { theta, start } }: typeof on) => Math.max(...theta.map((x, i) => Math.abs(x - (start[i] as number))));
  expect(distance(anew)).toBeLessThan(1e-6);
  expect(distance(on)).toBeGreaterThan(0.1);
});

it('replaces groups of equal reward by others, as long as there are any', async () => {
  const pairs = { ...samples, prompts: 6, group: 2, steps: 1 };
  const open = (dropZeroVariance: boolean) =>
    prepare(resolveSpec(bins({ objective: 'grpo', training: { ...pairs, dropZeroVariance } }), catalogue()), context);
  const drawn = async (dropZeroVariance: boolean) => {
    const { policy, stages } = open(dropZeroVariance);
    // One action is drawn two times out of three, so that many groups are equal.
    const theta = tf.tensor1d(Array.from({ length: 10 }, (_, k) => (k === 3 ? 2.9 : 0)));
    const result = await drawPool({
      policy,
      stage: stages[0] as PreparedStage,
      ...drawnAlone(theta, theta),
      rng: createRng(5),
      seed: 5,
      stageStep: 0,
    });
    theta.dispose();
    const equal = Array.from({ length: 6 }, (_, i) => result.pool.rewards[2 * i] === result.pool.rewards[2 * i + 1]);
    return { ...result, equal: equal.filter((is) => is).length };
  };
  const [kept, dropped] = [await drawn(false), await drawn(true)];
  expect(kept.equal).toBeGreaterThan(1);
  expect(dropped.equal).toBe(0);
  expect(dropped.pool.rows).toBe(12);
  expect(dropped.queries).toBeGreaterThan(12);
  expect(dropped.metrics['sampling/dropped_groups']).toBeGreaterThanOrEqual(kept.equal);
});

it('goes on from the last policy, not from a reward model, and from where the stage before began', async () => {
  const first: StageInput = { objective: 'grpo', training: { ...samples, steps: 4 } };
  const model: StageInput = { objective: 'reward-model', training: { ...samples, steps: 3 } };
  const still = { ...samples, steps: 1, lr: 1e-7 };
  const last = (training: object): StageInput => ({ objective: 'grpo', training: { ...still, ...training } });
  const thetaOf = async (...stages: StageInput[]) => (await train(bins(...stages))).checkpoint.theta;
  const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number))));
  // The policy has a head wherever a stage trains a reward model, so that all have one here.
  const policy = await thetaOf(first, last({}), { ...model, training: { ...samples, steps: 1, lr: 1e-7 } });
  const after = await thetaOf(first, model, last({}));
  const second = await thetaOf(first, { objective: 'grpo', training: { ...samples, steps: 5 } }, last({ begin: 'same' }));
  expect(distance(after, policy)).toBeLessThan(1e-5);
  expect(distance(second, (await train(bins(first, last({})))).checkpoint.theta)).toBeLessThan(1e-5);
});
