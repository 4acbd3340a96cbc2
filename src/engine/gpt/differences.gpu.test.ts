import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rows } from '../../policies/policy';
import { toRows } from '../../policies/rows';
import { type CaseSizes, composed, errorsBySlice, type GptCase, gptCase, outcomeOf } from '../../test/gpt-case';
import { gpuDevice } from '../../test/gpu';
import { onProcessor } from '../../test/webgpu';
import { fusedScore } from './score';

beforeAll(async () => {
  await gpuDevice();
});

const TINY: readonly CaseSizes[] = [
  { rows: 3, length: 4, headSize: 4, heads: 1, layers: 1, vocab: 5 },
  { rows: 3, length: 4, headSize: 3, heads: 2, layers: 1, vocab: 5 },
  { rows: 3, length: 4, headSize: 3, heads: 2, layers: 1, vocab: 5, head: true },
];

/** How far a parameter is moved. */
const STEP = 0.02;

/**
 * The gradient by differences of the composed policy's outputs, on the processor. They are summed in doubles, so what is
 * uncertain is the rounding of each output, about 1e-7. A central difference over 2 h = 0.04 turns that into 1e-5, and its
 * own error of order h^2 is removed by a second one over 4 h (Richardson): (4 D(h) - D(2h)) / 3. A slice of fifty weights with
 * a gradient of one or more is then known to about 1e-4, and a wrong term in a formula shows in the first or second digit.
 */
async function differences(made: GptCase): Promise<Float64Array> {
  const rows = toRows(made.host);
  const score = composed(made);
  const slope = async (i: number, by: number): Promise<number> => {
    const [above, aboveAt] = await moved(made, rows, score, i, by);
    const [below, belowAt] = await moved(made, rows, score, i, -by);
    return (above - below) / (aboveAt - belowAt);
  };
  const gradient = new Float64Array(made.theta.length);
  for (let i = 0; i < gradient.length; i++) gradient[i] = (4 * (await slope(i, STEP)) - (await slope(i, 2 * STEP))) / 3;
  tf.dispose([rows.tokens, rows.mask]);
  return gradient;
}

/** The weighted sum of the outputs where one parameter is moved, and where it is then: 32 bits do not hold every place. */
async function moved({ theta, ups }: GptCase, rows: Rows, score: ReturnType<typeof composed>, i: number, by: number) {
  const there = theta.slice();
  there[i] = (there[i] as number) + by;
  const outputs = tf.tidy(() => {
    const { logp, entropy, head } = score(tf.tensor1d(there), rows);
    return head === undefined ? [logp, entropy] : [logp, entropy, head];
  });
  const numbers = await Promise.all(outputs.map((output) => output.data()));
  tf.dispose(outputs);
  let sum = 0;
  // In doubles: as tfjs would add them up, 32 bits would hide the difference.
  numbers.forEach((values, i) => {
    const up = [ups.logp, ups.entropy, ups.head][i] as Float32Array;
    for (let j = 0; j < up.length; j++) sum += (up[j] as number) * (values[j] as number);
  });
  return [sum, there[i] as number] as const;
}

describe("the fused score's gradient", () => {
  it.each(TINY)('is what differences of all parameters give, heads $heads x $headSize, head: $head', async (sizes) => {
    const made = gptCase(sizes);
    const engine = fusedScore(made.model);
    const { grad } = await outcomeOf(made, (theta, { tokens, mask }) => engine.score(theta, tokens, mask));
    engine.release();
    const numeric = await onProcessor(() => differences(made));
    for (const [name, error] of errorsBySlice(made.model.layout, grad, numeric)) expect(error, name).toBeLessThan(2e-3);
  });
});
