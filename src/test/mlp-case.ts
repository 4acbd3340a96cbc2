/** An MLP with a batch and gradients from above, all drawn from sizes: what the tests of the engine compare with the composed policy. */
import { createRng } from '../core/rng';
import type { MlpModel } from '../engine/mlp/plan';
import { mlp } from '../policies/mlp';
import type { Policy } from '../policies/policy';
import type { HostRows } from '../policies/rows';
import type { Ups } from './gpt-case';

/** Sizes of a network and of a batch. */
export interface MlpSizes {
  readonly rows: number;
  readonly contextSize: number;
  readonly narrow: number;
  readonly wide: number;
  readonly actions: number;
  readonly promptLen?: number;
  /** Whether it has a scalar head; it has none by default. */
  readonly head?: boolean;
}

const CONTEXTS = 9;
/** The first action: pad, bos and eos come before it. */
export const FIRST = 3;

export interface MlpCase {
  readonly model: MlpModel;
  readonly policy: Policy;
  readonly theta: Float32Array;
  readonly host: HostRows;
  readonly ups: Ups;
}

/** A network away from its start, and rows of which every fourth is masked. Gradients reach the masked ones too. */
export function mlpCase({ rows, contextSize, narrow, wide, actions, promptLen = 2, head = false }: MlpSizes): MlpCase {
  const length = promptLen + 1;
  const sampleable = Array.from({ length: actions }, (_, k) => FIRST + k);
  const shape = { vocabSize: FIRST + actions + CONTEXTS, maxLen: length, promptLen, sampleable, head };
  const policy = mlp.create({ contextSize, narrow, wide }, shape);
  const rng = createRng(rows + 1000 * wide).fork(`${contextSize} ${narrow} ${actions}`);
  const theta = new Float32Array(policy.layout.size);
  for (const slice of policy.layout.slices) {
    const [fanIn = 1, fanOut] = slice.shape;
    const scale = fanOut === undefined ? 0.3 : 1 / Math.sqrt(fanIn);
    const mean = slice.name === 'norm.weight' ? 1 : 0;
    for (let i = 0; i < fanIn * (fanOut ?? 1); i++) theta[slice.offset + i] = mean + scale * rng.normal();
  }
  const tokens = Int32Array.from({ length: rows * length }, (_, i) => {
    const place = i % length;
    if (place === promptLen) return FIRST + rng.below(actions);
    return place === promptLen - 1 ? FIRST + actions + rng.below(CONTEXTS) : 1;
  });
  const mask = Float32Array.from(tokens, (_, i) => (i % length === promptLen && Math.floor(i / length) % 4 !== 3 ? 1 : 0));
  const normals = (): Float32Array => Float32Array.from(tokens, () => rng.normal());
  const span = { first: FIRST, count: actions, promptLen };
  const model = { contextSize, narrow, wide, vocabSize: shape.vocabSize, span, layout: policy.layout };
  return { model, policy, theta, host: { rows, length, tokens, mask }, ups: { logp: normals(), entropy: normals(), head: normals() } };
}
