/** A GPT with a batch and gradients from above, all drawn from sizes: what the tests of the engine compare with the composed policy. */
import * as tf from '@tensorflow/tfjs-core';
import { type Layout, type Slice, sliceSize } from '../core/layout';
import { createRng, type Rng } from '../core/rng';
import type { GptModel } from '../engine/model';
import { gptLayout } from '../policies/gpt';
import { composedScore, type GptSizes } from '../policies/gpt-network';
import type { Rows, Scored } from '../policies/policy';
import { type HostRows, toRows } from '../policies/rows';

/** The sizes of a model and of a batch. */
export interface CaseSizes {
  readonly rows: number;
  readonly length: number;
  /** Of one head; the model is `heads` times as wide. */
  readonly headSize: number;
  readonly heads: number;
  readonly layers: number;
  readonly vocab: number;
  /** Multiplies the weights; 1 keeps activations near one. */
  readonly scale?: number;
  /** Whether it has a scalar head; it has none by default. */
  readonly head?: boolean;
}

export interface GptCase {
  readonly model: GptModel;
  readonly sizes: GptSizes;
  readonly theta: Float32Array;
  readonly host: HostRows;
  readonly ups: Ups;
}

/** The gradients that reach the outputs, [R, T] each; that of a head counts where there is one. */
export type Ups = Readonly<Record<'logp' | 'entropy' | 'head', Float32Array>>;

/** What a score gives, on the host. */
export interface Outcome {
  /** [R, T] */
  readonly logp: Float32Array;
  readonly entropy: Float32Array;
  /** [R, T], or nothing where there is no head */
  readonly head: Float32Array;
  /** [n]: of the sum of the outputs weighted by the gradients from above */
  readonly grad: Float32Array;
}

/**
 * Draws a case. A fifth of the tokens are the vocabulary's last. Masks are ragged: of four rows the first has holes, the
 * second nothing at all, the third a completion up to its end, the last a prompt-sized gap and padding. No row begins with a
 * completion, as nothing predicts its first token.
 */
export function gptCase({ rows, length, headSize, heads, layers, vocab, scale = 1, head = false }: CaseSizes): GptCase {
  const width = headSize * heads;
  const sizes: GptSizes = { layers, width, heads, shape: { vocabSize: vocab, maxLen: length + 2, promptLen: 1, sampleable: [], head } };
  const layout = gptLayout(sizes);
  const rng = createRng(1 + rows + 1000 * length).fork(`${width} ${heads} ${layers} ${vocab}`);
  const count = rows * length;
  const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal());
  return {
    model: { layers, width, heads, vocabSize: vocab, maxLen: length + 2, layout },
    sizes,
    theta: drawTheta(layout, scale / Math.sqrt(width), rng),
    host: {
      rows,
      length,
      tokens: Int32Array.from({ length: count }, () => (rng.uniform() < 0.2 ? vocab - 1 : rng.below(vocab))),
      mask: Float32Array.from({ length: count }, (_, i) => (marked(Math.floor(i / length), i % length, length, rng) ? 1 : 0)),
    },
    ups: { logp: normals(count), entropy: normals(count), head: normals(count) },
  };
}

/** Normal weights of a deviation, biases among them, with gains of LayerNorm around 1. */
function drawTheta(layout: Layout, deviation: number, rng: Rng): Float32Array {
  const theta = Float32Array.from({ length: layout.size }, () => deviation * rng.normal());
  for (const slice of layout.slices) {
    if (!/ln_\w+\.weight$/.test(slice.name)) continue;
    for (let i = 0; i < sliceSize(slice); i++) theta[slice.offset + i] = 1 + 0.3 * rng.normal();
  }
  return theta;
}

function marked(row: number, place: number, length: number, rng: Rng): boolean {
  const kept = rng.uniform() < 0.7;
  if (place === 0) return false;
  switch (row % 4) {
    case 0:
      return kept;
    case 1:
      return false;
    case 2:
      return place > 0.4 * length;
    default:
      return place > 0.2 * length && place < 0.8 * length;
  }
}

/** The composed policy's score of a case. */
export const composed =
  ({ model, sizes }: GptCase) =>
  (theta: tf.Tensor1D, rows: Rows): Scored =>
    composedScore(theta, rows, model.layout, sizes);

/** The sum of a score's outputs weighted by the gradients that reach them. */
export function weighed(scored: Scored, ups: Ups): tf.Scalar {
  const { shape } = scored.logp;
  const { logp, entropy, head } = scored;
  const outputs = head === undefined ? { logp, entropy } : { logp, entropy, head };
  const sums = Object.entries(outputs).map(([name, output]) => tf.sum(tf.mul(output, tf.tensor2d(ups[name as keyof Ups], shape))));
  return tf.addN(sums) as tf.Scalar;
}

/** The outputs of a score and the gradient, on the current backend. */
export async function outcomeOf(
  { theta, host, ups }: Pick<GptCase, 'theta' | 'host' | 'ups'>,
  score: (theta: tf.Tensor1D, rows: Rows) => Scored,
) {
  const results = tf.tidy(() => {
    const rows = toRows(host);
    const kept: tf.Tensor[] = [];
    const grad = tf.grad((t: tf.Tensor) => {
      const scored = score(t as tf.Tensor1D, rows);
      const { logp, entropy, head = tf.tensor2d([], [0, 0]) } = scored;
      kept.push(...[logp, entropy, head].map((output) => tf.keep(tf.clone(output))));
      return weighed(scored, ups);
    })(tf.tensor1d(theta));
    return [...kept, grad];
  });
  const values = await Promise.all(results.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(results);
  const [logp, entropy, head, grad] = values.map((numbers) => Float32Array.from(numbers)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return { logp, entropy, head, grad } satisfies Outcome;
}

/** Euclidean norm of a - b over that of b. 0 where they are equal; infinite where only b is zero, or a number is not finite. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let gap = 0;
  let scale = 0;
  for (let i = 0; i < b.length; i++) {
    gap += ((a[i] as number) - (b[i] as number)) ** 2;
    scale += (b[i] as number) ** 2;
  }
  if (gap === 0) return 0;
  return Number.isFinite(gap) ? Math.sqrt(gap / scale) : Number.POSITIVE_INFINITY;
}

/**
 * The relative error of every slice of a gradient, by name. The biases of the keys are left out: softmax does not change
 * when every score of a query grows by the same amount, so their gradient is zero and what is computed is rounding.
 */
export function errorsBySlice(layout: Layout, actual: ArrayLike<number>, expected: ArrayLike<number>): Map<string, number> {
  return new Map(
    layout.slices.map((slice) => {
      const cut = (gradient: ArrayLike<number>): number[] => withoutKeyBias(slice, gradient);
      return [slice.name, relativeError(cut(actual), cut(expected))];
    }),
  );
}

function withoutKeyBias(slice: Slice, gradient: ArrayLike<number>): number[] {
  const size = sliceSize(slice);
  const all = Array.from({ length: size }, (_, i) => gradient[slice.offset + i] as number);
  return slice.name.endsWith('attn.c_attn.bias') ? all.filter((_, i) => i < size / 3 || i >= (2 * size) / 3) : all;
}
