import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineFigures } from '../core/bench';
import { gpuDevice } from '../test/gpu';
import type { Device } from '../worker/device';
import { BenchMismatch } from './check';
import type { BenchEngine } from './engine';
import { labEngine } from './lab';
import { countWork } from './measure';
import { runTask } from './run';
import { stockEngine } from './stock';
import { onPolicyTask, rolloutTask, trainTask } from './workloads';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const engines = [labEngine, stockEngine];
const LAYERS = 2;
const TINY = { layers: LAYERS, width: 16, heads: 2, vocabSize: 13 } as const;
const GPT = { id: 'gpt', params: { layers: LAYERS, width: 16, heads: 2 } } as const;

const samples = { source: 'samples', prompts: 2, group: 4, batchSize: 2, refreshEvery: 1, clipNorm: 0 } as const;

const tasks = {
  train: trainTask('train-2x64', { ...TINY, length: 8, batch: 4 }),
  rollout: rolloutTask('rollout-2x64', { ...TINY, rows: 64, prompt: 3, newTokens: 4 }),
  grpo: onPolicyTask('grpo-step', {
    world: { id: 'sums', params: { digits: 1 } },
    policy: GPT,
    stages: [{ objective: 'grpo', reward: 'exact-match', training: samples }],
  }),
  mlp: onPolicyTask('mlp-bandit', {
    world: { id: 'bins', params: { bins: 12 } },
    policy: { id: 'mlp', params: { contextSize: 8, narrow: 8, wide: 16 } },
    stages: [{ objective: 'grpo', training: samples }],
  }),
};

/** A step of imitation reads nothing. */
const isRead = (name: string): boolean => name === 'readBacks' || name === 'bytesReadBack';

describe.each(Object.entries(tasks))('%s', (_, task) => {
  it('is the same work for the lab and for stock tfjs, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const { engines: figures, ratio } = await runTask(task, { engines, rounds: 3, deviceFailure: device.failure });
    for (const engine of ['lab', 'tfjs'] as const) {
      for (const [name, value] of Object.entries(figures[engine] as EngineFigures)) {
        for (const number of [value].flat()) expect(number, `${engine} ${name}`).toBeGreaterThan(isRead(name) ? -1 : 0);
      }
    }
    const [lab, stock] = [figures.lab, figures.tfjs as EngineFigures];
    expect(ratio.tfjs).toBeGreaterThan(0);
    if (task.kind === 'train') expect(lab).toMatchObject({ submits: 1, readBacks: 0, bytesReadBack: 0 });
    expect(lab.stepMsRange[0]).toBeLessThanOrEqual(lab.stepMs);
    expect(lab.stepMsRange[1]).toBeGreaterThanOrEqual(lab.stepMs);
    // The library's own flags hold while it works, and no longer: it submits every 15 dispatches.
    expect(stock.submits).toBeGreaterThanOrEqual(Math.floor(stock.dispatches / 15));
    expect(lab.submits).toBeLessThan(lab.dispatches / 4);
    expect(tf.env().getBool('WEBGPU_CPU_FORWARD')).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
    expect(device.failure()).toBeNull();
  });
});

describe('the bench', () => {
  /** Stock tfjs, but at another θ. */
  const elsewhere: BenchEngine = {
    ...stockEngine,
    open: (task) => stockEngine.open({ ...task, theta: task.theta.map((x) => 1.01 * x) }),
  };

  it('refuses to compare engines that do not compute the same', async () => {
    const before = tf.memory().numTensors;
    await expect(runTask(tasks.train, { engines: [labEngine, elsewhere], rounds: 3 })).rejects.toThrow(BenchMismatch);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('spends about as many dispatches in stock tfjs as were measured before for the same model', async () => {
    const stock = await stockEngine.open(trainTask('train-2x64', { ...TINY, length: 8, batch: 4 }));
    await stock.step();
    await stock.settle();
    const { work } = await countWork(() => stock.step());
    await stock.settle();
    stock.dispose();
    // 728 to 741 dispatches and 49 or 50 submissions for two layers, whatever the width.
    expect(work.dispatches).toBeGreaterThan(680);
    expect(work.dispatches).toBeLessThan(780);
  });
});
