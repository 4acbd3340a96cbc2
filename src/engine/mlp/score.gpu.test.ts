import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sliceSize } from '../../core/layout';
import { defaultsOf } from '../../core/params';
import { createRng } from '../../core/rng';
import { TRAINING, type Training } from '../../core/spec';
import { initialState, optimise } from '../../optim/adamw';
import { mlp } from '../../policies/mlp';
import { packRows, toRows } from '../../policies/rows';
import { errorsBySlice, outcomeOf, relativeError } from '../../test/gpt-case';
import { gpuDevice } from '../../test/gpu';
import { FIRST, type MlpCase, type MlpSizes, mlpCase } from '../../test/mlp-case';
import { counted, onProcessor } from '../../test/webgpu';
import type { Device } from '../../worker/device';
import { bins } from '../../worlds/bins';
import { schemesOf } from '../shaders/scheme';
import { fusedMlp } from './score';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

const SMALL: MlpSizes = { rows: 6, contextSize: 5, narrow: 6, wide: 8, actions: 7 };

/** The network of arXiv 2404.14367, and odd sizes at every place. Stock tfjs has no oneHot of a single action. */
const SIZES: readonly MlpSizes[] = [
  SMALL,
  { rows: 64, contextSize: 100, narrow: 50, wide: 256, actions: 100 },
  { rows: 1, contextSize: 1, narrow: 3, wide: 17, actions: 2 },
  { rows: 3, contextSize: 17, narrow: 63, wide: 65, actions: 257 },
  { rows: 17, contextSize: 63, narrow: 65, wide: 257, actions: 3 },
  { rows: 63, contextSize: 65, narrow: 257, wide: 1, actions: 17 },
  { rows: 65, contextSize: 257, narrow: 17, wide: 63, actions: 64 },
  { rows: 257, contextSize: 3, narrow: 64, wide: 3, actions: 65, promptLen: 3 },
  { rows: 5, contextSize: 64, narrow: 1, wide: 64, actions: 63, promptLen: 1 },
  { rows: 4, contextSize: 8, narrow: 8, wide: 1028, actions: 12 },
  ...[
    SMALL,
    { rows: 64, contextSize: 100, narrow: 50, wide: 256, actions: 100 },
    { rows: 3, contextSize: 17, narrow: 63, wide: 65, actions: 257 },
    { rows: 65, contextSize: 4, narrow: 17, wide: 63, actions: 64, promptLen: 1 },
    { rows: 257, contextSize: 3, narrow: 64, wide: 3, actions: 5, promptLen: 3 },
    { rows: 1, contextSize: 5, narrow: 3, wide: 1, actions: 2 },
  ].map((sizes) => ({ ...sizes, head: true })),
];

/** On WebGPU the fused score's outcome, else the composed one's. */
const evaluate = (made: MlpCase, theta = made.theta) => outcomeOf({ ...made, theta }, (t, rows) => made.policy.score(t, rows));

describe.each(SIZES)('R $rows, context $contextSize, widths $narrow and $wide, $actions actions, head: $head', (sizes) => {
  const made = mlpCase(sizes);

  it('scores and differentiates as the composed policy does', async () => {
    const before = tf.memory().numTensors;
    const actual = await evaluate(made);
    expect(tf.memory().numTensors).toBe(before);
    const expected = await onProcessor(() => evaluate(made));
    expect(relativeError(actual.logp, expected.logp)).toBeLessThan(1e-5);
    expect(relativeError(actual.entropy, expected.entropy)).toBeLessThan(1e-5);
    expect(actual.head).toHaveLength(expected.head.length);
    expect(relativeError(actual.head, expected.head)).toBeLessThan(1e-5);
    expect(relativeError(actual.grad, expected.grad)).toBeLessThan(1e-5);
    for (const [name, error] of errorsBySlice(made.policy.layout, actual.grad, expected.grad)) {
      expect(error, name).toBeLessThan(1e-5);
    }
    made.policy.release?.();
    expect(device.failure()).toBeNull();
  });
});

describe.each([false, true])('the fused score, head: %s', (head) => {
  const made = mlpCase({ ...SMALL, head });

  it('has the gradient that finite differences give', async () => {
    const { grad } = await evaluate(made);
    const { ups, theta } = made;
    /** The scalar that \`grad\` is the gradient of; \`ups\` weigh the outputs. */
    const value = async (i: number, by: number): Promise<number> => {
      const numbers = await evaluate(
        made,
        theta.map((x, j) => (j === i ? x + by : x)),
      );
      return (['logp', 'entropy', 'head'] as const).reduce(
        (sum, name) => numbers[name].reduce((total, x, j) => total + x * (ups[name][j] as number), sum),
        0,
      );
    };
    const step = 4e-3;
    for (const slice of made.policy.layout.slices) {
      const size = sliceSize(slice);
      const of = grad.subarray(slice.offset, slice.offset + size);
      const steepest = of.reduce((best, x, i) => (Math.abs(x) > Math.abs(of[best] as number) ? i : best), 0);
      // And the ends of the slice, where offsets go wrong.
      for (const i of [steepest, 0, size - 1]) {
        const numeric = ((await value(slice.offset + i, step)) - (await value(slice.offset + i, -step))) / (2 * step);
        expect(Math.abs((of[i] as number) - numeric), `${slice.name} ${i}`).toBeLessThan(5e-4 + 1e-3 * Math.abs(numeric));
      }
    }
  });

  it('gives the same bits twice', async () => {
    expect(await evaluate(made)).toEqual(await evaluate(made));
  });

  it.each([8, 50, 64, 257])('gives the same bits in every scheme, with layers of %i and 20', async (narrow) => {
    const { model, ...rest } = mlpCase({ rows: 65, contextSize: 8, narrow, wide: 20, actions: 12, head });
    const rng = createRng(1);
    const contexts = Float32Array.from({ length: model.vocabSize * model.contextSize }, () => rng.normal());
    const outcomes = [];
    for (const scheme of schemesOf((tf.backend() as WebGPUBackend).device)) {
      const fused = fusedMlp(model, contexts, scheme);
      outcomes.push(await outcomeOf(rest, (theta, { tokens, mask }) => fused.score(theta, tokens, mask)));
      fused.release();
    }
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });

  /** What stands at the actions, which come last of three tokens. */
  const onlyActions = (values: Float32Array) => values.map((x, i) => (i % 3 === 2 ? x : 0));

  it('has neither probability nor value nor gradient for a token that is no action', async () => {
    const stray = { ...made, host: { ...made.host, tokens: made.host.tokens.map((token, i) => (i % 3 === 2 ? 0 : token)) } };
    const none = { ...stray, ups: { ...stray.ups, entropy: new Float32Array(stray.ups.entropy.length) } };
    const { logp, entropy, head: values, grad } = await evaluate({ ...none, ups: { ...none.ups, head: onlyActions(none.ups.head) } });
    expect(Math.max(...logp.map(Math.abs), ...grad.map(Math.abs), ...onlyActions(values).map(Math.abs))).toBe(0);
    expect(relativeError(entropy, (await onProcessor(() => evaluate(none))).entropy)).toBeLessThan(1e-5);
  });

  it('takes 4 dispatches forward and 4 backward, one more for a head, and none of the submissions', async () => {
    const { policy, theta, host } = made;
    const rows = toRows(host);
    const start = tf.tensor1d(theta);
    const up = tf.onesLike(rows.mask);
    // Nothing is left to be submitted.
    await tf.add(start, 0).data();
    expect(await counted(() => tf.dispose({ ...policy.score(start, rows) }))).toEqual({ dispatches: head ? 5 : 4, submits: 0 });
    const differentiated = await counted(() =>
      tf
        .grad((t) => policy.score(t as tf.Tensor1D, rows).logp)(start, up)
        .dispose(),
    );
    expect(differentiated).toEqual({ dispatches: head ? 5 + 5 : 4 + 4, submits: 0 });
    tf.dispose([rows.tokens, rows.mask, start, up]);
  });

  it('gives the memory of its activations back, and can be used after it has been released', async () => {
    const first = await evaluate(made);
    const before = device.memory();
    for (let i = 0; i < 20; i++) await evaluate(made);
    expect(device.memory()).toEqual(before);
    made.policy.release?.();
    expect(await evaluate(made)).toEqual(first);
  });
});

const STEPS = 200;

const training: Training = {
  ...defaultsOf(TRAINING),
  steps: STEPS,
  lr: 3e-3,
  weightDecay: 0.01,
  clipNorm: 1,
  schedule: 'constant',
  warmup: 0,
};

/** Climbs the expected reward of the bins, with a bonus for entropy: the loss of every step, and θ after the last. */
async function climb(): Promise<{ losses: number[]; theta: Float32Array }> {
  const [count, contexts] = [20, 4];
  const world = bins.create({ ...defaultsOf(bins.params), bins: count, contexts }, { dataset: () => undefined });
  const shape = { vocabSize: world.vocab.tokens.length, maxLen: 3, promptLen: 2, sampleable: world.sampleable ?? [], head: false };
  const policy = mlp.create({ contextSize: 20, narrow: 10, wide: 32 }, shape);
  const pairs = Array.from({ length: contexts }, (_, c) =>
    shape.sampleable.map((token) => ({ prompt: [1, FIRST + count + c], completion: [token] })),
  ).flat();
  const rows = toRows(packRows(pairs, 3));
  const rewards = tf.tensor2d(
    pairs.flatMap(({ prompt, completion }) => [0, 0, world.verify({ prompt }, { tokens: completion, text: '', ended: true }).score]),
    [pairs.length, 3],
  );
  let state = initialState(policy.init(createRng(5)));
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const previous = state;
    const [theta, m, v, value] = tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => {
        const { logp, entropy } = policy.score(t as tf.Tensor1D, rows);
        const expected = tf.sum(tf.mul(tf.mul(tf.exp(logp), rows.mask), rewards));
        return tf.neg(tf.add(tf.div(expected, contexts), tf.mul(tf.sum(entropy), 0.1 / pairs.length))) as tf.Scalar;
      })(previous.theta);
      const { next } = optimise(previous, grad as tf.Tensor1D, training, step);
      return [next.theta, next.m, next.v, value];
    }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor];
    state = { theta, m, v };
    losses.push((await value.data())[0] as number);
    tf.dispose([previous.theta, previous.m, previous.v, value]);
  }
  const theta = Float32Array.from(await state.theta.data());
  tf.dispose([state.theta, state.m, state.v, rows.tokens, rows.mask, rewards]);
  return { losses, theta };
}

it('climbs 200 steps as the composed policy does, within one per cent, and leaves the same bits twice', async () => {
  const first = await climb();
  expect(await climb()).toEqual(first);
  const { losses } = await onProcessor(climb);
  losses.forEach((loss, step) => {
    expect(Math.abs((first.losses[step] as number) / loss - 1), `step ${step}`).toBeLessThan(0.01);
  });
  expect(losses[STEPS - 1]).toBeLessThan((losses[0] as number) - 0.5);
});
