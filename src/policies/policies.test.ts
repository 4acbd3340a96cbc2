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

const CHOICES: PolicyShape = { vocabSize: 12, maxLen: 3, promptLen: 2, sampleable: [3, 4, 5, 6, 7], head: false };
const TEXTS: PolicyShape = { vocabSize: 9, maxLen: 7, promptLen: 3, sampleable: [2, 3, 4, 5, 6, 7, 8], head: false };

interface Case {
  readonly name: string;
  readonly make: (head: boolean) => Policy;
  readonly pairs: readonly { readonly prompt: readonly number[]; readonly completion: readonly number[] }[];
}

const CASES: readonly Case[] = [
  {
    name: 'categorical',
    make: (head) => POLICIES.categorical.create({}, { ...CHOICES, head }),
    pairs: [3, 5, 7].map((token) => ({ prompt: [1, 8], completion: [token] })),
  },
  {
    name: 'mlp',
    make: (head) => POLICIES.mlp.create({ contextSize: 4, narrow: 5, wide: 6 }, { ...CHOICES, head }),
    pairs: [3, 5, 7].map((token, i) => ({ prompt: [1, 8 + i], completion: [token] })),
  },
  {
    name: 'gpt',
    make: (head) => POLICIES.gpt.create({ ...defaultsOf(POLICIES.gpt.params), layers: 2, width: 8, heads: 2 }, { ...TEXTS, head }),
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

const POLICIES_MADE = CASES.flatMap(({ make, ...rest }) => [
  { ...rest, policy: make(false) },
  { ...rest, name: `${rest.name} with a head`, policy: make(true) },
]);

describe.each(POLICIES_MADE)('$name', ({ policy, pairs }) => {
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
    // Prompts and padding too: nothing of the head is masked.
    const ups = tf.tensor2d(
      host.mask.map((_, i) => ((i * 7) % 5) - 2),
      [host.rows, host.length],
    );
    const loss = (t: tf.Tensor1D): tf.Scalar =>
      tf.tidy(() => {
        const { logp, entropy, head = tf.zerosLike(logp) } = policy.score(t, rows);
        return tf.addN([tf.sum(tf.mul(logp, weights)), tf.mul(tf.sum(entropy), 0.5), tf.sum(tf.mul(head, ups))]) as tf.Scalar;
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
    tf.dispose([rows.tokens, rows.mask, weights, ups]);
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

describe.each(CASES)('the head of $name', ({ make, pairs }) => {
  const [plain, headed] = [make(false), make(true)];
  const host = packRows(pairs, plain.shape.maxLen);
  /** A policy's outputs, with every weight from the same stream. */
  async function outputs(policy: Policy, theta: Float32Array) {
    const rows = toRows(host);
    const scored = tf.tidy(() => {
      const { logp, entropy, head } = policy.score(tf.tensor1d(theta), rows);
      return head === undefined ? [logp, entropy] : [logp, entropy, head];
    });
    const [logp, entropy, head] = await Promise.all(scored.map(async (x) => Array.from(await x.data())));
    tf.dispose([rows.tokens, rows.mask, ...scored]);
    return { logp, entropy, head };
  }

  it('has its slices behind the others, which it leaves as they are', async () => {
    const { slices, size } = plain.layout;
    expect(headed.layout.slices.slice(0, slices.length)).toEqual(slices);
    expect(headed.layout.slices.slice(slices.length).every(({ name }) => name.startsWith('v_head.'))).toBe(true);
    const [without, withHead] = [plain.init(createRng(2)), headed.init(createRng(2))];
    expect(withHead.subarray(0, size)).toEqual(without);
    const { head, ...rest } = await outputs(headed, withHead);
    expect({ ...rest, head: undefined }).toEqual(await outputs(plain, without));
    expect(head).toHaveLength(host.tokens.length);
  });

  it('says its bias where it has read a token and nothing where the row is padded', async () => {
    const theta = headed.init(createRng(2)).map((x, i) => (i < plain.layout.size ? x : 0));
    const bias = headed.layout.slices.find(({ name }) => name === 'v_head.bias');
    theta[bias?.offset ?? -1] = 1.5;
    const { head } = await outputs(headed, theta);
    // An action has a value of its own, here 0; before its prompt's end no state has been read.
    const single = headed.shape.maxLen === headed.shape.promptLen + 1;
    const expected = Array.from(host.tokens, (token, i) => {
      if (single) return i % host.length === headed.shape.promptLen - 1 ? 1.5 : 0;
      return token === PAD ? 0 : 1.5;
    });
    expect(head).toEqual(expected);
  });
});

it('values the action that was taken', async () => {
  const policy = POLICIES.categorical.create({}, { ...CHOICES, head: true });
  expect(policy.layout.slices.map(({ name, shape }) => [name, shape])).toEqual([
    ['logits', [5]],
    ['v_head.bias', [1]],
    ['v_head.actions', [5]],
  ]);
  // Logits, the state's value, the actions' values.
  const theta = tf.tensor1d([0, 0, 0, 0, 0, 0.5, 10, 11, 12, 13, 14]);
  // Tokens 3 to 7 are the actions; 2 is none.
  const rows = toRows(
    packRows(
      [3, 7, 2].map((token) => ({ prompt: [1, 8], completion: [token] })),
      3,
    ),
  );
  const head = tf.tidy(() => policy.score(theta, rows).head as tf.Tensor2D);
  expect(await head.array()).toEqual([
    [0, 0.5, 10],
    [0, 0.5, 14],
    [0, 0.5, 0],
  ]);
  tf.dispose([theta, rows.tokens, rows.mask, head]);
});

it('begins with a head whose weights have the deviation 1 / sqrt(C + 1)', () => {
  const gpt = POLICIES.gpt.create({ ...defaultsOf(POLICIES.gpt.params), layers: 1, width: 624, heads: 2 }, { ...TEXTS, head: true });
  const theta = gpt.init(createRng(5));
  const weights = theta.subarray(theta.length - 625, theta.length - 1);
  const deviation = Math.sqrt(weights.reduce((sum, x) => sum + x * x, 0) / 624);
  // 1 / sqrt(625) = 0.04; the deviation of 624 draws is within three standard errors of it, 3 / sqrt(2 * 624) = 8.5 %.
  expect(Math.abs(deviation / 0.04 - 1)).toBeLessThan(0.085);
  expect(theta[theta.length - 1]).toBe(0);
});
