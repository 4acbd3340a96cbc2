import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../core/rng';
import { gptLayout } from '../../policies/gpt';
import { composedScore, type GptSizes } from '../../policies/gpt-network';
import { toRows } from '../../policies/rows';
import { gpuDevice } from '../../test/gpu';
import { counted, onProcessor } from '../../test/webgpu';
import type { Device } from '../../worker/device';
import { type Scheme, schemesOf } from '../shaders/scheme';
import { fusedScore } from './score';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const gpu = (): GPUDevice => (tf.backend() as WebGPUBackend).device;

interface Case {
  readonly rows: number;
  readonly length: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly vocab: number;
  /** Beyond the batch's own length */
  readonly spare?: number;
  readonly head?: boolean;
}

const CASES: readonly Case[] = [
  { rows: 3, length: 7, width: 8, heads: 2, layers: 2, vocab: 9 },
  { rows: 1, length: 1, width: 8, heads: 1, layers: 1, vocab: 9 },
  { rows: 1, length: 2, width: 8, heads: 4, layers: 1, vocab: 10 },
  { rows: 3, length: 17, width: 12, heads: 4, layers: 3, vocab: 11 },
  { rows: 17, length: 3, width: 10, heads: 2, layers: 1, vocab: 64 },
  { rows: 17, length: 5, width: 9, heads: 3, layers: 2, vocab: 17 },
  { rows: 3, length: 17, width: 64, heads: 4, layers: 2, vocab: 65, spare: 4 },
  { rows: 1, length: 16, width: 36, heads: 3, layers: 1, vocab: 63 },
  { rows: 2, length: 9, width: 260, heads: 13, layers: 1, vocab: 12 },
  { rows: 2, length: 4, width: 36, heads: 1, layers: 1, vocab: 9 },
];

function build({ rows, length, width, heads, layers, vocab, spare = 0, head = false }: Case, scheme: Scheme = 'registers') {
  const shape = { vocabSize: vocab, maxLen: length + spare, promptLen: 1, sampleable: [], head };
  const sizes: GptSizes = { layers, width, heads, shape };
  const layout = gptLayout(sizes);
  const rng = createRng(width * 31 + vocab);
  const theta = Float32Array.from({ length: layout.size }, () => rng.normal() / Math.sqrt(width));
  for (const {
    name,
    offset,
    shape: [size = 0],
  } of layout.slices) {
    if (/ln_\w+\.weight$/.test(name)) for (let i = 0; i < size; i++) theta[offset + i] = 1 + (theta[offset + i] as number);
  }
  const count = rows * length;
  const host = {
    rows,
    length,
    tokens: Int32Array.from({ length: count }, () => rng.below(vocab)),
    mask: Float32Array.from({ length: count }, (_, i) => (i % length > 0 && rng.uniform() < 0.7 ? 1 : 0)),
  };
  const upLogp = Float32Array.from({ length: count }, () => rng.normal());
  const upEntropy = Float32Array.from({ length: count }, () => rng.normal());
  const { score: fused } = fusedScore({ layers, width, heads, vocabSize: vocab, maxLen: length + spare, layout }, scheme);
  return { layout, sizes, theta, host, upLogp, upEntropy, fused };
}

type Built = ReturnType<typeof build>;

/** Both outputs, and the gradient of their sum weighted by the upstream gradients. */
async function evaluate(kind: 'fused' | 'composed', { layout, sizes, theta, host, upLogp, upEntropy, fused }: Built, start = theta) {
  const results = tf.tidy(() => {
    const rows = toRows(host);
    const shape: [number, number] = [host.rows, host.length];
    const score = (t: tf.Tensor1D) => (kind === 'fused' ? fused(t, rows.tokens, rows.mask) : composedScore(t, rows, layout, sizes));
    const weighted = (t: tf.Tensor): tf.Scalar => {
      const { logp, entropy } = score(t as tf.Tensor1D);
      return tf.add(tf.sum(tf.mul(logp, tf.tensor2d(upLogp, shape))), tf.sum(tf.mul(entropy, tf.tensor2d(upEntropy, shape)))) as tf.Scalar;
    };
    const at = tf.tensor1d(start);
    const { value, grad } = tf.valueAndGrad(weighted)(at);
    const { logp, entropy } = score(at);
    return { value, grad, logp, entropy };
  });
  const [value, grad, logp, entropy] = await Promise.all([
    results.value.data(),
    results.grad.data(),
    results.logp.data(),
    results.entropy.data(),
  ]);
  tf.dispose(results);
  return { value, grad, logp, entropy };
}

/** Largest difference, relative to the largest value. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  let scale = 1e-3;
  for (let i = 0; i < b.length; i++) {
    const gap = Math.abs((a[i] as number) - (b[i] as number));
    most = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(most, gap);
    scale = Math.max(scale, Math.abs(b[i] as number));
  }
  return most / scale;
}

describe.each(CASES)('R $rows, T $length, width $width, heads $heads, layers $layers, vocabulary $vocab', (shape) => {
  it.each(['registers', 'workgroup'] as const)('scores and differentiates as the composed policy does, working in %s', async (scheme) => {
    const built = build(shape, scheme);
    const before = tf.memory().numTensors;
    const actual = await evaluate('fused', built);
    const expected = await onProcessor(() => evaluate('composed', built));
    expect(difference(actual.logp, expected.logp)).toBeLessThan(1e-5);
    expect(difference(actual.entropy, expected.entropy)).toBeLessThan(1e-5);
    expect(difference(actual.value, expected.value)).toBeLessThan(1e-5);
    for (const { name, offset, shape: dims } of built.layout.slices) {
      const size = dims.reduce((product, n) => product * n, 1);
      const [mine, theirs] = [actual.grad.subarray(offset, offset + size), expected.grad.subarray(offset, offset + size)];
      expect(difference(mine, theirs), name).toBeLessThan(1e-5);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(device.failure()).toBeNull();
  });
});

describe.each(CASES)('R $rows, T $length, width $width, heads $heads, layers $layers, vocabulary $vocab', (shape) => {
  it('has the same bits in every scheme', async () => {
    const [first, ...others] = await Promise.all(schemesOf(gpu()).map((scheme) => evaluate('fused', build(shape, scheme))));
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('the fused score', () => {
  const built = build({ rows: 3, length: 9, width: 16, heads: 2, layers: 2, vocab: 13 });

  it('has the gradient that finite differences give', async () => {
    const { grad } = await evaluate('fused', built);
    const rng = createRng(2);
    const step = 1e-2;
    for (let trial = 0; trial < 24; trial++) {
      const i = rng.below(built.layout.size);
      const moved = async (by: number) =>
        (
          await evaluate(
            'fused',
            built,
            built.theta.map((x, j) => (j === i ? x + by : x)),
          )
        ).value[0] as number;
      const numeric = ((await moved(step)) - (await moved(-step))) / (2 * step);
      expect(Math.abs((grad[i] as number) - numeric), `parameter ${i}: ${grad[i]}, ${numeric}`).toBeLessThan(
        0.02 + 0.01 * Math.abs(numeric),
      );
    }
  });

  it('gives the same bits twice', async () => {
    const [first, second] = [await evaluate('fused', built), await evaluate('fused', built)];
    expect(second).toEqual(first);
  });

  it.each([1, 2, 3])(
    'takes 5 L + 2 dispatches forward and as many backward, and none of the submissions, with %i layers',
    async (layers) => {
      const { fused, theta, host } = build({ rows: 2, length: 5, width: 8, heads: 2, layers, vocab: 9 });
      const rows = toRows(host);
      const start = tf.tensor1d(theta);
      const up = tf.onesLike(rows.mask);
      // Nothing is left to be submitted.
      await tf.add(start, 0).data();
      const scored = await counted(() => tf.dispose(fused(start, rows.tokens, rows.mask)));
      expect(scored).toEqual({ dispatches: 5 * layers + 2, submits: 0 });
      const differentiated = await counted(() =>
        tf
          .grad((t) => fused(t as tf.Tensor1D, rows.tokens, rows.mask).logp)(start, up)
          .dispose(),
      );
      expect(differentiated).toEqual({ dispatches: 2 * (5 * layers + 2), submits: 0 });
      tf.dispose([rows.tokens, rows.mask, start, up]);
    },
  );

  it('takes one more dispatch either way for a scalar head, and gives the same bits twice', async () => {
    const layers = 2;
    const { fused, theta, host, upLogp } = build({ rows: 2, length: 5, width: 8, heads: 2, layers, vocab: 9, head: true });
    const rows = toRows(host);
    const start = tf.tensor1d(theta);
    const up = tf.tensor2d(upLogp, [2, 5]);
    const head = (t: tf.Tensor) => fused(t as tf.Tensor1D, rows.tokens, rows.mask).head as tf.Tensor;
    const gradients: tf.Tensor[] = [];
    await tf.add(start, 0).data();
    expect(await counted(() => tf.tidy(() => void head(start)))).toEqual({ dispatches: 5 * layers + 3, submits: 0 });
    const work = await counted(() => gradients.push(tf.grad(head)(start, up)));
    expect(work).toEqual({ dispatches: 2 * (5 * layers + 3), submits: 0 });
    gradients.push(tf.grad(head)(start, up));
    const [first, second] = await Promise.all(gradients.map((grad) => grad.data()));
    expect(second).toEqual(first);
    expect(first?.some((x) => x !== 0)).toBe(true);
    tf.dispose([rows.tokens, rows.mask, start, up, ...gradients]);
  });

  it('keeps no activations of a call without a gradient, and gives the memory of one with a gradient back', async () => {
    await evaluate('fused', built);
    const before = device.memory();
    for (let i = 0; i < 20; i++) await evaluate('fused', built);
    expect(device.memory()).toEqual(before);
  });
});
