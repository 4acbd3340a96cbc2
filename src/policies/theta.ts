/** θ as named tensors. */
import * as tf from '@tensorflow/tfjs-core';
import { type Layout, type Slice, sliceSize } from '../core/layout';

/** Tensors by slice name, with a getter that never answers undefined. */
export type Weights = (name: string) => tf.Tensor;

/**
 * Cuts θ into its slices. One `split` and not a `slice` each: its gradient is a single concatenation, where slices would
 * add up as many zero-padded copies of θ.
 * @param theta [layout.size]
 */
export function unpack(theta: tf.Tensor1D, layout: Layout): Weights {
  const parts = tf.split(theta, layout.slices.map(sliceSize));
  const byName = new Map(layout.slices.map((slice, i) => [slice.name, tf.reshape(parts[i] as tf.Tensor1D, [...slice.shape])]));
  return (name) => {
    const weight = byName.get(name);
    if (weight === undefined) throw new Error(`θ has no slice ${name}`);
    return weight;
  };
}

/**
 * Standard deviation of a scalar head's initial weights, as in TRL and OpenRLHF. Its biases begin at 0.
 * @param inputs numbers that it reads
 */
export const headStd = (inputs: number): number => 1 / Math.sqrt(inputs + 1);

/** Fills θ slice by slice. */
export function fill(layout: Layout, value: (slice: Slice) => (index: number) => number): Float32Array {
  const theta = new Float32Array(layout.size);
  for (const slice of layout.slices) {
    const at = value(slice);
    for (let i = 0; i < sliceSize(slice); i++) theta[slice.offset + i] = at(i);
  }
  return theta;
}
