import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { tf } from '../test/tf';
import {
  centred,
  clippedSurrogate,
  constant,
  detach,
  fractionPositive,
  groupStd,
  halves,
  k1,
  k2,
  k3,
  largest,
  leaveOneOut,
  logSigmoid,
  meanOver,
  rowMean,
  sequenceMean,
  sequenceSum,
  thirds,
  tokenMean,
} from './terms';

const list = (x: tf.Tensor): number[] => Array.from(x.dataSync());
const close = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

describe('masked means', () => {
  const x = tf.tensor2d([
    [1, 2, 9],
    [4, 9, 9],
    [9, 9, 9],
  ]);
  const mask = tf.tensor2d([
    [1, 1, 0],
    [1, 0, 0],
    [0, 0, 0],
  ]);
  const totals = { rows: 3, tokens: 3, chosenTokens: 3 };

  it('reads only completion tokens', () => {
    expect(list(sequenceSum(x, mask))).toEqual([3, 4, 0]);
    // An empty row has no mean; 0 keeps it out of sums without a division by 0.
    expect(list(sequenceMean(x, mask))).toEqual([1.5, 4, 0]);
  });

  it('weighs by tokens or by rows', () => {
    // (1 + 2 + 4) / 3 tokens, and (1.5 + 4 + 0) / 3 rows.
    expect(list(tokenMean(x, mask, totals))).toEqual(close([7 / 3]));
    expect(list(rowMean(x, mask, totals))).toEqual(close([5.5 / 3]));
  });

  it('divides by the count of the batch, not of the rows at hand', () => {
    expect(list(meanOver(tf.tensor1d([1, 2]), 8))).toEqual([0.375]);
    expect(list(meanOver(tf.tensor1d([0]), 0))).toEqual([0]);
  });
});

describe('pairs and triples', () => {
  it('splits rows in order', () => {
    const rows = tf.range(0, 6);
    expect(halves(rows).map(list)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(thirds(rows).map(list)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(thirds(tf.ones<tf.Rank.R2>([6, 4])).map((third) => third.shape)).toEqual([
      [2, 4],
      [2, 4],
      [2, 4],
    ]);
  });

  it('counts a margin of 0 as lost', () => {
    expect(list(fractionPositive(tf.tensor1d([1, 0, -1, 2]), 4))).toEqual([0.5]);
  });
});

describe('logSigmoid', () => {
  const at = (x: number) => list(logSigmoid(tf.tensor1d([x])))[0] as number;
  const slope = (x: number) => list(tf.grad((t) => logSigmoid(t as tf.Tensor1D))(tf.tensor1d([x])))[0] as number;

  it('keeps both tails', () => {
    // log sigmoid(x) is x - log(1 + e^x): x for large negative x, -e^-x for large positive x.
    expect(at(0)).toBeCloseTo(-Math.LN2, 6);
    expect(at(-8)).toBeCloseTo(-8 - Math.exp(-8), 5);
    expect(at(-200)).toBe(-200);
    expect(at(20) / -Math.exp(-20)).toBeCloseTo(1, 4);
    expect(at(200)).toBeCloseTo(0, 12);
  });

  it('has the gradient sigmoid(-x) everywhere', () => {
    expect(slope(0)).toBe(0.5);
    expect(slope(-8)).toBeCloseTo(1 / (1 + Math.exp(-8)), 6);
    expect(slope(-200)).toBe(1);
    expect(slope(200)).toBe(0);
  });
});

describe('detach', () => {
  it('passes values and stops gradients', () => {
    const x = tf.tensor1d([2, 3]);
    expect(list(detach(x))).toEqual([2, 3]);
    // d/dx (sg[x] x) = sg[x], where d/dx x^2 would be 2 x.
    expect(list(tf.grad((t) => tf.sum(tf.mul(detach(t), t)))(x))).toEqual([2, 3]);
  });
});

describe('KL estimates', () => {
  const logp = tf.tensor2d([[-1, -1, -2]]);
  const refLogp = tf.tensor2d([[-1, -2, -1]]);

  it('follow their formulas', () => {
    // rho = 0, 1, -1; k3 = e^-rho - 1 + rho = 0, 1/e, e - 2.
    expect(list(k1(logp, refLogp))).toEqual([0, 1, -1]);
    expect(list(k2(logp, refLogp))).toEqual([0, 0.5, 0.5]);
    expect(list(k3(logp, refLogp))).toEqual(close([0, Math.exp(-1), Math.E - 2]));
  });

  it('keeps the digits of k3 near the reference', () => {
    // rho = 2^-10: rho^2 / 2 - rho^3 / 6, of the size of float32's rounding of 1.
    const rho = 2 ** -10;
    const [value] = list(k3(tf.tensor2d([[rho]]), tf.tensor2d([[0]])));
    expect((value as number) / (rho ** 2 / 2 - rho ** 3 / 6)).toBeCloseTo(1, 3);
  });

  it('have the expected gradients that set them apart as losses', () => {
    // Samples y ~ pi = softmax(z); the mean over y of dk/dlogp(y) dlogp(y)/dz_j is sum_y pi_y k'(y) (1[y = j] - pi_j).
    const pi = [0.5, 0.3, 0.2];
    const ref = [0.2, 0.2, 0.6];
    const mean = (estimate: typeof k1) => {
      const slopes = list(tf.grad((t) => tf.sum(estimate(t as tf.Tensor2D, tf.log(tf.tensor2d([ref])))))(tf.log(tf.tensor2d([pi]))));
      return pi.map((p, j) => pi.reduce((sum, q, y) => sum + q * (slopes[y] as number) * ((y === j ? 1 : 0) - p), 0));
    };
    // Reverse KL: d/dz_j sum pi log(pi / ref) = pi_j (rho_j - KL). Forward: d/dz_j -sum ref log pi = pi_j - ref_j.
    const rho = pi.map((p, i) => Math.log(p / (ref[i] as number)));
    const kl = pi.reduce((sum, p, i) => sum + p * (rho[i] as number), 0);
    expect(mean(k1)).toEqual(close([0, 0, 0]));
    expect(mean(k2)).toEqual(close(pi.map((p, i) => p * ((rho[i] as number) - kl))));
    expect(mean(k3)).toEqual(close(pi.map((p, i) => p - (ref[i] as number))));
  });
});

describe('clippedSurrogate', () => {
  it('is pessimistic on both sides', () => {
    const ratio = tf.tensor2d([[0.5, 1, 2]]);
    const surrogate = (advantage: number) => clippedSurrogate(ratio, tf.fill<tf.Rank.R2>([1, 3], advantage), 0.2, 0.3);
    // min(rho, clip(rho, .8, 1.3)) for A = 1; -max of the two for A = -1.
    expect(list(surrogate(1))).toEqual(close([0.5, 1, 1.3]));
    expect(list(surrogate(-1))).toEqual(close([-0.8, -1, -2]));
  });
});

describe('groups', () => {
  const rewards = tf.tensor1d([1, 0, 0, 0, 3, 5, 3, 5]);

  it('centres on the group, or on the others in it', () => {
    expect(list(centred(rewards, 4))).toEqual([0.75, -0.25, -0.25, -0.25, -1, 1, -1, 1]);
    // 1 - (0 + 0 + 0) / 3, 0 - (1 + 0 + 0) / 3, 3 - (5 + 3 + 5) / 3, 5 - (3 + 3 + 5) / 3.
    const t = 1 / 3;
    expect(list(leaveOneOut(rewards, 4))).toEqual(close([1, -t, -t, -t, -4 * t, 4 * t, -4 * t, 4 * t]));
    expect(list(leaveOneOut(tf.tensor1d([2, 3]), 1))).toEqual([0, 0]);
  });

  it('divides squares by n - 1', () => {
    // (.5625 + 3 x .0625) / 3 = .25, and 4 / 3.
    const b = Math.sqrt(4 / 3);
    expect(list(groupStd(rewards, 4))).toEqual(close([0.5, 0.5, 0.5, 0.5, b, b, b, b]));
    expect(list(groupStd(tf.tensor1d([2, 3]), 1))).toEqual([0, 0]);
  });
});

describe('largest', () => {
  const chosen = (x: number[], count: number, among = x.map(() => 1)) =>
    list(largest(tf.tensor2d([x]), tf.tensor2d([among]), tf.scalar(count)));

  it('marks as many as asked for, of those that may be chosen', () => {
    const x = [0.3, -2, 5, 0.1, 4];
    expect([1, 2, 3, 5].map((count) => chosen(x, count))).toEqual([
      [0, 0, 1, 0, 0],
      [0, 0, 1, 0, 1],
      [1, 0, 1, 0, 1],
      [1, 1, 1, 1, 1],
    ]);
    expect(chosen(x, 2, [1, 1, 0, 1, 0])).toEqual([1, 0, 0, 1, 0]);
    expect(chosen([-5, -1, -3], 2)).toEqual([0, 1, 1]);
  });

  it('marks all where there are no more, and none where there are none', () => {
    expect(chosen([1, 2, 3], 7, [1, 0, 1])).toEqual([1, 0, 1]);
    expect(chosen([1, 2, 3], 2, [0, 0, 0])).toEqual([0, 0, 0]);
  });

  it('lets equal ones at the edge share what is left', () => {
    expect(chosen([2, 1, 1, 1, 0], 3)).toEqual(close([1, 2 / 3, 2 / 3, 2 / 3, 0]));
    expect(chosen([7, 7, 7, 7], 1)).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('agrees with sorting, whatever the scale', () => {
    const rng = createRng(6);
    for (const scale of [1e-4, 1, 1e4]) {
      const x = Array.from({ length: 97 }, () => scale * rng.normal());
      const among = x.map(() => rng.below(2));
      const order = x.map((_, i) => i).filter((i) => among[i] === 1);
      order.sort((a, b) => (x[b] as number) - (x[a] as number));
      const first = new Set(order.slice(0, 20));
      expect(chosen(x, 20, among)).toEqual(x.map((_, i) => (first.has(i) ? 1 : 0)));
    }
  });
});

it('holds what a function makes of a tensor constant', () => {
  // x^2 as a constant times x: the slope is the constant.
  const slope = tf.grad((x) => tf.sum(tf.mul(constant(x, tf.square), x)));
  expect(list(slope(tf.tensor1d([1, 3])))).toEqual([1, 9]);
});
