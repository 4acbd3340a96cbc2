/** The contract of a policy: a pure function of θ, the one flat vector. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Layout } from '../core/layout';
import type { ParamSpecs, ValuesOf } from '../core/params';
import type { Rng } from '../core/rng';
import type { Sharpening } from '../kernels/sample-token/reference';

/** Rows of tokens, each a prompt and its completion, padded on the right. */
export interface Rows {
  /** [R, T] int32 */
  readonly tokens: Tensor2D;
  /** [R, T] float32: 1 on completion tokens, else 0. */
  readonly mask: Tensor2D;
}

/** Per-token results. */
export interface Scored {
  /** [R, T] log π(token | tokens before it), in nats; 0 where the mask is 0. */
  readonly logp: Tensor2D;
  /** [R, T] entropy of the distribution that the token was drawn from, in nats; 0 where the mask is 0. */
  readonly entropy: Tensor2D;
  /**
   * [R, T] the scalar head after having read a token: at every token of a row, its prompt's included, and 0 where the row is
   * padded. Present where the shape has a head. The value before a token is drawn therefore stands one place to its left, and
   * a reward model's score of a completion at its last token. Where a completion is a single action, the last place of the
   * prompt has the state's value, the action's place the action's value (0 for a token that is none), and the others 0.
   */
  readonly head?: Tensor2D;
}

/** What to sample. Prompts may differ in length. */
export interface SampleRequest {
  readonly prompts: readonly (readonly number[])[];
  /** Keys the draws, together with row and position. */
  readonly seed: number;
  readonly step: number;
  /** Divides the logits; 0 takes the most probable token. */
  readonly temperature: number;
  /** Draw among this many most probable tokens; 0, the default, is all. */
  readonly topK?: number;
  /** Draw among the fewest most probable tokens that hold this much probability, after top-k; 1, the default, is all. */
  readonly topP?: number;
  /** Draw from the geometric mixture policy^(1 - weight) other^weight of every token, `theta` [n] being the other's. */
  readonly mix?: { readonly theta: Tensor1D; readonly weight: number };
}

/** What changes the distribution that is drawn from, with its defaults. */
export const sharpeningOf = ({ temperature, topK = 0, topP = 1 }: SampleRequest): Sharpening => ({ temperature, topK, topP });

/** Completions as the device wrote them. T = the policy's `maxLen`. */
export interface Sampled {
  readonly rows: number;
  readonly length: number;
  /** [R, T]: prompt, completion with its end token, padding. */
  readonly tokens: Int32Array;
  /** [R, T]: 1 on completion tokens, the end token included. */
  readonly mask: Float32Array;
  /** [R, T] log-probability at temperature 1 without truncation, 0 where masked. */
  readonly logp: Float32Array;
  /** [R, T] entropy of that distribution where a token was drawn, in nats, 0 where masked. */
  readonly entropy: Float32Array;
}

/** The sizes that a world imposes. */
export interface PolicyShape {
  readonly vocabSize: number;
  /** Longest prompt with its completion. */
  readonly maxLen: number;
  /** Longest prompt. */
  readonly promptLen: number;
  /** Tokens that may be sampled. */
  readonly sampleable: readonly number[];
  /** Whether the policy has a scalar head: a critic's values or a reward model's scores. Its slices are θ's last. */
  readonly head: boolean;
}

/** A policy with its sizes fixed. `score` is differentiable in θ and keeps no state. */
export interface Policy {
  readonly layout: Layout;
  readonly shape: PolicyShape;
  init(rng: Rng): Float32Array;
  /** θ whose distribution over the sampleable tokens is exactly this, where the policy can express it. */
  fromProbabilities?(probabilities: readonly number[]): Float32Array;
  score(theta: Tensor1D, rows: Rows): Scored;
  sample(theta: Tensor1D, request: SampleRequest): Promise<Sampled>;
  /**
   * Compiles what `score` and `sample` need on the current device, several shaders at a time. Without it the first call
   * compiles one after another and blocks.
   * @param report called with how many of how many are ready
   */
  prepare?(report: (done: number, total: number) => void): Promise<void>;
  /** Frees what the policy keeps on the device. It can be used again, and then makes it anew. */
  release?(): void;
}

/** A registry entry of `src/policies/`. */
export interface PolicyKind<S extends ParamSpecs = ParamSpecs> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly params: S;
  create(params: ValuesOf<S>, shape: PolicyShape): Policy;
}

/** Gives a policy its literal types where it is written. */
export const definePolicy = <const S extends ParamSpecs>(kind: PolicyKind<S>): PolicyKind<S> => kind;
