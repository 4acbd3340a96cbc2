/**
 * jax-js as it is published, on its WebGPU backend: the whole training step under one `jit`. It opens a device of its own on
 * the same adapter.
 */
import { defaultDevice, init, jit, numpy as np, tree } from '@jax-js/jax';
import type { HostRows } from '../policies/rows';
import type { BenchEngine, BenchSession, Task } from './engine';
import { mapWeights, meanLoss, trainingStep, type Weights } from './jax-model';

/** jax-js on a WebGPU device of its own. */
export const jaxEngine: BenchEngine = {
  id: 'jax',
  workloads: ['train-2x64', 'train-4x128'],
  async open(task) {
    if (task.kind !== 'train') throw new Error(`jax-js has no part in the workload ${task.id}`);
    if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js could not open a WebGPU device.');
    defaultDevice('webgpu');
    return session(task);
  },
};

function session({ model, policy, stage, theta, batch }: Extract<Task, { kind: 'train' }>): BenchSession {
  const { lr, beta1, beta2, epsilon } = stage.spec.training;
  const step = jit(trainingStep(model, { lr, beta1, beta2, epsilon }));
  const score = jit((weights: Weights, tokens: np.Array, mask: np.Array) => meanLoss(model, weights, tokens, mask));
  let weights: Weights = Object.fromEntries(
    policy.layout.slices.map(({ name, offset, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, np.array(theta.slice(offset, offset + size), { shape: [...shape] })];
    }),
  );
  let m = mapWeights(weights, (w) => np.zeros(w.shape));
  let v = mapWeights(weights, (w) => np.zeros(w.shape));
  let loss: np.Array | null = null;
  let taken = 0;
  const upload = ({ rows, length, tokens, mask }: HostRows): [np.Array, np.Array] => [
    np.array(Int32Array.from(tokens), { shape: [rows, length] }), // [R, T]
    np.array(Float32Array.from(mask), { shape: [rows, length] }), // [R, T]
  ];

  return {
    async step() {
      taken += 1;
      const corrections = np.array(Float32Array.of(1 - beta1 ** taken, 1 - beta2 ** taken)); // [2]
      loss?.dispose();
      [weights, m, v, loss] = step(weights, m, v, ...upload(batch.rows), corrections);
      // Arrays are lazy; to ask for the buffer of one hands the whole step to the device, and does not wait for it.
      await loss.ref.gpuBuffer();
    },
    async settle() {
      if (loss === null) throw new Error('no step has been taken');
      return { kind: 'loss', loss: Number(await loss.ref.jsAsync()) };
    },
    async probe(rows) {
      return Number(await score(tree.ref(weights), ...upload(rows)).jsAsync());
    },
    dispose() {
      tree.dispose([weights, m, v]);
      loss?.dispose();
      step.dispose();
      score.dispose();
    },
  };
}
