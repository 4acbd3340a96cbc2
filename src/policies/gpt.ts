/**
 * GPT-2, exactly: pre-LayerNorm, gelu_new, learned positions, tied embeddings. θ's slices carry the names and the
 * orientation of Hugging Face's GPT2LMHeadModel (Conv1D weights are [in, out]), so an export is a relabelling.
 * Composed of stock tfjs ops here: the readable reference. On WebGPU the fused engine computes the same.
 */
import * as tf from '@tensorflow/tfjs-core';
import { RunFailure } from '../core/events';
import { type Layout, layoutOf } from '../core/layout';
import { choice, number } from '../core/params';
import { PAD } from '../core/world';
import { fusedDecode } from '../engine/gpt/decode';
import { fusedScore } from '../engine/gpt/score';
import { prepareDevice } from '../engine/tune';
import { runsFused } from './fused';
import { composedWriter, decode, drawKey } from './gpt-decode';
import { definePolicy, type PolicyShape, type Rows, type Scored } from './policy';
import { fill, headStd, unpack, type Weights } from './theta';

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

export const gpt = definePolicy({
  id: 'gpt',
  title: 'GPT-2',
  summary: 'A transformer with the architecture of GPT-2, made small.',
  params: {
    layers: number({ title: 'Layers', help: 'Transformer blocks.', default: 2, min: 1, max: 12, integer: true }),
    width: number({
      title: 'Width',
      help: 'Size of the residual stream; a multiple of the heads.',
      default: 64,
      min: 4,
      max: 768,
      integer: true,
    }),
    heads: number({ title: 'Heads', help: 'Attention heads in each layer.', default: 4, min: 1, max: 16, integer: true }),
    initStd: number({
      title: 'Initial scale',
      help: 'Standard deviation of the initial weights. GPT-2 has 0.02 at width 768; small models learn faster with more.',
      default: 0.08,
      min: 0.001,
      max: 1,
      scale: 'log',
    }),
    weights: choice({
      title: 'Weights in compute',
      help: '16 bits halve the memory that is read; the weights that are trained keep 32. Needs a graphics adapter with shader-f16.',
      default: 'f32',
      options: [
        { value: 'f32', title: '32 bits' },
        { value: 'f16', title: '16 bits' },
      ],
    }),
  },
  create({ layers, width, heads, initStd, weights }, shape) {
    if (width % heads !== 0) throw new RangeError(`the width ${width} is not a multiple of the ${heads} heads`);
    const sizes: GptSizes = { layers, width, heads, shape };
    const layout = gptLayout(sizes);
    const model = { layers, width, heads, vocabSize: shape.vocabSize, maxLen: shape.maxLen, layout, half: weights === 'f16' };
    const fused = fusedScore(model);
    const decoder = fusedDecode(model);
    return {
      layout,
      shape,
      init(rng) {
        return fill(layout, ({ name }) => {
          if (name.endsWith('bias')) return () => 0;
          if (/ln_\w+\.weight$/.test(name)) return () => 1;
          const stream = rng.fork(name);
          if (name === 'v_head.weight') return () => stream.normal() * headStd(width);
          // GPT-2 scales what is added to the residual stream by the number of additions.
          const std = name.endsWith('c_proj.weight') ? initStd / Math.sqrt(2 * layers) : initStd;
          return () => stream.normal() * std;
        });
      },
      score: (theta, rows) => (runsWith(weights) ? fused.score(theta, rows.tokens, rows.mask) : composedScore(theta, rows, layout, sizes)),
      sample: (theta, request) =>
        decode(
          request,
          sizes,
          runsWith(weights) && request.mix === undefined
            ? (forced) => decoder.decode(theta, forced, drawKey(request))
            : composedWriter(theta, layout, request, sizes),
        ),
      async prepare(report) {
        if (runsFused()) await prepareDevice((device) => [...fused.shaders(device), ...decoder.shaders], report);
      },
      release() {
        fused.release();
        decoder.release();
      },
    };
  },
});

/** Whether to run fused; the composed policy computes in 32 bits only. @throws RunFailure where it would have to do otherwise. */
function runsWith(weights: 'f32' | 'f16'): boolean {
  if (runsFused() || weights === 'f32') return runsFused();
  throw new RunFailure('bad-spec', 'Weights of 16 bits need a graphics adapter. Set the policy’s weights to 32 bits.');
}

/** Slices in Hugging Face's order of a GPT-2 state dict, and behind them TRL's value head where there is one. */
export function gptLayout({ layers, width: c, shape }: GptSizes): Layout {
  const blocks = Array.from({ length: layers }, (_, i): [string, number[]][] => [
    [`transformer.h.${i}.ln_1.weight`, [c]],
    [`transformer.h.${i}.ln_1.bias`, [c]],
    [`transformer.h.${i}.attn.c_attn.weight`, [c, 3 * c]],
    [`transformer.h.${i}.attn.c_attn.bias`, [3 * c]],
    [`transformer.h.${i}.attn.c_proj.weight`, [c, c]],
    [`transformer.h.${i}.attn.c_proj.bias`, [c]],
    [`transformer.h.${i}.ln_2.weight`, [c]],
    [`transformer.h.${i}.ln_2.bias`, [c]],
    [`transformer.h.${i}.mlp.c_fc.weight`, [c, 4 * c]],
    [`transformer.h.${i}.mlp.c_fc.bias`, [4 * c]],
    [`transformer.h.${i}.mlp.c_proj.weight`, [4 * c, c]],
    [`transformer.h.${i}.mlp.c_proj.bias`, [c]],
  ]);
  return layoutOf([
    ['transformer.wte.weight', [shape.vocabSize, c]],
    ['transformer.wpe.weight', [shape.maxLen, c]],
    ...blocks.flat(),
    ['transformer.ln_f.weight', [c]],
    ['transformer.ln_f.bias', [c]],
    ...(shape.head ? headSlices(c) : []),
  ]);
}

const headSlices = (c: number): [string, number[]][] => [
  ['v_head.weight', [c]],
  ['v_head.bias', [1]],
];

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
