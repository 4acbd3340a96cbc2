import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createRng } from '../../core/rng';
import { EOS, PAD } from '../../core/world';
import { gptLayout } from '../../policies/gpt';
import { composedWriter, decode, drawKey } from '../../policies/gpt-decode';
import type { GptSizes } from '../../policies/gpt-network';
import type { Sampled, SampleRequest } from '../../policies/policy';
import { toRows } from '../../policies/rows';
import { gpuDevice } from '../../test/gpu';
import { counted, onProcessor } from '../../test/webgpu';
import type { Device } from '../../worker/device';
import { type DecodeVariant, fusedDecode } from './decode';
import { fusedScore } from './score';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

type Settings = Pick<SampleRequest, 'temperature' | 'topK' | 'topP'>;

interface Case {
  readonly rows: number;
  /** Shortest and longest prompt */
  readonly prompts: readonly [number, number];
  readonly maxLen: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly vocab: number;
  readonly settings: Settings;
  readonly head?: boolean;
}

// Heads of 8, 2, 5, 16, 40 and 4 numbers; 65 rows make two sequences of a workgroup and 301 make four, the last group short,
// and go through the network in blocks of six positions.
const CASES: Case[] = [
  { rows: 1, prompts: [1, 1], maxLen: 2, width: 8, heads: 1, layers: 1, vocab: 9, settings: { temperature: 1 } },
  { rows: 3, prompts: [2, 4], maxLen: 17, width: 8, heads: 4, layers: 2, vocab: 10, settings: { temperature: 0.7, topK: 4 } },
  { rows: 17, prompts: [3, 3], maxLen: 9, width: 10, heads: 2, layers: 3, vocab: 63, settings: { temperature: 0.7, topP: 0.9 } },
  { rows: 5, prompts: [1, 2], maxLen: 12, width: 64, heads: 4, layers: 2, vocab: 65, settings: { temperature: 1.3, topK: 40, topP: 0.95 } },
  { rows: 2, prompts: [2, 2], maxLen: 5, width: 80, heads: 2, layers: 1, vocab: 17, settings: { temperature: 1 } },
  { rows: 65, prompts: [1, 3], maxLen: 6, width: 12, heads: 3, layers: 1, vocab: 5, settings: { temperature: 0 } },
  { rows: 301, prompts: [8, 8], maxLen: 10, width: 12, heads: 3, layers: 1, vocab: 5, settings: { temperature: 1 } },
];

function build({ rows, prompts: [shortest, longest], maxLen, width, heads, layers, vocab, settings, head = false }: Case) {
  const shape = { vocabSize: vocab, maxLen, promptLen: longest, sampleable: [], head };
  const sizes: GptSizes = { layers, width, heads, shape };
  const layout = gptLayout(sizes);
  const rng = createRng(width + rows);
  const theta = Float32Array.from({ length: layout.size }, () => (2 * rng.normal()) / Math.sqrt(width));
  const prompts = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: shortest + (row % (1 + longest - shortest)) }, () => rng.below(vocab)),
  );
  const request: SampleRequest = { prompts, seed: 77, step: 3, ...settings };
  const model = { layers, width, heads, vocabSize: vocab, maxLen, layout };
  return {
    request,
    theta,
    model,
    fused(start: tf.Tensor1D, variant: DecodeVariant, key = request): Promise<Sampled> {
      const decoder = fusedDecode(model, variant);
      return decode(key, sizes, (forced) => decoder.decode(start, forced, drawKey(key)));
    },
    composed: () =>
      onProcessor(async () => {
        const start = tf.tensor1d(theta);
        const drawn = await decode(request, sizes, composedWriter(start, layout, request, sizes));
        start.dispose();
        return drawn;
      }),
  };
}

describe.each(CASES)('R $rows, T $maxLen, width $width, heads $heads, layers $layers, vocabulary $vocab', (shape) => {
  const { theta, fused, composed, model, request } = build(shape);

  it('writes what the composed policy writes, with its entropies', async () => {
    const before = tf.memory().numTensors;
    const start = tf.tensor1d(theta);
    const actual = await fused(start, 'steps');
    const expected = await composed();
    expect(actual.tokens).toEqual(expected.tokens);
    expect(actual.mask).toEqual(expected.mask);
    for (const name of ['logp', 'entropy'] as const) {
      actual[name].forEach((x, i) => {
        expect(Math.abs(x - (expected[name][i] as number)), `${name} ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(x)));
      });
    }
    start.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(device.failure()).toBeNull();
  });

  it('gives the log-probabilities and entropies that training computes', async () => {
    const start = tf.tensor1d(theta);
    const drawn = await fused(start, 'steps');
    const rows = toRows(drawn);
    const scored = fusedScore(model).score(start, rows.tokens, rows.mask);
    for (const name of ['logp', 'entropy'] as const) {
      const trained = await scored[name].data();
      drawn[name].forEach((x, i) => {
        expect(Math.abs(x - (trained[i] as number)), `${name} ${i}`).toBeLessThan(1e-5);
      });
    }
    tf.dispose([start, rows.tokens, rows.mask, scored]);
  });

  it('writes the same bits in a single dispatch', async () => {
    const start = tf.tensor1d(theta);
    expect(await fused(start, 'whole')).toEqual(await fused(start, 'steps'));
    start.dispose();
    expect(device.failure()).toBeNull();
  });

  it('writes the same bits where prompts go through the network position by position', async () => {
    const start = tf.tensor1d(theta);
    const drawn = await fused(start, 'steps');
    // Another row with a prompt of one token leaves nothing to read at once.
    const longer = await fused(start, 'steps', { ...request, prompts: [...request.prompts, [1]] });
    for (const name of ['tokens', 'logp', 'entropy'] as const) {
      expect(longer[name].subarray(0, drawn[name].length)).toEqual(drawn[name]);
    }
    start.dispose();
  });
});

describe('the fused decoder', () => {
  const { theta, request, fused } = build({
    rows: 33,
    prompts: [2, 3],
    maxLen: 14,
    width: 16,
    heads: 2,
    layers: 2,
    vocab: 6,
    settings: { temperature: 1.4 },
  });

  it('draws the same whether a scalar head stands behind the weights', async () => {
    for (const heads of [1, 3]) {
      const sizes: Case = { rows: 5, prompts: [1, 2], maxLen: 9, width: 12, heads, layers: 2, vocab: 7, settings: { temperature: 1 } };
      const [plain, headed] = [build(sizes), build({ ...sizes, head: true })];
      const [start, longer] = [tf.tensor1d(plain.theta), tf.tensor1d(headed.theta)];
      expect(longer.size).toBe(start.size + 13);
      for (const variant of ['steps', 'whole'] as const)
        expect(await headed.fused(longer, variant, plain.request)).toEqual(await plain.fused(start, variant));
      tf.dispose([start, longer]);
    }
  });

  it('draws the same for the same key and otherwise for another', async () => {
    const start = tf.tensor1d(theta);
    const first = await fused(start, 'steps');
    expect(await fused(start, 'steps')).toEqual(first);
    expect((await fused(start, 'steps', { ...request, step: 4 })).tokens).not.toEqual(first.tokens);
    start.dispose();
  });

  it('pads after the end token', async () => {
    const start = tf.tensor1d(theta);
    const { tokens, mask, length } = await fused(start, 'steps');
    const ended = request.prompts.filter((prompt, row) => {
      const completion = [...tokens.subarray(row * length + prompt.length, (row + 1) * length)];
      const marks = [...mask.subarray(row * length + prompt.length, (row + 1) * length)];
      const end = completion.indexOf(EOS);
      if (end < 0 || end >= length - 3) return false;
      expect(completion.slice(end + 1).every((token) => token === PAD)).toBe(true);
      expect(marks.slice(0, end + 1).every((mark) => mark === 1)).toBe(true);
      expect(marks.slice(end + 1).every((mark) => mark === 0)).toBe(true);
      return true;
    });
    expect(ended.length).toBeGreaterThan(4);
    start.dispose();
  });

  it('takes one submission and is read back once: 1 + (T - P) (5 L + 1) dispatches for prompts of P tokens and more, or one', async () => {
    const start = tf.tensor1d(theta);
    await start.data();
    const read = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    expect(await counted(() => fused(start, 'steps'))).toEqual({ dispatches: 1 + 12 * 11, submits: 1 });
    expect(read).toHaveBeenCalledTimes(1);
    expect(await counted(() => fused(start, 'whole'))).toEqual({ dispatches: 1, submits: 1 });
    expect(read).toHaveBeenCalledTimes(2);
    read.mockRestore();
    start.dispose();
  });
});
