import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Layout } from '../core/layout';
import { createRng } from '../core/rng';
import { movementOf } from '../metrics/movement';
import { gptLayout } from '../policies/gpt';
import { gpuDevice } from '../test/gpu';
import { counted, onProcessor } from '../test/webgpu';
import type { Device } from '../worker/device';
import { measureRanks, measureSlices } from './movement';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

/** A GPT of odd sizes: hardly a slice begins on a multiple of four. */
const layoutOfWidth = (width: number): Layout =>
  gptLayout({ layers: 2, width, heads: 1, shape: { vocabSize: 17, maxLen: 9, promptLen: 1, sampleable: [], head: false } });
const LAYOUT = layoutOfWidth(21);

/** Weights as they are initialised, and moved by steps of many sizes. */
function vectors(layout: Layout): { start: Float32Array; now: Float32Array } {
  const rng = createRng(11);
  const start = Float32Array.from({ length: layout.size }, () => 0.08 * rng.normal());
  return { start, now: start.map((x, i) => (i % 7 === 0 ? x : x + rng.normal() * 10 ** -(2 + (i % 6)))) };
}

/** Work with both vectors on the backend of the moment. */
async function measure<T>(layout: Layout, work: (theta: tf.Tensor1D, start: tf.Tensor1D) => Promise<T>): Promise<T> {
  const { start, now } = vectors(layout);
  const tensors = [tf.tensor1d(now), tf.tensor1d(start)] as const;
  const result = await work(...tensors);
  tf.dispose([...tensors]);
  return result;
}

const slicesOf = (layout: Layout) => measure(layout, (theta, start) => measureSlices(layout, theta, start));
const ranksOf = (layout: Layout) =>
  measure(layout, async (theta, start) => measureRanks(layout, await measureSlices(layout, theta, start), theta, start));

/** Bytes of the buffers that some work maps for reading. */
async function bytesRead(work: () => Promise<unknown>): Promise<number> {
  const { mapAsync } = GPUBuffer.prototype;
  let bytes = 0;
  GPUBuffer.prototype.mapAsync = function (...given) {
    if (given[0] === GPUMapMode.READ) bytes += this.size;
    return mapAsync.apply(this, given);
  };
  try {
    await work();
  } finally {
    GPUBuffer.prototype.mapAsync = mapAsync;
  }
  return bytes;
}

describe('the movement of θ on the device', () => {
  it('has the counts of the host exactly, and its sums to 1e-6', async () => {
    const { start, now } = vectors(LAYOUT);
    const [measured, expected] = [await slicesOf(LAYOUT), movementOf(LAYOUT, start, now)];
    expect(measured.length).toBe(expected.length);
    for (const [i, { l2, ...rest }] of expected.entries()) {
      const { l2: found = Number.NaN, ...others } = measured[i] ?? {};
      expect(others).toEqual(rest);
      expect(Math.abs(found - l2) / l2, rest.name).toBeLessThan(1e-6);
    }
    expect(device.failure()).toBeNull();
  });

  it('gives the same bits twice', async () => {
    expect(await slicesOf(LAYOUT)).toEqual(await slicesOf(LAYOUT));
  });

  it('is one dispatch', async () => {
    await measure(LAYOUT, async (theta, start) => {
      // Both are on the device, and nothing is left to be submitted.
      await tf.add(theta, start).data();
      const { dispatches } = await counted(() => measureSlices(LAYOUT, theta, start));
      expect(dispatches).toBe(1);
    });
  });

  it.each([[21], [64]])('reads back less than a tenth of a byte per weight and 88 bytes per slice, width %i', async (width) => {
    const layout = layoutOfWidth(width);
    const bytes = await bytesRead(() => slicesOf(layout));
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(0.1 * layout.size + 88 * layout.slices.length);
  });
});

describe('ranks on the device', () => {
  it('are those of the processor, bit for bit, for they come from whole numbers', async () => {
    const found = await ranksOf(LAYOUT);
    expect(found).toEqual(await onProcessor(() => ranksOf(LAYOUT)));
    expect(found.map(({ name }) => name.replace('transformer.', ''))).toContain('h.1.mlp.c_proj.weight');
    // Every seventh weight stays: three columns where a row has 21, which leaves such a matrix a rank of 18 at most.
    for (const { name, f32, bf16 } of found) expect([1, 18 / 21].includes(f32) && bf16 === f32, name).toBe(true);
    expect(device.failure()).toBeNull();
  });

  it('are two dispatches for a matrix', async () => {
    await measure(LAYOUT, async (theta, start) => {
      const slices = await measureSlices(LAYOUT, theta, start);
      const { dispatches } = await counted(() => measureRanks(LAYOUT, slices, theta, start));
      // Embeddings and four of each layer, in two precisions.
      expect(dispatches).toBe(2 * (2 + 2 * 4));
    });
  });
});
