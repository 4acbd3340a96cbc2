import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { EOS, PAD } from '../core/world';
import { type GptSizes, gptLayout } from '../policies/gpt';
import { composedWriter, decode, drawKey } from '../policies/gpt-decode';
import type { SampleRequest } from '../policies/policy';
import { toRows } from '../policies/rows';
import { gpuDevice } from '../test/gpu';
import { counted, onProcessor } from '../test/webgpu';
import type { Device } from '../worker/device';
import { fusedDecode } from './gpt-decode';
import { fusedScore } from './gpt-score';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const CASES = [
  { rows: 1, promptLen: 1, maxLen: 2, width: 8, heads: 1, layers: 1, vocab: 9 },
  { rows: 3, promptLen: 4, maxLen: 17, width: 8, heads: 4, layers: 2, vocab: 10 },
  { rows: 17, promptLen: 3, maxLen: 9, width: 10, heads: 2, layers: 3, vocab: 63 },
  { rows: 5, promptLen: 2, maxLen: 12, width: 64, heads: 4, layers: 2, vocab: 65 },
  { rows: 65, promptLen: 1, maxLen: 5, width: 12, heads: 3, layers: 1, vocab: 5 },
];

function build({ rows, promptLen, maxLen, width, heads, layers, vocab }: (typeof CASES)[number]) {
  const shape = { vocabSize: vocab, maxLen, promptLen, sampleable: [] };
  const sizes: GptSizes = { layers, width, heads, shape };
  const layout = gptLayout(sizes);
  const rng = createRng(width + rows);
  const theta = Float32Array.from({ length: layout.size }, () => (2 * rng.normal()) / Math.sqrt(width));
  // Prompts of every length from one token on.
  const prompts = Array.from({ length: rows }, (_, row) => Array.from({ length: 1 + (row % promptLen) }, () => rng.below(vocab)));
  const request: SampleRequest = { prompts, seed: 77, step: 3, temperature: 0.7 };
  const model = { layers, width, heads, vocabSize: vocab, maxLen, layout };
  const decoder = fusedDecode(model);
  return {
    request,
    theta,
    model,
    fused: (start: tf.Tensor1D, key = request) => decode(key, sizes, (forced) => decoder.decode(start, forced, drawKey(key))),
    composed: (start: tf.Tensor1D) => decode(request, sizes, composedWriter(start, layout, request, sizes)),
  };
}

describe.each(CASES)('R $rows, T $maxLen, width $width, heads $heads, layers $layers, vocabulary $vocab', (shape) => {
  it('writes what the composed policy writes, with the log-probabilities that training computes', async () => {
    const { theta, fused, composed, model } = build(shape);
    const before = tf.memory().numTensors;
    const start = tf.tensor1d(theta);
    const actual = await fused(start);
    const expected = await onProcessor(async () => {
      const here = tf.tensor1d(theta);
      const drawn = await composed(here);
      here.dispose();
      return drawn;
    });
    expect(actual.tokens).toEqual(expected.tokens);
    expect(actual.mask).toEqual(expected.mask);
    const rows = toRows(actual);
    const { logp, entropy } = fusedScore(model).score(start, rows.tokens, rows.mask);
    const scored = await logp.data();
    actual.logp.forEach((x, i) => {
      expect(Math.abs(x - (scored[i] as number)), `token ${i}`).toBeLessThan(1e-5);
      expect(Math.abs(x - (expected.logp[i] as number)), `token ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(x)));
    });
    tf.dispose([start, rows.tokens, rows.mask, logp, entropy]);
    expect(tf.memory().numTensors).toBe(before);
    expect(device.failure()).toBeNull();
  });
});

describe('the fused decoder', () => {
  const { theta, request, fused } = build({ rows: 33, promptLen: 3, maxLen: 14, width: 16, heads: 2, layers: 2, vocab: 6 });

  it('draws the same for the same key and otherwise for another', async () => {
    const start = tf.tensor1d(theta);
    const first = await fused(start);
    expect(await fused(start)).toEqual(first);
    expect((await fused(start, { ...request, step: 4 })).tokens).not.toEqual(first.tokens);
    start.dispose();
  });

  it('pads after the end token', async () => {
    const start = tf.tensor1d(theta);
    const { tokens, mask, length } = await fused(start);
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

  it('takes 1 + (T - 1) (5 L + 1) dispatches and one submission', async () => {
    const start = tf.tensor1d(theta);
    await start.data();
    const counts = await counted(() => fused(start));
    expect(counts).toEqual({ dispatches: 1 + 13 * 11, submits: 1 });
    start.dispose();
  });
});
