/** Sampling from the GPT with a cache of keys and values: one position at a time, nothing read back before the end. */
import * as tf from '@tensorflow/tfjs-core';
import type { Layout } from '../core/layout';
import { EOS, PAD } from '../core/world';
import { sampleToken } from '../kernels/sample-token/op';
import { FREE, type Sharpening } from '../kernels/sample-token/reference';
import { block, embed, finalNorm, type GptSizes, unembed } from './gpt-network';
import { mixedLogits } from './mixture';
import { type Sampled, type SampleRequest, sharpeningOf } from './policy';
import { unpack, type Weights } from './theta';

/** What one position hands to the next. An alias: tidy does not take an interface. */
type DecodeState = {
  /** [R] int32, the token at the position */
  readonly token: tf.Tensor1D;
  /** [R] int32, 1 once the row has written its end token */
  readonly done: tf.Tensor1D;
  /** Per layer [R, H, t, D], of one network after another */
  readonly keys: tf.Tensor4D[];
  readonly values: tf.Tensor4D[];
};

/**
 * Writes the tokens of all rows. Takes, per position, the token that each row must take or `FREE`: [T][R].
 * @returns the tokens, and of those that were free the log-probability at temperature 1 and the entropy of the distribution
 *   that it belongs to; all [R, T]
 */
export type Writer = (forced: readonly Int32Array[]) => Promise<Written>;

export interface Written {
  readonly tokens: Int32Array;
  readonly logp: Float32Array<ArrayBuffer>;
  readonly entropy: Float32Array<ArrayBuffer>;
}

/** What a request's draws depend on, beside θ and the prompts. */
export const drawKey = (request: SampleRequest): { seed: number; step: number } & Sharpening => ({
  seed: request.seed,
  step: request.step,
  ...sharpeningOf(request),
});

/** Completes every prompt; see `Policy.sample`. */
export async function decode(request: SampleRequest, sizes: GptSizes, write: Writer): Promise<Sampled> {
  const { prompts } = request;
  return finish(prompts, await write(forcedTokens(prompts, sizes)), sizes);
}

/** A writer in stock tfjs ops: the reference of the fused engine, and what runs where there is no WebGPU. */
export const composedWriter =
  (theta: tf.Tensor1D, layout: Layout, request: SampleRequest, sizes: GptSizes): Writer =>
  async (forced) => {
    const rows = request.prompts.length;
    const result = tf.tidy(() => {
      const networks = [theta, ...(request.mix === undefined ? [] : [request.mix.theta])].map((one) => unpack(one, layout));
      const tokens: tf.Tensor1D[] = [];
      const logps: tf.Tensor1D[] = [tf.zeros([rows])];
      const entropies: tf.Tensor1D[] = [tf.zeros([rows])];
      let state: DecodeState = {
        token: tf.tensor1d(forced[0] as Int32Array, 'int32'),
        done: tf.zeros([rows], 'int32'),
        keys: [],
        values: [],
      };
      tokens.push(state.token);
      for (let position = 0; position + 1 < forced.length; position++) {
        const ahead = tf.tensor1d(forced[position + 1] as Int32Array, 'int32'); // [R]
        const { next, logp, entropy } = tf.tidy(() => advance(networks, state, ahead, position, request, sizes));
        if (position > 0) tf.dispose([state.done, ...state.keys, ...state.values]);
        tf.dispose(ahead);
        state = next;
        tokens.push(state.token);
        logps.push(logp);
        entropies.push(entropy);
      }
      return { tokens: tf.stack(tokens, 1), logp: tf.stack(logps, 1), entropy: tf.stack(entropies, 1) }; // [R, T] each
    });
    const [tokens, logp, entropy] = await Promise.all([
      result.tokens.data<'int32'>(),
      result.logp.data<'float32'>(),
      result.entropy.data<'float32'>(),
    ]);
    tf.dispose(result);
    return { tokens: Int32Array.from(tokens), logp: Float32Array.from(logp), entropy: Float32Array.from(entropy) };
  };

/** Per position, the token that each row must take: its prompt, then free, then padding past the longest completion. */
function forcedTokens(prompts: readonly (readonly number[])[], { shape }: GptSizes): Int32Array[] {
  const longest = shape.maxLen - shape.promptLen;
  return Array.from({ length: shape.maxLen }, (_, position) =>
    Int32Array.from(prompts, (prompt) => prompt[position] ?? (position < prompt.length + longest ? FREE : PAD)),
  );
}

function advance(
  networks: readonly Weights[],
  state: DecodeState,
  ahead: tf.Tensor1D,
  position: number,
  request: SampleRequest,
  sizes: GptSizes,
): { next: DecodeState; logp: tf.Tensor1D; entropy: tf.Tensor1D } {
  const keys: tf.Tensor4D[] = [];
  const values: tf.Tensor4D[] = [];
  const [own, other] = networks.map((weight, i) => {
    const from = i * sizes.layers;
    const read = nextLogits(weight, { ...state, keys: state.keys.slice(from), values: state.values.slice(from) }, position, sizes);
    keys.push(...read.keys);
    values.push(...read.values);
    return read.logits;
  }) as [tf.Tensor2D, tf.Tensor2D?];
  const logits = other === undefined ? own : mixedLogits(own, other, request.mix?.weight ?? 0); // [R, V]
  // A finished row is padded, a prompt is passed through, the rest is drawn.
  const isFree = tf.equal(ahead, FREE); // [R]
  const forced = tf.where(tf.logicalAnd(isFree, tf.cast(state.done, 'bool')), tf.fill(ahead.shape, PAD, 'int32'), ahead); // [R]
  const token = sampleToken(logits, forced as tf.Tensor1D, { ...drawKey(request), position: position + 1 }); // [R]
  const ended = tf.cast(tf.logicalAnd(isFree, tf.equal(token, EOS)), 'int32'); // [R]
  const logProbs = tf.logSoftmax(logits); // [R, V]
  const logp = tf.sum(tf.mul(logProbs, tf.oneHot(token, sizes.shape.vocabSize)), 1) as tf.Tensor1D; // [R]
  const entropy = tf.neg(tf.sum<tf.Tensor1D>(tf.mul(tf.exp(logProbs), logProbs), 1)); // [R]
  return { next: { token, done: tf.maximum(state.done, ended), keys, values }, logp, entropy };
}

/** One network's logits for what follows the token at `position` [R, V], and what it remembers from now on. */
function nextLogits(
  weight: Weights,
  state: DecodeState,
  position: number,
  sizes: GptSizes,
): { logits: tf.Tensor2D; keys: tf.Tensor4D[]; values: tf.Tensor4D[] } {
  const { width, heads, layers } = sizes;
  const size = width / heads;
  const keys: tf.Tensor4D[] = [];
  const values: tf.Tensor4D[] = [];
  const place = tf.slice(weight('transformer.wpe.weight'), [position, 0], [1, width]); // [1, C]
  let x = tf.add<tf.Tensor2D>(embed(weight, state.token, sizes), place); // [R, C]
  for (let layer = 0; layer < layers; layer++) {
    x = block(weight, layer, x, (qkv) => {
      const [q, k, v] = tf.split(qkv, 3, 1).map((part) => tf.reshape(part, [-1, heads, 1, size])) as [
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
      ]; // [R, H, 1, D]
      const key = position === 0 ? k : tf.concat([state.keys[layer] as tf.Tensor4D, k], 2); // [R, H, t, D]
      const value = position === 0 ? v : tf.concat([state.values[layer] as tf.Tensor4D, v], 2); // [R, H, t, D]
      keys.push(key);
      values.push(value);
      const scores = tf.mul<tf.Tensor4D>(tf.matMul(q, key, false, true), 1 / Math.sqrt(size)); // [R, H, 1, t]
      return tf.reshape(tf.matMul(tf.softmax(scores), value), [-1, width]); // [R, C]
    });
  }
  return { logits: unembed(weight, finalNorm(weight, x)), keys, values };
}

/** Marks what was drawn: from the end of the prompt to the end token. */
function finish(prompts: readonly (readonly number[])[], { tokens, logp, entropy }: Written, { shape }: GptSizes): Sampled {
  const length = shape.maxLen;
  const mask = new Float32Array(tokens.length);
  const longest = length - shape.promptLen;
  prompts.forEach((prompt, row) => {
    for (let t = prompt.length; t < Math.min(length, prompt.length + longest); t++) {
      mask[row * length + t] = 1;
      if (tokens[row * length + t] === EOS) break;
    }
  });
  const masked = (values: Float32Array): Float32Array => values.map((x, i) => x * (mask[i] as number));
  return { rows: prompts.length, length, tokens, mask, logp: masked(logp), entropy: masked(entropy) };
}
