/** Rows of tokens as plain arrays and as tensors. */
import type * as tf from '@tensorflow/tfjs-core';
import { PAD } from '../core/world';
import { toDevice } from '../kernels/memory';
import type { Rows } from './policy';

/** Prompts with their completions as one padded matrix. */
export interface HostRows {
  readonly rows: number;
  readonly length: number;
  /** [rows, length] */
  readonly tokens: Int32Array;
  /** [rows, length], 1 on completion tokens */
  readonly mask: Float32Array;
}

/**
 * Lays prompt-completion pairs into a [rows, length] matrix.
 * @throws RangeError where one is longer than `length`; a world promises that none is.
 */
export function packRows(pairs: readonly { prompt: readonly number[]; completion: readonly number[] }[], length: number): HostRows {
  const tokens = new Int32Array(pairs.length * length).fill(PAD);
  const mask = new Float32Array(pairs.length * length);
  pairs.forEach(({ prompt, completion }, row) => {
    const end = prompt.length + completion.length;
    if (end > length) throw new RangeError(`a row of ${end} tokens does not fit into ${length}`);
    tokens.set(prompt, row * length);
    tokens.set(completion, row * length + prompt.length);
    mask.fill(1, row * length + prompt.length, row * length + end);
  });
  return { rows: pairs.length, length, tokens, mask };
}

/** Some of the rows, in the order asked for. */
export function takeRows(all: HostRows, indices: readonly number[]): HostRows {
  return {
    rows: indices.length,
    length: all.length,
    tokens: takeMatrix(all.tokens, all.length, indices),
    mask: takeMatrix(all.mask, all.length, indices),
  };
}

/** Rows of a [rows, length] matrix. */
export function takeMatrix<A extends Int32Array | Float32Array>(matrix: A, length: number, indices: readonly number[]): A {
  const taken = (matrix instanceof Int32Array ? new Int32Array(indices.length * length) : new Float32Array(indices.length * length)) as A;
  indices.forEach((index, row) => {
    taken.set(matrix.subarray(index * length, (index + 1) * length), row * length);
  });
  return taken;
}

/** Uploads rows. The caller disposes. */
export const toRows = (host: HostRows): Rows => ({
  tokens: toDevice<tf.Rank.R2>(host.tokens, [host.rows, host.length]), // [R, T]
  mask: toDevice<tf.Rank.R2>(host.mask, [host.rows, host.length]), // [R, T]
});
