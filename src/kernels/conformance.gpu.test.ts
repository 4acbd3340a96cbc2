import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { gpuDevice } from '../test/gpu';
import type { Device } from '../worker/device';
import { KERNELS } from '.';
import type { Values } from './kernel';
import { runKernel } from './register';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

describe.each(KERNELS)('$kernel.name on the device equals its reference', ({ kernel, cases }) => {
  it.each(cases)('$title', async ({ inputs, attrs, tolerance }) => {
    const shapes = kernel.outputShapes(inputs, attrs);
    const expected = Object.fromEntries(
      kernel.outputs.map((name) => {
        const { shape = [], dtype = 'float32' } = shapes[name] ?? {};
        const size = shape.reduce((product, n) => product * n, 1);
        return [name, dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)];
      }),
    ) as Record<string, Values>;
    kernel.reference(inputs, attrs, expected);

    const before = tf.memory().numTensors;
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape, dtype }]) => [name, tf.tensor(values, [...shape], dtype)]),
    );
    const outputs = runKernel(kernel, tensors, attrs);
    for (const name of kernel.outputs) {
      const actual = (await outputs[name]?.data()) as Values;
      const worst = worstError(actual, expected[name] as Values);
      expect(worst.error, `${name}[${worst.at}]: device ${actual[worst.at]}, reference ${expected[name]?.[worst.at]}`).toBeLessThanOrEqual(
        tolerance,
      );
    }
    tf.dispose([tensors, outputs]);
    expect(tf.memory().numTensors).toBe(before);
    expect(device.failure()).toBeNull();
  });
});

/** Largest |a - b| / max(1, |b|). NaN counts as infinite. */
function worstError(actual: Values, expected: Values): { error: number; at: number } {
  expect(actual.length).toBe(expected.length);
  let worst = { error: 0, at: 0 };
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] as number) - (expected[i] as number)) / Math.max(1, Math.abs(expected[i] as number));
    const error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    if (error > worst.error) worst = { error, at: i };
  }
  return worst;
}
