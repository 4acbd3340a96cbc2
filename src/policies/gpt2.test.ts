import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import recorded from './fixtures/gpt2.json';
import { gpt } from './gpt';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe("against Hugging Face's GPT2LMHeadModel (scripts/oracle/gpt2.py)", () => {
  const { layers, width, heads, vocabSize, length } = recorded;
  const policy = gpt.create(
    { layers, width, heads, initStd: 0.02, weights: 'f32' },
    { vocabSize, maxLen: length, promptLen: 1, sampleable: [], head: false },
  );

  it('has its slices, in its order', () => {
    expect(policy.layout.slices.map(({ name }) => name)).toEqual(recorded.names);
    expect(policy.layout.size).toBe(recorded.theta.length);
  });

  it('gives its log-probabilities and entropies', async () => {
    const tokens = tf.tensor2d(recorded.tokens, [recorded.tokens.length, length], 'int32');
    const mask = tf.ones<tf.Rank.R2>(tokens.shape);
    const { logp, entropy } = policy.score(tf.tensor1d(recorded.theta), { tokens, mask });
    const [ours, ourEntropy] = [await logp.array(), await entropy.array()];
    recorded.logp.forEach((row, r) => {
      row.forEach((value, t) => {
        expect(ours[r]?.[t + 1]).toBeCloseTo(value, 4);
        expect(ourEntropy[r]?.[t + 1]).toBeCloseTo(recorded.entropy[r]?.[t] as number, 4);
      });
    });
  });
});
