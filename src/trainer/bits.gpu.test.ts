import { beforeAll, expect, it } from 'vitest';
import type { Checkpoint } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput } from '../core/spec';
import { gpuDevice } from '../test/gpu';
import type { Device } from '../worker/device';
import { catalogue } from './catalogue';
import { createRun } from './run';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

/** Imitation and then samples of its own, of which each draw serves three steps. */
const SPEC: RunSpecInput = {
  seed: 8,
  world: { id: 'sums', params: { digits: 1 } },
  policy: { id: 'gpt', params: { layers: 2, width: 16, heads: 2 } },
  stages: [
    { objective: 'sft', training: { steps: 120, batchSize: 6, lr: 0.01 } },
    {
      objective: { id: 'grpo', params: { beta: 0.05 } },
      reward: 'exact-match',
      training: { steps: 80, prompts: 3, group: 4, batchSize: 2, refreshEvery: 3, lr: 0.003 },
    },
  ],
  evaluation: { every: 70, prompts: 2, samples: 2 },
};

/** Trains from a checkpoint, or from the start, to a step, or to the end. */
async function train(from: Checkpoint | null, until: number, now?: () => number): Promise<Checkpoint> {
  const context = { dataset: () => undefined };
  const clock = now === undefined ? {} : { now };
  const run = createRun(resolveSpec(SPEC, catalogue()), { context, from, deviceFailure: device.failure, ...clock });
  for await (const event of run.events()) if (event.type === 'step' && event.step === until) break;
  await run.flush();
  const checkpoint = await run.checkpoint();
  run.dispose();
  // As it comes back from storage.
  return structuredClone(checkpoint);
}

/** θ and both moments as the words that hold them: 0 and -0 differ. */
const bits = ({ theta, m, v }: Checkpoint): Uint32Array[] => [theta, m, v].map((x) => new Uint32Array(x.slice().buffer));

it('leaves the same bits after two hundred steps, straight and with pauses', async () => {
  const straight = await train(null, 200);
  expect(straight.step).toBe(200);
  // A clock of a second for each look: scalars are read after every step, and not after many.
  let seconds = 0;
  const now = () => 1000 * seconds++;
  // In the middle of imitation, and before the last step that a draw of samples serves.
  const early = await train(null, 100, now);
  const late = await train(early, 161, now);
  expect([late.stage, late.stageStep, late.pool?.drawnAt]).toEqual([1, 41, 39]);
  const resumed = await train(late, 200, now);
  expect(bits(resumed)).toEqual(bits(straight));
  expect(resumed).toEqual(straight);
  expect(device.failure()).toBeNull();
});
