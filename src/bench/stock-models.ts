/**
 * The lab's networks as a user of TensorFlow.js would write them: a `tf.variable` per weight, `tf.gather` for embeddings, ops
 * of the library and nothing else. The same functions as the policies' `score`, from the same θ.
 */
import * as tf from '@tensorflow/tfjs-core';
import { contextTable } from '../policies/mlp';
import type { GptSpec, MlpSpec, Task } from './engine';

const EPSILON = 1e-5;
const MASKED = -1e9;

/** A network with its own copy of the weights. */
export interface StockModel {
  readonly variables: readonly tf.Variable[];
  /** Rows [R, t] int32 to the logits of the tokens that follow `count` columns from column `from` on: [R, count, K]. */
  logits(tokens: tf.Tensor2D, from: number, count: number): tf.Tensor3D;
  /** The token that the first logit stands for. */
  readonly firstToken: number;
  dispose(): void;
}

/** The network of a task, at the task's θ. */
export function stockModel({ model, policy, theta }: Task): StockModel {
  const variables = new Map(
    policy.layout.slices.map(({ name, offset, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const values = theta.slice(offset, offset + size);
      return [name, tf.tidy(() => tf.variable(tf.tensor(values, [...shape])))] as const;
    }),
  );
  const weight = (name: string): tf.Tensor => {
    const found = variables.get(name);
    if (found === undefined) throw new Error(`there is no weight ${name}`);
    return found;
  };
  const { shape } = policy;
  const network = model.kind === 'gpt' ? gptNetwork(weight, model, shape.maxLen) : mlpNetwork(weight, model, shape);
  const all = [...variables.values()];
  return {
    ...network,
    variables: all,
    dispose() {
      tf.dispose([...network.constants]);
      tf.dispose(all);
    },
  };
}

type Weight = (name: string) => tf.Tensor;
type Network = Pick<StockModel, 'logits' | 'firstToken'> & { readonly constants: readonly tf.Tensor[] };

/** x W + b over the last axis. */
function linear(weight: Weight, name: string, x: tf.Tensor): tf.Tensor {
  const w = weight(`${name}.weight`) as tf.Tensor2D;
  const flat = tf.reshape(x, [-1, w.shape[0]]) as tf.Tensor2D; // [N, in]
  return tf.reshape(tf.add(tf.matMul(flat, w), weight(`${name}.bias`)), [...x.shape.slice(0, -1), w.shape[1]]); // [..., out]
}

function layerNorm(weight: Weight, name: string, x: tf.Tensor): tf.Tensor {
  // `tf.moments` would centre x a second time, forwards and backwards.
  const centred = tf.sub(x, tf.mean(x, -1, true)); // as x
  const variance = tf.mean(tf.square(centred), -1, true); // [..., 1]
  const normed = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON))); // as x
  return tf.add(tf.mul(normed, weight(`${name}.weight`)), weight(`${name}.bias`)); // as x
}

/** GPT-2's gelu_new. */
function gelu(x: tf.Tensor): tf.Tensor {
  const bent = tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))))); // as x
  return tf.mul(tf.mul(0.5, x), tf.add(1, bent)); // as x
}

function gptNetwork(weight: Weight, { layers, width, heads }: GptSpec, maxLen: number): Network {
  const size = width / heads;
  // 0 where a position may look; kept, as a careful user would, instead of being made for every call.
  const causal = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([maxLen, maxLen]), -1, 0)), MASKED)) as tf.Tensor2D; // [T, T]
  const attention = (x: tf.Tensor, at: string): tf.Tensor => {
    const [rows = 0, length = 0] = x.shape;
    const byHead = (part: tf.Tensor): tf.Tensor => tf.transpose(tf.reshape(part, [rows, length, heads, size]), [0, 2, 1, 3]); // [R, H, t, D]
    const [q, k, v] = tf.split(linear(weight, `${at}.attn.c_attn`, x), 3, -1).map(byHead) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(size)); // [R, H, t, t]
    const masked = tf.add(scores, tf.slice(causal, [0, 0], [length, length])); // [R, H, t, t]
    const mixed = tf.matMul(tf.softmax(masked), v); // [R, H, t, D]
    const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows, length, width]); // [R, t, C]
    return linear(weight, `${at}.attn.c_proj`, joined); // [R, t, C]
  };
  const hidden = (tokens: tf.Tensor2D): tf.Tensor => {
    const [, length] = tokens.shape;
    const positions = tf.slice(weight('transformer.wpe.weight'), [0, 0], [length, width]); // [t, C]
    let x = tf.add(tf.gather(weight('transformer.wte.weight'), tokens), positions); // [R, t, C]
    for (let layer = 0; layer < layers; layer++) {
      const at = `transformer.h.${layer}`;
      x = tf.add(x, attention(layerNorm(weight, `${at}.ln_1`, x), at)); // [R, t, C]
      const bent = gelu(linear(weight, `${at}.mlp.c_fc`, layerNorm(weight, `${at}.ln_2`, x))); // [R, t, 4C]
      x = tf.add(x, linear(weight, `${at}.mlp.c_proj`, bent)); // [R, t, C]
    }
    return x;
  };
  return {
    constants: [causal],
    firstToken: 0,
    logits(tokens, from, count) {
      const [rows] = tokens.shape;
      const asked = tf.slice(hidden(tokens), [0, from, 0], [rows, count, width]); // [R, count, C]
      const normed = tf.reshape(layerNorm(weight, 'transformer.ln_f', asked), [-1, width]) as tf.Tensor2D; // [R count, C]
      const logits = tf.matMul(normed, weight('transformer.wte.weight') as tf.Tensor2D, false, true); // [R count, V]
      return tf.reshape(logits, [rows, count, -1]); // [R, count, V]
    },
  };
}

function mlpNetwork(weight: Weight, { contextSize }: MlpSpec, shape: Task['policy']['shape']): Network {
  const contexts = tf.tensor2d(contextTable(shape.vocabSize, contextSize), [shape.vocabSize, contextSize]); // [V, S]
  return {
    constants: [contexts],
    firstToken: shape.sampleable[0] ?? 0,
    logits(tokens, from, count) {
      const [rows] = tokens.shape;
      const context = tf.gather(contexts, tf.slice2d(tokens, [0, from], [rows, count])); // [R, count, S]
      const first = tf.relu(layerNorm(weight, 'norm', linear(weight, 'in', context))); // [R, count, N]
      const hidden = tf.relu(linear(weight, 'hidden.1', tf.relu(linear(weight, 'hidden.0', first)))); // [R, count, W]
      return linear(weight, 'out', hidden) as tf.Tensor3D; // [R, count, K]
    },
  };
}
