import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultsOf } from '../../core/params';
import { createRng } from '../../core/rng';
import { TRAINING, type Training } from '../../core/spec';
import { initialState, optimise } from '../../optim/adamw';
import { gptLayout } from '../../policies/gpt';
import { composedScore, type GptSizes } from '../../policies/gpt-network';
import { toRows } from '../../policies/rows';
import { gpuDevice } from '../../test/gpu';
import { onProcessor } from '../../test/webgpu';
import { fusedScore } from './score';

beforeAll(async () => {
  await gpuDevice();
});

const STEPS = 200;
const sizes: GptSizes = { layers: 2, width: 16, heads: 2, shape: { vocabSize: 11, maxLen: 8, promptLen: 2, sampleable: [], head: false } };
const layout = gptLayout(sizes);
const [ROWS, LENGTH] = [6, 8];

const training: Training = {
  ...defaultsOf(TRAINING),
  steps: STEPS,
  lr: 3e-3,
  weightDecay: 0.01,
  clipNorm: 1,
  schedule: 'constant',
  warmup: 0,
};

/** Loss of every step and θ after the last, of imitating the same ragged rows. */
async function train(kind: 'fused' | 'composed'): Promise<{ losses: number[]; theta: Float32Array }> {
  const rng = createRng(5);
  const start = Float32Array.from({ length: layout.size }, () => 0.1 * rng.normal());
  const { score: fused } = fusedScore({ layers: 2, width: 16, heads: 2, vocabSize: 11, maxLen: 8, layout });
  const rows = toRows({
    rows: ROWS,
    length: LENGTH,
    tokens: Int32Array.from({ length: ROWS * LENGTH }, () => rng.below(11)),
    mask: Float32Array.from({ length: ROWS * LENGTH }, (_, i) => (i % LENGTH > 0 && i % LENGTH < 3 + Math.floor(i / LENGTH) ? 1 : 0)),
  });
  let state = initialState(start);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const previous = state;
    const results = tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => {
        const theta = t as tf.Tensor1D;
        const { logp } = kind === 'fused' ? fused(theta, rows.tokens, rows.mask) : composedScore(theta, rows, layout, sizes);
        return tf.neg(tf.mean(logp)) as tf.Scalar;
      })(previous.theta);
      const { next } = optimise(previous, grad as tf.Tensor1D, training, step);
      return [next.theta, next.m, next.v, value];
    }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor];
    const [theta, m, v, value] = results;
    state = { theta, m, v };
    losses.push((await value.data())[0] as number);
    tf.dispose([previous.theta, previous.m, previous.v, value]);
  }
  const theta = Float32Array.from(await state.theta.data());
  tf.dispose([state.theta, state.m, state.v, rows.tokens, rows.mask]);
  return { losses, theta };
}

describe('200 steps of imitation', () => {
  it('follow the composed policy within one per cent and leave the same bits twice', async () => {
    const first = await train('fused');
    expect(await train('fused')).toEqual(first);
    const { losses } = await onProcessor(() => train('composed'));
    losses.forEach((loss, step) => {
      expect(Math.abs((first.losses[step] as number) / loss - 1), `step ${step}`).toBeLessThan(0.01);
    });
    expect(losses[STEPS - 1]).toBeLessThan(0.5 * (losses[0] as number));
  });
});
