import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultsOf } from '../core/params';
import { createRng } from '../core/rng';
import { EOS, PAD } from '../core/world';
import { POLICIES } from '.';
import type { Policy, PolicyShape } from './policy';
import { packRows, toRows } from './rows';

const CHOICES: PolicyShape = { vocabSize: 12, maxLen: 3, promptLen: 2, sampleable: [3, 4, 5, 6, 7] };
const TEXTS: PolicyShape = { vocabSize: 9, maxLen: 7, promptLen: 3, sampleable: [2, 3, 4, 5, 6, 7, 8] };

const policies: { name: string; policy: Policy; pairs: { prompt: number[]; completion: number[] }[] }[] = [
  {
    name: 'categorical',
    policy: POLICIES.categorical.create({}, CHOICES),
    pairs: [3, 5, 7].map((token) => ({ prompt: [1, 8], completion: [token] })),
  },
  {
    name: 'mlp',
    policy: POLICIES.mlp.create({ contextSize: 4, narrow: 5, wide: 6 }, CHOICES),
    pairs: [3, 5, 7].map((token, i) => ({ prompt: [1, 8 + i], completion: [token] })),
  },
  {
    name: 'gpt',
    policy: POLICIES.gpt.create({ ...defaultsOf(POLICIES.gpt.params), layers: 2, width: 8, heads: 2 }, TEXTS),
    pairs: [
      { prompt: [1, 3, 4], completion: [5, 6, 7, 2] },
      { prompt: [1, 8], completion: [4, 2] },
      { prompt: [1], completion: [3] },
    ],
  },
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(policies)('$name', ({ policy, pairs }) => {
  const host = packRows(pairs, policy.shape.maxLen);
  const theta = () => {
    const values = policy.init(createRng(3));
    // Away from the symmetric start, where some gradients vanish.
    const rng = createRng(4);
    return values.map((x) => x + 0.3 * rng.normal());
  };

  it('starts the same from the same seed and fills all of θ', () => {
    expect(policy.init(createRng(1))).toEqual(policy.init(createRng(1)));
    expect(policy.init(createRng(1))).toHaveLength(policy.layout.size);
  });

  it('lays its slices end to end', () => {
    let offset = 0;
    for (const slice of policy.layout.slices) {
      expect(slice.offset).toBe(offset);
      offset += slice.shape.reduce((product, n) => product * n, 1);
    }
    expect(policy.layout.size).toBe(offset);
  });

  it('gives nothing for masked tokens and proper log-probabilities for the rest', async () => {
    const rows = toRows(host);
    const scored = tf.tidy(() => {
      const { logp, entropy } = policy.score(tf.tensor1d(theta()), rows);
      return { logp, entropy };
    });
    const [logp, entropy] = await Promise.all([scored.logp.data(), scored.entropy.data()]);
    for (let i = 0; i < logp.length; i++) {
      if (host.mask[i] === 0) expect(Math.abs(logp[i] as number) + Math.abs(entropy[i] as number)).toBe(0);
      else {
        expect(logp[i]).toBeLessThan(0);
        expect(entropy[i]).toBeGreaterThan(0);
        expect(entropy[i]).toBeLessThanOrEqual(Math.log(policy.shape.vocabSize));
      }
    }
    tf.dispose([rows.tokens, rows.mask, scored]);
  });

  it('has the gradient that finite differences give', async () => {
    const rows = toRows(host);
    const weights = tf.tensor2d(
      host.mask.map((m, i) => m * (1 + (i % 3))),
      [host.rows, host.length],
    );
    const loss = (t: tf.Tensor1D): tf.Scalar =>
      tf.tidy(() => {
        const { logp, entropy } = policy.score(t, rows);
        return tf.add(tf.sum(tf.mul(logp, weights)), tf.mul(tf.sum(entropy), 0.5)) as tf.Scalar;
      });
    const start = theta();
    const gradient = await tf.tidy(() => tf.grad((t) => loss(t as tf.Tensor1D))(tf.tensor1d(start))).data();
    const at = async (values: Float32Array): Promise<number> => (await tf.tidy(() => loss(tf.tensor1d(values))).data())[0] as number;
    const rng = createRng(9);
    const step = 2e-3;
    for (let trial = 0; trial < 24; trial++) {
      const i = rng.below(policy.layout.size);
      const moved = (by: number) => start.map((x, j) => (j === i ? x + by : x));
      const numeric = ((await at(moved(step))) - (await at(moved(-step)))) / (2 * step);
      expect(gradient[i], `parameter ${i}`).toBeCloseTo(numeric, 1.5);
    }
    tf.dispose([rows.tokens, rows.mask, weights]);
  });

  it('samples what it scores, and the same for the same key', async () => {
    const request = { prompts: [...pairs, ...pairs].map(({ prompt }) => prompt), seed: 5, step: 2, temperature: 1 };
    const t = tf.tensor1d(theta());
    const before = tf.memory().numTensors;
    const drawn = await policy.sample(t, request);
    expect(tf.memory().numTensors).toBe(before);
    expect((await policy.sample(t, request)).tokens).toEqual(drawn.tokens);
    expect((await policy.sample(t, { ...request, seed: 6, step: 3 })).tokens).not.toEqual(drawn.tokens);
    const rows = toRows(drawn);
    const scored = tf.tidy(() => policy.score(t, rows).logp);
    const logp = await scored.data();
    logp.forEach((x, i) => {
      expect(drawn.logp[i]).toBeCloseTo(x, 4);
    });
    request.prompts.forEach((prompt, row) => {
      const at = row * drawn.length;
      expect([...drawn.tokens.slice(at, at + prompt.length)]).toEqual(prompt);
      const completion = [...drawn.tokens.slice(at + prompt.length, at + drawn.length)];
      const end = completion.indexOf(EOS);
      if (end >= 0) expect(completion.slice(end + 1).every((token) => token === PAD)).toBe(true);
      const marked = [...drawn.mask.slice(at + prompt.length, at + drawn.length)].filter((m) => m === 1).length;
      const longest = policy.shape.maxLen - policy.shape.promptLen;
      expect(marked).toBe(end >= 0 && end < longest ? end + 1 : longest);
    });
    tf.dispose([t, rows.tokens, rows.mask, scored]);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const rows = toRows(host);
      tf.grad((t) => tf.sum(policy.score(t as tf.Tensor1D, rows).logp))(tf.tensor1d(theta()));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
