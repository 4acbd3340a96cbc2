import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../core/rng';
import { takeRows, toRows } from '../../policies/rows';
import {
  type CaseSizes,
  composed,
  errorsBySlice,
  type GptCase,
  gptCase,
  type Outcome,
  outcomeOf,
  relativeError,
  weighed,
} from '../../test/gpt-case';
import { gpuDevice } from '../../test/gpu';
import { onProcessor } from '../../test/webgpu';
import type { Device } from '../../worker/device';
import { type Scheme, schemesOf } from '../shaders/scheme';
import { fusedScore } from './score';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const gpu = (): GPUDevice => (tf.backend() as WebGPUBackend).device;

/** Sizes below, at and above a vec4 and a workgroup of 64 threads, and one that needs several workgroups. */
const SIZES = [1, 3, 17, 63, 64, 65, 257];
const SMALL: CaseSizes = { rows: 3, length: 6, headSize: 4, heads: 2, layers: 1, vocab: 9 };

const along = (axis: keyof CaseSizes, sizes: readonly number[], base: Partial<CaseSizes> = {}): CaseSizes[] =>
  sizes.map((size) => ({ ...SMALL, ...base, [axis]: size }));

const CASES: readonly CaseSizes[] = [
  // A vocabulary of one token has a test of its own: stock tfjs has no oneHot of it.
  ...along('vocab', SIZES.slice(1)),
  ...along('rows', SIZES),
  ...along('length', SIZES),
  // With one head these are the model's widths too, and four times as many its hidden ones.
  ...along('headSize', SIZES, { heads: 1 }),
  ...along('headSize', [1, 3, 5, 13, 16, 17, 21], { heads: 3 }),
  ...along('heads', [1, 3, 4, 5]),
  ...along('heads', [1, 2, 4, 5], { headSize: 5 }),
  ...along('layers', [2, 3], { headSize: 5 }),
  { rows: 17, length: 65, headSize: 17, heads: 1, layers: 1, vocab: 257 },
  { rows: 65, length: 17, headSize: 13, heads: 5, layers: 1, vocab: 63 },
  { rows: 3, length: 63, headSize: 21, heads: 3, layers: 3, vocab: 65 },
  { rows: 1, length: 257, headSize: 16, heads: 4, layers: 2, vocab: 257 },
  { rows: 257, length: 3, headSize: 1, heads: 5, layers: 2, vocab: 64 },
  { rows: 64, length: 64, headSize: 4, heads: 4, layers: 1, vocab: 17 },
];

/** With a scalar head: widths that are and are no multiple of four, below, at and above a workgroup, few and many tokens. */
const HEADED: readonly CaseSizes[] = [
  SMALL,
  ...along('rows', [1, 65]),
  ...along('length', [2, 63, 65]),
  ...along('headSize', [3, 16, 17, 64, 65], { heads: 1 }),
  ...along('headSize', [1, 5, 13], { heads: 3, layers: 2 }),
  ...along('vocab', [3, 64, 257], { headSize: 5, layers: 2 }),
  { rows: 17, length: 65, headSize: 17, heads: 1, layers: 1, vocab: 257 },
  { rows: 65, length: 17, headSize: 12, heads: 5, layers: 1, vocab: 63 },
].map((sizes) => ({ ...sizes, head: true }));

const rng = createRng(3);
/**
 * Sizes that nobody chose, but not two numbers in all: LayerNorm makes them -1 and 1 whatever they are, so that nothing of
 * the gradient below it is left but rounding.
 */
const DRAWN: readonly CaseSizes[] = Array.from({ length: 40 }, () => ({
  rows: 1 + rng.below(20),
  length: 2 + rng.below(40),
  headSize: 1 + rng.below(9),
  heads: 1 + rng.below(5),
  layers: 1 + rng.below(3),
  vocab: 2 + rng.below(70),
})).filter(({ headSize, heads }) => headSize * heads !== 2);

/** The fused engine's outcome of a case. It leaves nothing behind. */
async function fused(made: GptCase, scheme: Scheme = 'registers'): Promise<Outcome> {
  const engine = fusedScore(made.model, scheme);
  const outcome = await outcomeOf(made, (theta, { tokens, mask }) => engine.score(theta, tokens, mask));
  engine.release();
  return outcome;
}

/**
 * The other schemes, whose bits have to be the same: which one runs is left to a measurement. A software adapter waits long
 * at their barriers, so the largest products are done in one scheme only.
 */
function othersFor({ rows, length, headSize, heads }: CaseSizes): Scheme[] {
  const large = rows * length * (headSize * heads) ** 2 > 500_000;
  return large ? [] : schemesOf(gpu()).filter((scheme) => scheme !== 'registers');
}

/** Both outputs and every slice of the gradient, by the Euclidean norm of the difference over that of what is expected. */
function expectClose({ model }: GptCase, actual: Outcome, expected: Outcome, gradientError = 1e-5): void {
  expect(relativeError(actual.logp, expected.logp), 'logp').toBeLessThan(1e-5);
  expect(relativeError(actual.entropy, expected.entropy), 'entropy').toBeLessThan(1e-5);
  expect(actual.head).toHaveLength(expected.head.length);
  expect(relativeError(actual.head, expected.head), 'head').toBeLessThan(1e-5);
  for (const [name, error] of errorsBySlice(model.layout, actual.grad, expected.grad)) expect(error, name).toBeLessThan(gradientError);
}

describe('the fused score and its gradient are those of the composed policy', () => {
  it.each([...CASES, ...DRAWN, ...HEADED])(
    'R $rows, T $length, heads $heads x $headSize, layers $layers, vocabulary $vocab, head: $head',
    async (sizes) => {
      const made = gptCase(sizes);
      const before = tf.memory().numTensors;
      const actual = await fused(made);
      expectClose(made, actual, await onProcessor(() => outcomeOf(made, composed(made))));
      for (const scheme of othersFor(sizes)) expect(await fused(made, scheme), scheme).toEqual(actual);
      expect(tf.memory().numTensors).toBe(before);
      expect(device.failure()).toBeNull();
    },
  );

  it('with weights so large that GELU and both softmaxes saturate', async () => {
    const made = gptCase({ rows: 3, length: 17, headSize: 4, heads: 4, layers: 2, vocab: 17, scale: 6 });
    const expected = await onProcessor(() => outcomeOf(made, composed(made)));
    expect(Math.min(...expected.logp)).toBeLessThan(-30);
    // What nearly cancels in a saturated network is as uncertain in stock ops: there 1e-5 is out of reach of 32 bits.
    expectClose(made, await fused(made), expected, 2e-4);
  });
});

describe('the fused score', () => {
  it('is certain of the only token of a vocabulary', async () => {
    const { logp, entropy, grad } = await fused(gptCase({ ...SMALL, vocab: 1 }));
    // log 1 = 0, the entropy of one outcome is 0, and neither depends on θ. A zero may be negative.
    for (const values of [logp, entropy, grad]) expect(values.every((value) => value === 0)).toBe(true);
  });

  it('has no scalar head at padding, nor a gradient from there', async () => {
    const made = gptCase({ ...SMALL, head: true });
    const padding = Array.from(made.host.tokens, (token) => token === 0);
    expect(padding).toContain(true);
    const { head, grad } = await fused(made);
    expect(Array.from(head, (value) => value === 0)).toEqual(padding);
    const up = made.ups.head.map((x, i) => (padding[i] === true ? x + 7 : x));
    expect((await fused({ ...made, ups: { ...made.ups, head: up } })).grad).toEqual(grad);
  });

  it('gives the same outputs, and the same gradient of them, whether a scalar head stands behind them', async () => {
    for (const headSize of [4, 5]) {
      const headed = gptCase({ ...SMALL, headSize, head: true });
      const plain = gptCase({ ...SMALL, headSize });
      const theta = headed.theta.subarray(0, plain.theta.length);
      const nothing = { ...headed.ups, head: new Float32Array(headed.ups.head.length) };
      const expected = await fused({ ...headed, model: plain.model, theta });
      const actual = await fused({ ...headed, ups: nothing });
      expect({ ...actual, head: expected.head, grad: actual.grad.subarray(0, theta.length) }).toEqual(expected);
      expect(actual.grad.subarray(theta.length).every((x) => x === 0)).toBe(true);
    }
  });

  it('differentiates the scalar head alone', async () => {
    const made = gptCase({ ...SMALL, head: true });
    const engine = fusedScore(made.model);
    const gradient = (score: ReturnType<typeof composed>) =>
      tf.tidy(() => {
        const rows = toRows(made.host);
        return tf.grad((theta: tf.Tensor) => tf.sum(tf.square(score(theta as tf.Tensor1D, rows).head as tf.Tensor)))(
          tf.tensor1d(made.theta),
        );
      });
    const actual = gradient((theta, { tokens, mask }) => engine.score(theta, tokens, mask));
    const values = await actual.data();
    const expected = await onProcessor(async () => gradient(composed(made)).data());
    for (const [name, error] of errorsBySlice(made.model.layout, values, expected)) expect(error, name).toBeLessThan(1e-5);
    actual.dispose();
    engine.release();
  });

  it('differentiates two batches of different shapes at once', async () => {
    const sizes = { ...SMALL, layers: 2 };
    const first = gptCase(sizes);
    const second = gptCase({ ...sizes, rows: 5 });
    const engine = fusedScore(first.model);
    const apart = [first, second].map((made) =>
      outcomeOf({ ...made, theta: first.theta }, (theta, { tokens, mask }) => engine.score(theta, tokens, mask)),
    );
    const [one, other] = (await Promise.all(apart)) as [Outcome, Outcome];
    const both = tf.tidy(() => {
      const batches = [first, second].map(({ host, ups }) => ({ rows: toRows(host), ups }));
      return tf.grad((theta: tf.Tensor) =>
        tf.addN(batches.map(({ rows, ups }) => weighed(engine.score(theta as tf.Tensor1D, rows.tokens, rows.mask), ups))),
      )(tf.tensor1d(first.theta));
    });
    const actual = await both.data();
    both.dispose();
    engine.release();
    const expected = one.grad.map((value, i) => value + (other.grad[i] as number));
    for (const [name, error] of errorsBySlice(first.model.layout, actual, expected)) expect(error, name).toBeLessThan(1e-5);
  });

  it('keeps what is recorded valid while more shapes come than plans are kept', async () => {
    const made = gptCase({ ...SMALL, rows: 1 });
    const engine = fusedScore(made.model);
    const scores = tf.tidy(() => {
      const theta = tf.tensor1d(made.theta);
      return Array.from({ length: 40 }, (_, i) => {
        const rows = toRows({
          ...takeRows(
            made.host,
            Array.from({ length: i + 1 }, () => 0),
          ),
        });
        return engine.score(theta, rows.tokens, rows.mask).logp; // [i + 1, T]
      });
    });
    const values = await Promise.all(scores.map((score) => score.data<'float32'>()));
    const [alone] = values as [Float32Array];
    values.forEach((repeated, i) => {
      const wanted = Float32Array.from({ length: alone.length * (i + 1) }, (_, j) => alone[j % alone.length] as number);
      expect(relativeError(repeated, wanted), `${i + 1} rows`).toBeLessThan(1e-6);
    });
    tf.dispose(scores);
    engine.release();
    expect(device.failure()).toBeNull();
  });
});
