/**
 * The lab's GPT and Adam as a user of jax-js would write them: its own layers, one dictionary of weights, one jitted step.
 * In jax-js a function owns its arguments: an array that is used twice is passed as `x.ref` the first time.
 */
import { nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { GptSpec } from './engine';

/** Weights by their names in Hugging Face's GPT2LMHeadModel. */
export type Weights = Record<string, np.Array>;

export interface AdamSettings {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Weights, both moments of Adam, and the loss before the step. */
export type Stepped = [weights: Weights, m: Weights, v: Weights, loss: np.Array];

/** Stands for minus infinity: WebGPU may assume that there are no infinities. */
const MASKED = -1e9;

/** x W + b over the last axis. */
const linear = (weights: Weights, name: string, x: np.Array): np.Array =>
  np.matmul(x, take(weights, `${name}.weight`)).add(take(weights, `${name}.bias`));

/** LayerNorm over the last axis, with GPT-2's epsilon, which is also the library's. */
const layerNorm = (weights: Weights, name: string, x: np.Array): np.Array =>
  nn
    .standardize(x)
    .mul(take(weights, `${name}.weight`))
    .add(take(weights, `${name}.bias`));

function take(weights: Weights, name: string): np.Array {
  const found = weights[name];
  if (found === undefined) throw new Error(`there is no weight ${name}`);
  return found;
}

/**
 * Causal attention over the heads of [R, T, 3C], which is consumed: [R, T, C]. The library's `dotProductAttention` compiles to
 * as many kernels, and needs iterator helpers, which not every browser has.
 */
function attention(qkv: np.Array, heads: number): np.Array {
  const [rows = 0, length = 0, triple = 0] = qkv.shape;
  const size = triple / 3 / heads;
  const byHead = (part: np.Array): np.Array => part.reshape([rows, length, heads, size]).transpose([0, 2, 1, 3]); // [R, H, T, D]
  const [q, k, v] = np.split(qkv, 3, -1).map(byHead) as [np.Array, np.Array, np.Array];
  const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(size)); // [R, H, T, T]
  const seen = np.tri(length, length, 0, { dtype: np.bool }); // [T, T]
  const mixed = np.matmul(nn.softmax(np.where(seen, scores, MASKED)), v); // [R, H, T, D]
  return mixed.transpose([0, 2, 1, 3]).reshape([rows, length, triple / 3]); // [R, T, C]
}

/**
 * Mean negative log-probability of the marked tokens, in nats.
 * @param weights consumed
 * @param tokens [R, T] int32, consumed
 * @param mask [R, T], consumed; its first column is 0, as nothing predicts a first token
 */
export function meanLoss({ layers, heads }: GptSpec, weights: Weights, tokens: np.Array, mask: np.Array): np.Array {
  const length = tokens.shape[1] ?? 0;
  const wte = take(weights, 'transformer.wte.weight'); // [V, C]
  const wpe = take(weights, 'transformer.wpe.weight').slice([0, length]); // [T, C]
  let x = np.take(wte.ref, tokens.ref, 0).add(wpe); // [R, T, C]
  for (let layer = 0; layer < layers; layer++) {
    const at = `transformer.h.${layer}`;
    const qkv = linear(weights, `${at}.attn.c_attn`, layerNorm(weights, `${at}.ln_1`, x.ref)); // [R, T, 3C]
    x = x.add(linear(weights, `${at}.attn.c_proj`, attention(qkv, heads))); // [R, T, C]
    const hidden = nn.gelu(linear(weights, `${at}.mlp.c_fc`, layerNorm(weights, `${at}.ln_2`, x.ref))); // [R, T, 4C]
    x = x.add(linear(weights, `${at}.mlp.c_proj`, hidden)); // [R, T, C]
  }
  const logits = np.matmul(layerNorm(weights, 'transformer.ln_f', x), wte.transpose()); // [R, T, V]
  const logProbs = nn.logSoftmax(logits.slice([], [0, length - 1])); // [R, T-1, V]
  // A scatter of the gradient of takeAlongAxis fails under this version's jit.
  const targets = nn.oneHot(tokens.slice([], [1, length]), logProbs.shape[2] ?? 0); // [R, T-1, V]
  const logp = logProbs.mul(targets).sum(-1); // [R, T-1]
  const kept = mask.slice([], [1, length]); // [R, T-1]
  return logp.mul(kept.ref).sum().div(kept.sum()).neg(); // []
}

/**
 * One step of imitation: loss, gradient, Adam.
 * @param corrections [2]: 1 - beta1^t and 1 - beta2^t
 * @returns a pure function that consumes its arguments; made to be jitted
 */
export function trainingStep(model: GptSpec, { lr, beta1, beta2, epsilon }: AdamSettings) {
  return (weights: Weights, m: Weights, v: Weights, tokens: np.Array, mask: np.Array, corrections: np.Array): Stepped => {
    const held = mapWeights(weights, (w) => w.ref);
    const lossOf = (w: Weights): np.Array => meanLoss(model, w, tokens, mask);
    const [loss, gradient] = valueAndGrad(lossOf)(held);
    const next: Stepped = [{}, {}, {}, loss];
    for (const [name, weight] of Object.entries(weights)) {
      const g = take(gradient, name); // as the weight, and so the next
      const first = take(m, name)
        .mul(beta1)
        .add(g.ref.mul(1 - beta1));
      const second = take(v, name)
        .mul(beta2)
        .add(np.square(g).mul(1 - beta2));
      const [correction1, correction2] = [corrections.ref.slice(0), corrections.ref.slice(1)]; // [], []
      const update = first.ref.div(correction1).div(np.sqrt(second.ref.div(correction2)).add(epsilon));
      next[0][name] = weight.sub(update.mul(lr));
      next[1][name] = first;
      next[2][name] = second;
    }
    corrections.dispose();
    return next;
  };
}

/** The same names with other arrays. */
export const mapWeights = (weights: Weights, change: (array: np.Array, name: string) => np.Array): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, change(array, name)]));
