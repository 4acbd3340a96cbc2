/** The network of the GPT, composed of stock tfjs ops: the readable reference of the fused engine, and what runs without WebGPU. */
import * as tf from '@tensorflow/tfjs-core';
import type { Layout } from '../core/layout';
import { PAD } from '../core/world';
import type { PolicyShape, Rows, Scored } from './policy';
import { unpack, type Weights } from './theta';

export interface GptSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly shape: PolicyShape;
}

/** Added to the variance in LayerNorm (GPT-2's layer_norm_epsilon). */
const EPSILON = 1e-5;
/** Stands for minus infinity: WebGPU may assume that there are no infinities. */
const MASKED = -1e9;

/** `score` in stock tfjs ops: the reference of the fused engine, and what runs where there is no WebGPU. */
export function composedScore(theta: tf.Tensor1D, rows: Rows, layout: Layout, sizes: GptSizes): Scored {
  const weight = unpack(theta, layout);
  const [count, length] = rows.tokens.shape;
  const { width, layers } = sizes;
  const flat = tf.reshape(rows.tokens, [count * length]); // [RT]
  const positions = tf.slice(weight('transformer.wpe.weight'), [0, 0], [length, width]); // [T, C]
  const embedded = tf.add(tf.reshape(embed(weight, flat as tf.Tensor1D, sizes), [count, length, width]), positions); // [R, T, C]
  let x = tf.reshape(embedded, [count * length, width]) as tf.Tensor2D; // [RT, C]
  const causal = causalMask(length); // [T, T]
  for (let layer = 0; layer < layers; layer++) {
    x = block(weight, layer, x, (qkv) => attend(qkv, causal, count, length, sizes)); // [RT, C]
  }
  const normed = finalNorm(weight, x); // [RT, C]
  // The last column predicts nothing.
  const logits = tf.slice(tf.reshape(unembed(weight, normed), [count, length, sizes.shape.vocabSize]), [0, 0, 0], [count, length - 1, -1]); // [R, T-1, V]
  const logProbs = tf.logSoftmax(logits); // [R, T-1, V]
  const targets = tf.oneHot(tf.slice(rows.tokens, [0, 1], [count, length - 1]), sizes.shape.vocabSize); // [R, T-1, V]
  const logp = tf.sum(tf.mul(logProbs, targets), 2); // [R, T-1]
  const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logProbs), logProbs), 2)); // [R, T-1]
  const shifted = (y: tf.Tensor): tf.Tensor2D =>
    tf.mul<tf.Tensor2D>(
      tf.pad2d(y as tf.Tensor2D, [
        [0, 0],
        [1, 0],
      ]),
      rows.mask,
    ); // [R, T]
  const scored = { logp: shifted(logp), entropy: shifted(entropy) };
  return sizes.shape.head ? { ...scored, head: composedHead(weight, normed, rows) } : scored;
}

/** The scalar head at every token, 0 at padding: the final LayerNorm's output [RT, C] to [R, T]. */
function composedHead(weight: Weights, normed: tf.Tensor2D, { tokens }: Rows): tf.Tensor2D {
  const values = tf.add(tf.matMul(normed, tf.expandDims<tf.Tensor2D>(weight('v_head.weight'), 1)), weight('v_head.bias')); // [RT, 1]
  return tf.mul<tf.Tensor2D>(tf.reshape(values, tokens.shape), tf.cast(tf.notEqual(tokens, PAD), 'float32')); // [R, T]
}

/** 0 where a position may look, a large negative number where it may not: [T, T]. */
function causalMask(length: number): tf.Tensor2D {
  const values = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? MASKED : 0));
  return tf.tensor2d(values, [length, length]); // [T, T]
}

/** softmax(q k^T / sqrt(d) + mask) v over all positions: [RT, 3C] to [RT, C]. */
function attend(qkv: tf.Tensor2D, causal: tf.Tensor2D, rows: number, length: number, { width, heads }: GptSizes): tf.Tensor2D {
  const size = width / heads;
  const [q, k, v] = tf.split(qkv, 3, 1).map((part) => tf.transpose(tf.reshape(part, [rows, length, heads, size]), [0, 2, 1, 3])) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ]; // [R, H, T, D]
  const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size)), causal); // [R, H, T, T]
  const mixed = tf.matMul(tf.softmax(scores), v); // [R, H, T, D]
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows * length, width]); // [RT, C]
}

/** One transformer block on N tokens, [N, C] to [N, C]; `attention` takes [N, 3C] to [N, C]. */
export function block(weight: Weights, layer: number, x: tf.Tensor2D, attention: (qkv: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
  const at = `transformer.h.${layer}`;
  const linear = (input: tf.Tensor2D, name: string): tf.Tensor2D =>
    tf.add<tf.Tensor2D>(tf.matMul(input, weight(`${at}.${name}.weight`) as tf.Tensor2D), weight(`${at}.${name}.bias`));
  const qkv = linear(layerNorm(weight, `${at}.ln_1`, x), 'attn.c_attn'); // [N, 3C]
  const attended = tf.add<tf.Tensor2D>(x, linear(attention(qkv), 'attn.c_proj')); // [N, C]
  const hidden = gelu(linear(layerNorm(weight, `${at}.ln_2`, attended), 'mlp.c_fc')); // [N, 4C]
  return tf.add<tf.Tensor2D>(attended, linear(hidden, 'mlp.c_proj')); // [N, C]
}

/** Token embeddings as a matrix product: the gradient of a gather adds floats in any order, this one does not. [N] to [N, C] */
export function embed(weight: Weights, tokens: tf.Tensor1D, { shape }: GptSizes): tf.Tensor2D {
  const oneHot = tf.cast(tf.oneHot(tokens, shape.vocabSize), 'float32') as tf.Tensor2D; // [N, V]
  return tf.matMul(oneHot, weight('transformer.wte.weight') as tf.Tensor2D); // [N, C]
}

/** What the heads read, [N, C]. */
export const finalNorm = (weight: Weights, x: tf.Tensor2D): tf.Tensor2D => layerNorm(weight, 'transformer.ln_f', x);

/** The tied head: the final LayerNorm's output [N, C] to logits [N, V]. */
export function unembed(weight: Weights, normed: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(normed, weight('transformer.wte.weight') as tf.Tensor2D, false, true); // [N, V]
}

/** (x - mean) / sqrt(variance + eps) * weight + bias over the last axis, [N, C]. */
function layerNorm(weight: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true)); // [N, C]
  const variance = tf.mean(tf.square(centred), 1, true); // [N, 1]
  const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON))); // [N, C]
  return tf.add<tf.Tensor2D>(tf.mul(scaled, weight(`${name}.weight`)), weight(`${name}.bias`)); // [N, C]
}

/** gelu_new: x/2 (1 + tanh(sqrt(2/pi) (x + .044715 x^3))). */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const cubic = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI)); // [N, C]
  // tanh overflows in WGSL for large arguments; beyond 15 it is 1 in f32.
  const bent = tf.tanh(tf.clipByValue(cubic, -15, 15)); // [N, C]
  return tf.mul<tf.Tensor2D>(tf.mul(x, 0.5), tf.add(bent, 1)); // [N, C]
}
