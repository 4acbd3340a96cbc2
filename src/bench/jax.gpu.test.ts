import { beforeAll, expect, it } from 'vitest';
import { gpuDevice } from '../test/gpu';
import type { Device } from '../worker/device';
import { jaxEngine } from './jax';
import { labEngine } from './lab';
import { runTask } from './run';
import { trainTask } from './workloads';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const LAYERS = 1;
const task = trainTask('train-2x64', { layers: LAYERS, width: 16, heads: 2, length: 8, batch: 4, vocabSize: 11 });

it('jax-js has the lab’s loss at the start, and after steps of Adam', async () => {
  const [ours, theirs] = [await labEngine.open(task), await jaxEngine.open(task)];
  expect(await theirs.probe(task.probe)).toBeCloseTo(await ours.probe(task.probe), 4);
  for (let step = 0; step < 3; step++) {
    await ours.step();
    await theirs.step();
  }
  // Three steps lower the loss by about a tenth, so a moment or a correction that is off shows in the fourth digit.
  expect(await theirs.probe(task.probe)).toBeCloseTo(await ours.probe(task.probe), 4);
  ours.dispose();
  theirs.dispose();
});

it('the bench takes jax-js as an engine', async () => {
  const { engines, ratio } = await runTask(task, { engines: [labEngine, jaxEngine], rounds: 3, deviceFailure: device.failure });
  // A kernel at a time: every dispatch is a submission of its own.
  expect(engines.jax?.submits).toBe(engines.jax?.dispatches);
  expect(engines.jax?.dispatches).toBeGreaterThan(100 * LAYERS);
  expect(ratio.jax).toBeGreaterThan(0);
});

it('refuses what it has no part in', async () => {
  await expect(jaxEngine.open({ ...task, kind: 'rollout', prompts: [], newTokens: 0 })).rejects.toThrow(/no part/);
});
