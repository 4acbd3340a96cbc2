import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { gpuDevice } from '../../test/gpu';
import { sampleToken } from './op';
import { FREE } from './reference';

beforeAll(async () => {
  await gpuDevice();
});

it('draws each token as often as the softmax says, the first included, by a chi-square test on 100,000 draws', async () => {
  const logits = [1, 0, -1, 2, 0.5, -0.5, 0, 1.5];
  const weights = logits.map(Math.exp);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const rows = 10_000;
  const counts = logits.map(() => 0);
  const table = tf.tile(tf.tensor2d([logits]), [rows, 1]);
  const forced = tf.fill([rows], FREE, 'int32') as tf.Tensor1D;
  for (let step = 0; step < 10; step++) {
    const token = sampleToken(table as tf.Tensor2D, forced, { seed: 2024, step, position: 1, temperature: 1 });
    for (const t of await token.data()) counts[t] = (counts[t] ?? 0) + 1;
    token.dispose();
  }
  tf.dispose([table, forced]);
  const draws = rows * 10;
  const chiSquare = counts.reduce((sum, count, i) => {
    const expected = (draws * (weights[i] as number)) / total;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  // The 99.9 % quantile of the chi-square distribution with 7 degrees of freedom.
  expect(chiSquare).toBeLessThan(24.32);
});
