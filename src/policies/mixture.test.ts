import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { tf } from '../test/tf';
import { POLICIES } from '.';
import type { Policy } from './policy';
import { packRows, toRows } from './rows';

const TEXTS = { vocabSize: 6, maxLen: 5, promptLen: 2, sampleable: [2, 3, 4, 5], head: false };
const CHOICES = { vocabSize: 9, maxLen: 3, promptLen: 2, sampleable: [3, 4, 5, 6, 7], head: false };

const CASES: readonly (readonly [string, Policy])[] = [
  ['categorical', POLICIES.categorical.create({}, CHOICES)],
  ['mlp', POLICIES.mlp.create({ contextSize: 4, narrow: 5, wide: 6 }, CHOICES)],
  ['gpt', POLICIES.gpt.create({ ...defaultsOf(POLICIES.gpt.params), layers: 2, width: 8, heads: 2 }, TEXTS)],
];

/** θ with some shape to it. */
function thetaOf(policy: Policy, seed: number): tf.Tensor1D {
  const rng = createRng(seed);
  return tf.tensor1d(policy.init(createRng(1)).map((x) => x + 0.5 * rng.normal()));
}

/** log-probabilities of every token that may come next, [V]; minus infinity where none may. */
function next(policy: Policy, theta: tf.Tensor1D, before: readonly number[]): number[] {
  const { vocabSize } = policy.shape;
  const all = Array.from({ length: vocabSize }, (_, token) => token);
  const isAction = policy.shape.maxLen === policy.shape.promptLen + 1;
  const possible = all.filter((token) => !isAction || policy.shape.sampleable.includes(token));
  const rows = toRows(
    packRows(
      possible.map((token) => ({ prompt: before, completion: [token] })),
      policy.shape.maxLen,
    ),
  );
  const logp = tf.tidy(() => tf.sum(policy.score(theta, rows).logp, 1)).arraySync() as number[];
  return all.map((token) => (possible.includes(token) ? (logp[possible.indexOf(token)] as number) : Number.NEGATIVE_INFINITY));
}

describe.each(CASES)('two policies at once: %s', (_name, policy) => {
  const prompts = Array.from({ length: 12 }, (_, row) => (row % 2 === 0 ? [1, 3] : [1, 4]));
  const [own, other] = [thetaOf(policy, 2), thetaOf(policy, 3)];
  const request = { prompts, seed: 7, step: 1, temperature: 1 };
  const mixed = (weight: number) => policy.sample(own, { ...request, mix: { theta: other, weight } });

  it('is one of them at either end', async () => {
    expect((await mixed(0)).tokens).toEqual((await policy.sample(own, request)).tokens);
    expect((await mixed(1)).tokens).toEqual((await policy.sample(other, request)).tokens);
  });

  it('draws from the normalised geometric mixture of every token', async () => {
    const weight = 0.3;
    const drawn = await mixed(weight);
    expect(drawn.tokens).not.toEqual((await policy.sample(own, request)).tokens);
    for (let row = 0; row < drawn.rows; row++) {
      const tokens = [...drawn.tokens.slice(row * drawn.length, (row + 1) * drawn.length)];
      for (let t = 0; t < drawn.length; t++) {
        if (drawn.mask[row * drawn.length + t] === 0) continue;
        const [p, q] = [next(policy, own, tokens.slice(0, t)), next(policy, other, tokens.slice(0, t))];
        const logits = p.map((logp, token) => (1 - weight) * logp + weight * (q[token] as number));
        const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
        expect(drawn.logp[row * drawn.length + t]).toBeCloseTo((logits[tokens[t] as number] as number) - total, 4);
      }
    }
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await mixed(0.5);
    expect(tf.memory().numTensors).toBe(before);
  });
});
