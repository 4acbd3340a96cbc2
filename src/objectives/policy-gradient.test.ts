import { describe, expect, it } from 'vitest';
import { tf } from '../test/tf';
import { discountedSums, gae, lessKl, nextToken, tokenRewards, whitened } from './policy-gradient';

const matrix = (rows: number[][]) => tf.tensor2d(rows);
const rounded = (x: tf.Tensor) => x.arraySync() as number[][];
const close = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((value) => expect.closeTo(value, 5)));

describe('gae', () => {
  // Three tokens in the middle of a row: rewards 0, 0, 1 and values .5, .2, .4. What stands where it is masked is not read.
  const mask = matrix([[0, 1, 1, 1, 0]]);
  const rewards = matrix([[0, 0, 0, 1, 0]]);
  const values = matrix([[9, 0.5, 0.2, 0.4, 9]]);
  const given = (gamma: number, lam: number) => rounded(gae(rewards, values, mask, { gamma, lam }));

  it('is the error of one step with lambda 0', () => {
    // .2 - .5, .4 - .2, 1 - .4.
    expect(given(1, 0)).toEqual(close([[0, -0.3, 0.2, 0.6, 0]]));
  });

  it('is what is still to come less the value with lambda 1', () => {
    expect(given(1, 1)).toEqual(close([[0, 0.5, 0.8, 0.6, 0]]));
  });

  it('is in between otherwise, from the end to the front', () => {
    // .6, then .2 + .5 x .6 = .5, then -.3 + .5 x .5 = -.05.
    expect(given(1, 0.5)).toEqual(close([[0, -0.05, 0.5, 0.6, 0]]));
    // Errors .9 x .2 - .5 = -.32 and .9 x .4 - .2 = .16; factor .45: .16 + .45 x .6 = .43, -.32 + .45 x .43 = -.1265.
    expect(given(0.9, 0.5)).toEqual(close([[0, -0.1265, 0.43, 0.6, 0]]));
  });
});

describe('tokenRewards', () => {
  const mask = matrix([
    [0, 1, 1],
    [1, 0, 0],
  ]);
  const input = {
    rewards: tf.tensor1d([3, 1]),
    oldLogp: matrix([
      [0, -1, -2],
      [-1, 0, 0],
    ]),
    refLogp: matrix([
      [0, -1.5, -1.5],
      [-2, 0, 0],
    ]),
    mask,
  };

  it('puts the score on the last token, the last column included', () => {
    expect(rounded(tokenRewards({ ...input, refLogp: null }, 0, 'x'))).toEqual([
      [0, 0, 3],
      [1, 0, 0],
    ]);
  });

  it('takes beta times each log-ratio off its own token', () => {
    // k1 .5 and -.5 in the first row, 1 in the second.
    expect(rounded(tokenRewards(input, 0.1, 'x'))).toEqual(
      close([
        [0, -0.05, 3.05],
        [0.9, 0, 0],
      ]),
    );
  });

  it('adds up to the reward less its KL', () => {
    const sums = tf.sum(tokenRewards(input, 0.1, 'x'), 1).arraySync() as number[];
    expect(sums).toEqual((lessKl(input, 0.1, 'x').arraySync() as number[]).map((value) => expect.closeTo(value, 5)));
  });
});

it('sums what follows', () => {
  const mask = matrix([[1, 1, 1, 0]]);
  expect(rounded(discountedSums(matrix([[1, 2, 4, 8]]), mask, 0.5))).toEqual([[3, 4, 4, 0]]);
  expect(rounded(discountedSums(matrix([[1, 2, 4, 8]]), mask, 0))).toEqual([[1, 2, 4, 0]]);
  expect(rounded(nextToken(matrix([[1, 2, 3]])))).toEqual([[2, 3, 0]]);
});

it('whitens the tokens that count', () => {
  const mask = matrix([
    [1, 1],
    [1, 0],
  ]);
  // 1, 2, 3: mean 2, variance (1 + 0 + 1) / 2.
  const white = rounded(
    whitened(
      matrix([
        [1, 2],
        [3, 100],
      ]),
      mask,
    ),
  );
  expect(white).toEqual(
    close([
      [-1, 0],
      [1, 0],
    ]),
  );
});
