import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { gpuDevice } from '../../test/gpu';
import { sampleToken } from './op';
import { FREE } from './reference';

beforeAll(async () => {
  await gpuDevice();
});

const LOGITS = [1, 0, -1, 2, 0.5, -0.5, 0, 1.5];

/** The 99.9 % quantile of the chi-square distribution by degrees of freedom. */
const QUANTILES: Readonly<Record<number, number>> = { 1: 10.83, 2: 13.82, 3: 16.27, 5: 20.52, 7: 24.32 };

// At temperature 1 the sorted tokens 3, 7, 0, 4, {1, 6}, 5, 2 hold .385, .233, .142, .086, .052 twice, .032, .019. So .759
// lies above token 4, and .8 of what top-k 5 leaves, which is six tokens: two are equal. At temperature 2 it is .581.
const CASES = [
  { name: 'as they are', temperature: 1, topK: 0, topP: 1, kept: [0, 1, 2, 3, 4, 5, 6, 7] },
  { name: 'top-k 3', temperature: 1, topK: 3, topP: 1, kept: [0, 3, 7] },
  { name: 'top-k 5 with two equal ones', temperature: 1, topK: 5, topP: 1, kept: [0, 1, 3, 4, 6, 7] },
  { name: 'top-p .77', temperature: 1, topK: 0, topP: 0.77, kept: [0, 3, 4, 7] },
  { name: 'top-p .77 of what top-k 5 leaves', temperature: 1, topK: 5, topP: 0.77, kept: [0, 3, 7] },
  { name: 'top-p .6', temperature: 1, topK: 0, topP: 0.6, kept: [3, 7] },
  { name: 'top-p .6 after temperature 2', temperature: 2, topK: 0, topP: 0.6, kept: [0, 3, 4, 7] },
];

it.each(CASES)('$name: never another token, and the frequencies of softmax by a chi-square test', async (settings) => {
  const { temperature, topK, topP, kept } = settings;
  const rows = 20_000;
  // 100,000 draws where nothing is cut off.
  const steps = kept.length === LOGITS.length ? 5 : 1;
  const counts = LOGITS.map(() => 0);
  const table = tf.tile(tf.tensor2d([LOGITS]), [rows, 1]);
  const forced = tf.fill([rows], FREE, 'int32') as tf.Tensor1D;
  for (let step = 0; step < steps; step++) {
    const token = sampleToken(table as tf.Tensor2D, forced, { seed: 2024, step, position: 1, temperature, topK, topP });
    for (const t of await token.data()) counts[t] = (counts[t] as number) + 1;
    token.dispose();
  }
  tf.dispose([table, forced]);
  const weights = kept.map((token) => Math.exp((LOGITS[token] as number) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const draws = rows * steps;
  expect(kept.reduce((sum, token) => sum + (counts[token] as number), 0)).toBe(draws);
  const chiSquare = kept.reduce((sum, token, i) => {
    const expected = (draws * (weights[i] as number)) / total;
    return sum + ((counts[token] as number) - expected) ** 2 / expected;
  }, 0);
  expect(chiSquare).toBeLessThan(QUANTILES[kept.length - 1] as number);
});

it('takes the first of the most probable tokens at temperature 0', async () => {
  const logits = tf.tensor2d([LOGITS, [3, 3, 1, 0, 0, 0, 0, 0], [-5, -1, -2, -1, -9, -9, -9, -9]]);
  const forced = tf.fill([3], FREE, 'int32') as tf.Tensor1D;
  const token = sampleToken(logits, forced, { seed: 1, step: 0, position: 1, temperature: 0, topK: 0, topP: 1 });
  expect([...(await token.data())]).toEqual([3, 0, 1]);
  tf.dispose([logits, forced, token]);
});
