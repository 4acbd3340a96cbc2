import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpec, RunSpecInput } from '../core/spec';
import { type DeviceKernel, dispatch } from '../kernels/webgpu-backend';
import { gpuDevice, withOwnDevice } from '../test/gpu';
import { catalogue } from '../trainer/catalogue';
import type { Device } from './device';
import type { FromWorker } from './protocol';
import { createSession } from './session';

const INPUT: RunSpecInput = {
  seed: 3,
  world: { id: 'sums', params: { digits: 1 } },
  policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
  stages: [{ objective: 'sft', training: { steps: 40, batchSize: 4 } }],
  evaluation: { every: 40, prompts: 2, samples: 1 },
};
const SPEC = resolveSpec(INPUT, catalogue());

/** Without shaders of its own to compile. */
const QUICK = resolveSpec(
  {
    ...INPUT,
    world: { id: 'bins', params: { bins: 10 } },
    policy: 'categorical',
    stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 1, group: 4, steps: 40 } }],
  },
  catalogue(),
);

/** A run that has been paused after a step or more, and is then broken and told to go on. */
function open(device: Device, spec: RunSpec = SPEC) {
  const messages: FromWorker[] = [];
  const waiting: { want: (message: FromWorker) => boolean; resolve: (message: FromWorker) => void }[] = [];
  const session = createSession(device, (message) => {
    messages.push(message);
    for (const { want, resolve } of waiting) if (want(message)) resolve(message);
  });
  const until = (want: (message: FromWorker) => boolean): Promise<FromWorker> => new Promise((resolve) => waiting.push({ want, resolve }));
  const state = (name: string): Promise<FromWorker> => until((message) => message.type === 'state' && message.state === name);
  return {
    messages,
    state,
    async pausedAfterOne(): Promise<void> {
      const [shown, paused] = [state('paused'), until((message) => message.type === 'event' && message.event.type === 'checkpoint')];
      await session.handle({ type: 'start', runId: 'a', spec, from: null, paused: true });
      await shown;
      await session.handle({ type: 'step', runId: 'a' });
      await paused;
    },
    async goOn(): Promise<FromWorker> {
      const failed = until((message) => message.type === 'failed');
      await session.handle({ type: 'resume', runId: 'a' });
      return failed;
    },
    async finish(from: Checkpoint | null): Promise<void> {
      const finished = state('finished');
      await session.handle({ type: 'start', runId: 'b', spec, from, paused: false });
      await finished;
    },
    checkpoints: (): Checkpoint[] =>
      messages.flatMap((m) => (m.type === 'event' && m.event.type === 'checkpoint' ? [m.event.checkpoint] : [])),
    reported: (): number[] => messages.flatMap((m) => (m.type === 'event' && m.event.type === 'metrics' ? m.event.steps : [])),
  };
}

const isSound = ({ theta, m, v }: Checkpoint): boolean => [theta, m, v].every((vector) => vector.every(Number.isFinite));

/** A kernel that no device accepts. */
const broken = (code: string): DeviceKernel<'x', 'y', object> => ({
  name: 'Broken',
  inputs: ['x'],
  outputs: ['y'],
  outputShapes: ({ x }) => ({ y: x }),
  webgpu: { workgroups: () => [1, 1, 1], uniforms: () => [{ type: 'u32', value: 1 }], code },
});

const COPY = 'struct Uniforms { n: u32 } @compute @workgroup_size(1) fn main() { y[0] = x[0] + f32(uniforms.n); }';

/** Commands that spoil everything that is submitted with them. */
const SABOTAGE: Readonly<Record<string, readonly [RunSpec, () => void]>> = {
  'a shader that does not compile': [
    QUICK,
    () =>
      tf.tidy(() => {
        dispatch(tf.backend() as WebGPUBackend, broken(`${COPY} nonsense`), { x: tf.ones([4]) }, {});
      }),
  ],
  'a buffer that is read and written': [
    SPEC,
    () =>
      tf.tidy(() => {
        const x = tf.ones([4]);
        const backend = tf.backend() as WebGPUBackend;
        // Gives the output the memory of the input.
        const { makeTensorInfo } = backend;
        backend.makeTensorInfo = () => x;
        try {
          dispatch(backend, broken(COPY), { x }, {});
        } finally {
          backend.makeTensorInfo = makeTensorInfo;
        }
      }),
  ],
};

describe('a run on a device that fails', () => {
  it.each(Object.entries(SABOTAGE))('ends with a sentence after %s, and keeps its last checkpoint', async (_, [spec, sabotage]) => {
    await withOwnDevice(async ({ device }) => {
      const run = open(device, spec);
      await run.pausedAfterOne();
      expect(run.reported()).toEqual([0, 1]);
      sabotage();
      expect(await run.goOn()).toMatchObject({
        kind: 'gpu-error',
        message: expect.stringMatching(/^The graphics device refused a command: [^\n]+\.$/),
      });
      // Nothing that was computed after it is believed.
      expect(run.reported()).toEqual([0, 1]);
      expect(run.checkpoints().map(({ step }) => step)).toEqual([1]);
      expect(run.checkpoints().every(isSound)).toBe(true);
    });
  });

  it('ends with a sentence after a loss, and goes on from its last checkpoint on a new device', async () => {
    let kept: Checkpoint | undefined;
    await withOwnDevice(async ({ device, lose }) => {
      const run = open(device);
      await run.pausedAfterOne();
      lose('the driver crashed.');
      expect(await run.goOn()).toMatchObject({ kind: 'device-lost', message: 'The graphics device was lost: the driver crashed.' });
      expect(run.reported()).toEqual([0, 1]);
      [kept] = run.checkpoints();
      expect(run.checkpoints()).toHaveLength(1);
    });
    await withOwnDevice(async ({ device }) => {
      const [resumed, straight] = [open(device), open(device)];
      await resumed.finish(structuredClone(kept ?? null));
      await straight.finish(null);
      expect(resumed.checkpoints().at(-1)).toEqual(straight.checkpoints().at(-1));
      expect(device.failure()).toBeNull();
    });
  });

  it('ends with a sentence when it diverges, and keeps the checkpoint before', async () => {
    const device = await gpuDevice();
    // More than the page allows: the first step already leaves the range in which anything can be computed.
    const run = open(device, { ...SPEC, stages: SPEC.stages.map((stage) => ({ ...stage, training: { ...stage.training, lr: 1e30 } })) });
    await run.pausedAfterOne();
    expect(await run.goOn()).toMatchObject({ kind: 'diverged', message: expect.stringMatching(/^The run diverged: .* at step \d+\./) });
    expect(run.checkpoints().map(({ step }) => step)).toEqual([1]);
    expect(run.checkpoints().every(isSound)).toBe(true);
    expect(device.failure()).toBeNull();
  });
});
