import { describe, expect, it } from 'vitest';
import { layoutOf } from '../core/layout';
import { createRng } from '../core/rng';
import { CHUNK, chunksOf } from '../kernels/movement/reference';
import { movementOf } from '../metrics/movement';
import { tf } from '../test/tf';
import { evaluateMovement, measureRanks, measureSlices } from './movement';

const LAYOUT = layoutOf([
  ['bias', [3]],
  ['wide', [2, 3]],
  ['tall', [3, 2]],
  ['still', [2, 2]],
]);
const START = new Float32Array(LAYOUT.size).fill(0.5);

/** The start with some weights moved, as tensors. */
function movedBy(changes: readonly (readonly [slice: string, by: readonly number[]])[]) {
  const now = START.slice();
  for (const [name, by] of changes) {
    const { offset = 0 } = LAYOUT.slices.find((slice) => slice.name === name) ?? {};
    for (const [i, step] of by.entries()) now[offset + i] = 0.5 + step;
  }
  return { start: tf.tensor1d(START), theta: tf.tensor1d(now), now };
}

describe('chunks', () => {
  it('lie within slices and cover θ in order', () => {
    const layout = layoutOf([
      ['a', [2 * CHUNK + 1]],
      ['b', [CHUNK]],
      ['c', [1]],
    ]);
    expect(chunksOf(layout)).toEqual([
      [0, CHUNK],
      [CHUNK, CHUNK],
      [2 * CHUNK, 1],
      [2 * CHUNK + 1, CHUNK],
      [3 * CHUNK + 1, 1],
    ]);
  });
});

describe('the movement of θ', () => {
  it('is the one of the vectors, however they are cut', async () => {
    const layout = layoutOf([
      ['a', [3]],
      ['b', [CHUNK + 5, 2]],
    ]);
    const rng = createRng(4);
    const start = Float32Array.from({ length: layout.size }, () => rng.normal());
    const now = start.map((x) => (rng.uniform() < 0.3 ? x : x + 1e-3 * rng.normal()));
    const [a, b] = [tf.tensor1d(now), tf.tensor1d(start)];
    const [measured, expected] = [await measureSlices(layout, a, b), movementOf(layout, start, now)];
    for (const [i, { l2, ...rest }] of expected.entries()) {
      // The table is f32.
      expect(measured[i]).toEqual({ ...rest, l2: expect.closeTo(l2, 6) });
    }
    tf.dispose([a, b]);
  });

  it('leaves no tensors behind', async () => {
    const { start, theta } = movedBy([['wide', [1]]]);
    const before = tf.memory().numTensors;
    await evaluateMovement({ layout: LAYOUT, step: 1, theta, start, ranks: true });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([start, theta]);
  });

  it('is shown slice by slice, with the curve', async () => {
    const { start, theta } = movedBy([['bias', [0.25, 0, 0]]]);
    const { metrics, events } = await evaluateMovement({ layout: LAYOUT, step: 7, theta, start, ranks: false });
    // One of 19 weights has moved, by a quarter.
    expect(metrics).toEqual({ 'updated_fraction/f32': 1 / 19, 'updated_fraction/bf16': 1 / 19, l2_movement: 0.25 });
    const share = 1 / 19;
    expect(events).toEqual([
      {
        type: 'slices',
        step: 7,
        names: ['bias', 'wide', 'tall', 'still'],
        f32: [1 / 3, 0, 0, 0],
        bf16: [1 / 3, 0, 0, 0],
        l2: [0.25, 0, 0, 0],
        max: [0.25, 0, 0, 0],
        curve: {
          tolerances: [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
          f32: Array(9).fill(share),
          bf16: Array(9).fill(share),
        },
      },
    ]);
    tf.dispose([start, theta]);
  });
});

describe('ranks of the update', () => {
  const ranks = async (changes: Parameters<typeof movedBy>[0]) => {
    const { start, theta } = movedBy(changes);
    const slices = await measureSlices(LAYOUT, theta, start);
    const result = await measureRanks(LAYOUT, slices, theta, start);
    tf.dispose([start, theta]);
    return result;
  };

  it('are taken of the matrices, along either side', async () => {
    // Rows (1 2 4) / 8 and twice that: rank 1. Columns of the tall one (1 0 0) / 4 and (0 1 0) / 2: rank 2, (1/16 + 1/4) / (1/4).
    const found = await ranks([
      ['bias', [1, 2, 3]],
      ['wide', [0.125, 0.25, 0.5, 0.25, 0.5, 1]],
      ['tall', [0.25, 0, 0, 0.5, 0, 0]],
    ]);
    expect(found).toEqual([
      { name: 'wide', f32: 0.5, bf16: 0.5, stable: expect.closeTo(1, 12) },
      { name: 'tall', f32: 1, bf16: 1, stable: expect.closeTo(1.25, 12) },
      { name: 'still', f32: 0, bf16: 0, stable: Number.NaN },
    ]);
  });

  it('tell what bf16 sees from what is there', async () => {
    // Beside .5 the steps of bf16 are 2^-8: of a diagonal of 1/4 and 2^-12 the second is rounded away.
    const [, , still] = await ranks([['still', [0.25, 0, 0, 2 ** -12]]]);
    expect(still).toMatchObject({ f32: 1, bf16: 0.5 });
  });

  it('have no meaning once a weight is not finite', async () => {
    const [wide] = await ranks([['wide', [Number.NaN]]]);
    expect(wide).toEqual({ name: 'wide', f32: Number.NaN, bf16: Number.NaN, stable: Number.NaN });
  });
});
