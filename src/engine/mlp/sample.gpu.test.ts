import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleRequest } from '../../policies/policy';
import { toRows } from '../../policies/rows';
import { gpuDevice } from '../../test/gpu';
import { FIRST, type MlpCase, mlpCase } from '../../test/mlp-case';
import { counted, onProcessor } from '../../test/webgpu';
import type { Device } from '../../worker/device';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const SIZES = [
  { rows: 1, contextSize: 1, narrow: 3, wide: 17, actions: 2 },
  { rows: 63, contextSize: 17, narrow: 6, wide: 64, actions: 65 },
  { rows: 65, contextSize: 100, narrow: 50, wide: 256, actions: 100 },
  { rows: 257, contextSize: 3, narrow: 64, wide: 3, actions: 17, promptLen: 3 },
];

const SETTINGS: readonly Partial<SampleRequest>[] = [
  { temperature: 1 },
  { temperature: 0 },
  { temperature: 0.7, topK: 2 },
  { temperature: 1.5, topP: 0.6 },
];

/** The prompts of a case's rows. */
const promptsOf = ({ host }: MlpCase): number[][] =>
  Array.from({ length: host.rows }, (_, row) => [...host.tokens.subarray(row * host.length, (row + 1) * host.length - 1)]);

async function sample({ policy, theta }: MlpCase, request: SampleRequest) {
  const start = tf.tensor1d(theta);
  const drawn = await policy.sample(start, request);
  start.dispose();
  return drawn;
}

describe.each(SIZES)('R $rows, context $contextSize, widths $narrow and $wide, $actions actions', (sizes) => {
  const made = mlpCase(sizes);

  it.each(SETTINGS)('draws what the composed policy draws, and scores it as training does: %o', async (settings) => {
    const request = { prompts: promptsOf(made), seed: 7, step: 3, temperature: 1, ...settings };
    const before = tf.memory().numTensors;
    const actual = await sample(made, request);
    expect(tf.memory().numTensors).toBe(before);
    const expected = await onProcessor(() => sample(made, request));
    expect(actual.tokens).toEqual(expected.tokens);
    expect(actual.mask).toEqual(expected.mask);
    const scored = tf.tidy(() => {
      const { logp, entropy } = made.policy.score(tf.tensor1d(made.theta), toRows(actual));
      return tf.concat([logp, entropy]);
    });
    const values = await scored.data();
    scored.dispose();
    [...actual.logp, ...actual.entropy].forEach((x, i) => {
      expect(Math.abs(x - (values[i] as number)), `number ${i}`).toBeLessThan(1e-5);
    });
    expect(device.failure()).toBeNull();
  });
});

describe('the fused draw', () => {
  const made = mlpCase({ rows: 20_000, contextSize: 5, narrow: 6, wide: 8, actions: 7 });
  const [prompt = []] = promptsOf(made);
  const request = { prompts: Array.from({ length: 20_000 }, () => prompt), seed: 5, step: 0, temperature: 1 };

  it('draws each action as often as the softmax says, the first included, by a chi-square test on 100,000 draws', async () => {
    const counts = new Float64Array(7);
    const expected = new Float64Array(7);
    for (let step = 0; step < 5; step++) {
      const { tokens, logp, length } = await sample(made, { ...request, step });
      for (let row = 0; row < 20_000; row++) {
        const action = (tokens[(row + 1) * length - 1] as number) - FIRST;
        counts[action] = (counts[action] as number) + 1;
        expected[action] = 100_000 * Math.exp(logp[(row + 1) * length - 1] as number);
      }
    }
    const chiSquare = counts.reduce((sum, count, i) => sum + (count - (expected[i] as number)) ** 2 / (expected[i] as number), 0);
    // The 99.9 % quantile of the chi-square distribution with 6 degrees of freedom.
    expect(chiSquare).toBeLessThan(22.46);
    expect(expected.reduce((sum, count) => sum + count, 0)).toBeCloseTo(100_000, -1);
  });

  it('takes 4 dispatches and one submission, and draws the same for the same key and otherwise for another', async () => {
    const start = tf.tensor1d(made.theta);
    await start.data();
    const few = { ...request, prompts: request.prompts.slice(0, 50) };
    const first = await made.policy.sample(start, few);
    const again = await counted(async () => expect(await made.policy.sample(start, few)).toEqual(first));
    expect(again).toEqual({ dispatches: 4, submits: 1 });
    expect((await made.policy.sample(start, { ...few, seed: 6 })).tokens).not.toEqual(first.tokens);
    start.dispose();
  });
});
