/** What a stage draws beside its samples: greedy completions to compare with, and numbers to choose tokens by. */
import { expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { createRng } from '../core/rng';
import type { RunSpecInput } from '../core/spec';
import type { Sampled } from '../policies/policy';
import { toRows } from '../policies/rows';
import { tf } from '../test/tf';
import { binReward } from '../worlds/bins';
import { poolBatch } from './batch';
import { catalogue } from './catalogue';
import { drawnAlone } from './draw';
import { type Prepared, type PreparedStage, prepare } from './lab';
import { drawPool, orderStream } from './pool';

const PLACES: Readonly<Record<string, Pick<RunSpecInput, 'world' | 'policy'>>> = {
  categorical: { world: { id: 'bins', params: { bins: 10 } }, policy: 'categorical' },
  mlp: { world: { id: 'bins', params: { bins: 10 } }, policy: { id: 'mlp', params: { contextSize: 4, narrow: 5, wide: 6 } } },
  gpt: { world: { id: 'sums', params: { digits: 1 } }, policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } } },
};

const TRAINING = { source: 'samples', prompts: 3, group: 4, batchSize: 2, refreshEvery: 2 };

const opened = (place: string, objective: string): Prepared =>
  prepare(resolveSpec({ ...PLACES[place], stages: [{ objective, training: TRAINING }] } as RunSpecInput, catalogue()), {
    dataset: () => undefined,
  });

async function poolOf({ policy, stages }: Prepared, theta: tf.Tensor1D) {
  const stage = stages[0] as PreparedStage;
  return drawPool({ policy, stage, ...drawnAlone(theta, theta), rng: createRng(5), seed: 5, stageStep: 0 });
}

it('compares samples with the reward of the likeliest completion, which is not learnt from', async () => {
  const prepared = opened('categorical', 'remax');
  // Bin 6 is likely, but not so likely that nothing else is drawn. Its reward is not the largest.
  const theta = tf.tensor1d(Array.from({ length: 10 }, (_, k) => (k === 6 ? 1 : 0)));
  const { pool, metrics, drawn, queries } = await poolOf(prepared, theta);
  theta.dispose();
  const { bins, centre, width } = prepared.spec.world.params as Record<'bins' | 'centre' | 'width', number>;
  const greedy = binReward(6, bins, centre, width);
  expect(metrics.reward_baseline).toBeCloseTo(greedy, 6);
  expect(pool.rows).toBe(12);
  expect(drawn.examples).toHaveLength(12);
  expect(queries).toBe(12 + 3);
  // An action is the last token of its row.
  const advantages = Array.from({ length: 12 }, (_, row) => pool.advantages[(row + 1) * pool.length - 1] as number);
  expect(advantages).toEqual(Array.from(pool.rewards, (reward) => expect.closeTo(reward - greedy, 6)));
  expect(new Set(pool.rewards).size).toBeGreaterThan(2);
});

it.each(Object.keys(PLACES))('%s writes the likeliest token at every place at temperature 0', async (place) => {
  const { policy, world } = opened(place, 'remax');
  const theta = tf.tensor1d(policy.init(createRng(2)));
  const rng = createRng(3);
  const prompts = Array.from({ length: 3 }, () => world.sample(rng, 'train').prompt);
  const sampled = await policy.sample(theta, { prompts, seed: 0, step: 4, temperature: 0 });
  expect(await policy.sample(theta, { prompts, seed: 9, step: 1, temperature: 0 })).toEqual(sampled);
  const first = sampled.mask.indexOf(1);
  for (const at of [first, first + sampled.length]) {
    if (sampled.mask[at] !== 1) continue;
    const others = await Promise.all(policy.shape.sampleable.map((token) => logpWith(policy, theta, sampled, at, token)));
    const written = await logpWith(policy, theta, sampled, at, sampled.tokens[at] as number);
    expect(written).toBe(Math.max(...others));
  }
  theta.dispose();
});

/** Log-probability of another token at some place of what was sampled. */
async function logpWith(policy: Prepared['policy'], theta: tf.Tensor1D, sampled: Sampled, at: number, token: number): Promise<number> {
  const logp = tf.tidy(() => policy.score(theta, toRows({ ...sampled, tokens: sampled.tokens.with(at, token) })).logp); // [R, T]
  const values = await logp.data();
  logp.dispose();
  return values[at] as number;
}

it('gives each token a number at every step, the same again for the same step, and only to those who ask', async () => {
  const prepared = opened('gpt', 'clip-cov');
  const theta = tf.tensor1d(prepared.policy.init(createRng(2)));
  const { pool } = await poolOf(prepared, theta);
  theta.dispose();
  const stage = prepared.stages[0] as PreparedStage;
  const drawsAt = (step: number, seed = 5) => poolBatch(stage, pool, step, orderStream(seed, 0, 0)).perToken.draws as Float32Array;
  const first = drawsAt(0);
  expect(first).toHaveLength(2 * 4 * pool.length);
  expect(first.every((x) => x >= 0 && x < 1)).toBe(true);
  expect(drawsAt(0)).toEqual(first);
  expect(drawsAt(1)).not.toEqual(first);
  expect(drawsAt(0, 6)).not.toEqual(first);
  const grpo = opened('gpt', 'grpo').stages[0] as PreparedStage;
  expect(poolBatch(grpo, pool, 0, orderStream(5, 0, 0)).perToken.draws).toBeUndefined();
});
