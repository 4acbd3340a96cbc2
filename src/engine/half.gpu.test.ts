import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunFailure } from '../core/events';
import { FREE } from '../kernels/sample-token/reference';
import { composed, errorsBySlice, type GptCase, gptCase, outcomeOf, relativeError } from '../test/gpt-case';
import { gpuDevice } from '../test/gpu';
import { onProcessor } from '../test/webgpu';
import { fusedDecode } from './gpt/decode';
import { fusedScore } from './gpt/score';
import { weightsOf } from './half';

let backend: WebGPUBackend;
let able: boolean;
beforeAll(async () => {
  await gpuDevice();
  backend = tf.backend() as WebGPUBackend;
  able = backend.device.features.has('shader-f16');
});

/** The value of a 16-bit float: a sign, five bits of exponent, ten of mantissa. */
function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const size = exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

/** θ as the device rounds it. */
async function rounded(theta: Float32Array): Promise<Float32Array> {
  const halves = tf.tidy(() => weightsOf(backend, tf.tensor1d(theta), true));
  const words = new Uint16Array(Float32Array.from(await halves.data<'float32'>()).buffer);
  halves.dispose();
  return Float32Array.from(theta, (_, i) => halfValue(words[i] as number));
}

const decode = (made: GptCase, theta: Float32Array, half: boolean) => {
  const { decode } = fusedDecode({ ...made.model, half }, 'steps');
  const forced = Array.from({ length: 8 }, (_, t) => new Int32Array(5).fill(t < 2 ? 3 : FREE));
  const start = tf.tensor1d(theta);
  return decode(start, forced, { seed: 4, step: 1, temperature: 1, topK: 0, topP: 1 }).finally(() => start.dispose());
};

// Both elements that a 16-bit θ is bound as: vec4s, and packed numbers where heads are not multiples of four.
describe.each([4, 3])('weights of 16 bits, heads of %i', (headSize) => {
  const made = gptCase({ rows: 4, length: 9, headSize, heads: 2, layers: 2, vocab: 13, head: true });
  const engine = fusedScore({ ...made.model, half: true });
  const scored = (of: GptCase) => outcomeOf(of, (theta, { tokens, mask }) => engine.score(theta, tokens, mask));

  it('are θ rounded to 16 bits, in score, gradient and rollout; or a sentence where the adapter has no such floats', async () => {
    if (!able) {
      await expect(scored(made)).rejects.toThrow(RunFailure);
      await expect(decode(made, made.theta, true)).rejects.toThrow(/shader-f16.*32 bits/);
      return;
    }
    const theta = await rounded(made.theta);
    // Eleven significant bits: half a unit of the last is 2^-11 of the number, a whole one where the adapter truncates.
    theta.forEach((value, i) => {
      const exact = made.theta[i] as number;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(2 ** -10 * Math.abs(exact), 2 ** -24));
    });
    const actual = await scored(made);
    const same = { ...made, theta };
    const expected = await onProcessor(() => outcomeOf(same, composed(same)));
    expect(relativeError(actual.logp, expected.logp)).toBeLessThan(1e-5);
    expect(relativeError(actual.entropy, expected.entropy)).toBeLessThan(1e-5);
    expect(relativeError(actual.head, expected.head)).toBeLessThan(1e-5);
    for (const [name, error] of errorsBySlice(made.model.layout, actual.grad, expected.grad)) expect(error, name).toBeLessThan(1e-5);
    const [mine, theirs] = [await decode(made, made.theta, true), await decode(made, theta, false)];
    expect(mine.tokens).toEqual(theirs.tokens);
    expect(relativeError(mine.logp, theirs.logp)).toBeLessThan(1e-5);
  });
});
