import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../core/rng';
import { gpuDevice } from '../../test/gpu';
import { counted, onProcessor } from '../../test/webgpu';
import type { Device } from '../../worker/device';
import { type FusedLoss, fuse } from './fuse';
import { OPERATIONS } from './operations';
import type { Loss } from './trace';

let device: Device;
beforeAll(async () => {
  device = await gpuDevice();
});

type Shapes = Readonly<Record<string, readonly number[]>>;

/** Numbers between -2 and 2, none closer to a whole or half number than .02: comparisons must not hang on rounding. */
function valuesFor(shapes: Shapes): Record<string, Float32Array> {
  const rng = createRng(4);
  const one = (): number => (Math.floor(8 * rng.uniform()) - 4) / 2 + 0.02 + 0.46 * rng.uniform();
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, one)]),
  );
}

/** Tensors of the loss, the other scalars, and the gradients with respect to the first two inputs. */
function compute(loss: Loss, shapes: Shapes, counts: Readonly<Record<string, number>>, fused: FusedLoss | null): tf.Tensor[] {
  const values = valuesFor(shapes);
  return tf.tidy(() => {
    const given = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(values[name] ?? [], [...shape])]));
    const kept: tf.Tensor[] = [];
    const xs = differentiated(shapes).map((name) => given[name] as tf.Tensor);
    const { value, grads } = tf.engine().gradients<tf.Tensor>(
      () => {
        if (fused !== null) return fused.run(given, counts);
        const scalars = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, tf.scalar(count)]));
        const result = loss({ ...given, ...scalars });
        kept.push(...result.others.map((other) => tf.keep(other)));
        return result.loss;
      },
      xs,
      tf.scalar(1),
      true,
    );
    return [value, ...kept, ...grads.map((grad, i) => grad ?? tf.zerosLike(xs[i] as tf.Tensor))];
  });
}

const differentiated = (shapes: Shapes): string[] => Object.keys(shapes).slice(0, 2);

const compiled = (loss: Loss, shapes: Shapes, counts: Readonly<Record<string, number>> = {}): FusedLoss | null =>
  fuse(loss, { shapes, counts: Object.keys(counts), wrt: differentiated(shapes) });

/** Their numbers, one after another. */
async function numbersOf(tensors: readonly tf.Tensor[]): Promise<number[]> {
  const numbers = await Promise.all(tensors.map(async (x) => Array.from(await x.data())));
  tf.dispose([...tensors]);
  return numbers.flat();
}

/** Compares the fused loss with tfjs's ops on the processor. */
async function expectSame(loss: Loss, shapes: Shapes, counts: Readonly<Record<string, number>> = {}, tolerance = 1e-5): Promise<void> {
  const fused = compiled(loss, shapes, counts);
  expect(fused).not.toBeNull();
  const actual = await numbersOf(compute(loss, shapes, counts, fused));
  fused?.release();
  const expected = await onProcessor(() => numbersOf(compute(loss, shapes, counts, null)));
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    const right = expected[i] as number;
    if (Number.isNaN(right)) expect(value, `number ${i}`).toBeNaN();
    else expect(Math.abs(value - right) / Math.max(1, Math.abs(right)), `number ${i}: ${value}, not ${right}`).toBeLessThan(tolerance);
  });
  expect(device.failure()).toBeNull();
}

/** A loss out of one result, whose elements all count differently. */
const weighing =
  (result: (x: tf.Tensor2D, y: tf.Tensor2D, z: tf.Tensor2D) => tf.Tensor): Loss =>
  ({ x, y, z: third, weights }) => {
    const z = tf.cast(result(x as tf.Tensor2D, y as tf.Tensor2D, third as tf.Tensor2D), 'float32');
    const weighted = tf.mul(tf.reshape(z, [-1]), tf.slice(weights as tf.Tensor1D, 0, z.size));
    return { loss: tf.sum(weighted), others: [tf.mean(z)] };
  };

/** Differentiated with respect to the first two. */
const SHAPES = { x: [5, 6], y: [5, 6], z: [5, 6], weights: [200] };
const positive = (x: tf.Tensor): tf.Tensor => tf.add(tf.square(x), 0.1);

/** By the kernel that they are there for. What tfjs cannot differentiate looks at z. */
const RESULTS: Readonly<Record<string, (x: tf.Tensor2D, y: tf.Tensor2D, z: tf.Tensor2D) => tf.Tensor>> = {
  Neg: (x) => tf.neg(x),
  Exp: (x) => tf.exp(x),
  Expm1: (x) => tf.expm1(x),
  Log: (x) => tf.log(positive(x)),
  Log1p: (x) => tf.log1p(positive(x)),
  Square: (x) => tf.square(x),
  Sqrt: (x) => tf.sqrt(positive(x)),
  Reciprocal: (x) => tf.reciprocal(positive(x)),
  Abs: (x) => tf.abs(x),
  Sign: (_, y, z) => tf.mul(tf.sign(z), y),
  Relu: (x) => tf.relu(x),
  Step: (_, y, z) => tf.mul(tf.step(z, 0.25), y),
  Sigmoid: (x) => tf.sigmoid(tf.mul(x, 3)),
  Softplus: (x) => tf.softplus(x),
  Tanh: (x) => tf.tanh(x),
  Add: (x, y) => tf.add(x, y),
  AddN: (x, y) => tf.addN([x, y, x]),
  Sub: (x, y) => tf.sub(x, y),
  Multiply: (x, y) => tf.mul(x, y),
  RealDiv: (x, y) => tf.div(x, positive(y)),
  SquaredDifference: (x, y) => tf.squaredDifference(x, y),
  Maximum: (x, y) => tf.maximum(x, y),
  Minimum: (x, y) => tf.minimum(x, y),
  Greater: (_, y, z) => tf.mul(tf.cast(tf.greater(z, 0.5), 'float32'), y),
  GreaterEqual: (_, y, z) => tf.mul(tf.cast(tf.greaterEqual(z, 0.5), 'float32'), y),
  Less: (_, y, z) => tf.mul(tf.cast(tf.less(z, 0.5), 'float32'), y),
  LessEqual: (_, y, z) => tf.mul(tf.cast(tf.lessEqual(z, 0.5), 'float32'), y),
  Equal: (_, y, z) => tf.mul(tf.cast(tf.equal(tf.sign(z), 1), 'float32'), y),
  NotEqual: (_, y, z) => tf.mul(tf.cast(tf.notEqual(tf.sign(z), 1), 'float32'), y),
  LogicalAnd: (_, y, z) => tf.mul(tf.cast(tf.logicalAnd(tf.greater(z, 0), tf.less(z, 1)), 'float32'), y),
  LogicalOr: (_, y, z) => tf.mul(tf.cast(tf.logicalOr(tf.greater(z, 1), tf.less(z, 0)), 'float32'), y),
  LogicalNot: (_, y, z) => tf.mul(tf.cast(tf.logicalNot(tf.greater(z, 0)), 'float32'), y),
  Select: (x, y, z) => tf.where(tf.greater(z, 0), x, tf.square(y)),
  ClipByValue: (x) => tf.clipByValue(x, -0.75, 0.5),
  Cast: (_, y, z) => tf.mul(tf.cast(tf.cast(tf.relu(z), 'bool'), 'float32'), y),
  Identity: (x) => tf.clone(x),
  Reshape: (x, y) => tf.mul(tf.reshape(x, [3, 10]), tf.reshape(y, [3, 10])),
  ExpandDims: (x, y) => tf.mul(tf.expandDims(tf.sum(x, 1), -1), y),
  SplitV: (x) => {
    const [a, b, c] = tf.split(x, [1, 2, 3], 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return tf.mul(tf.mul(a, tf.sum(b, 1, true)), c);
  },
  Slice: (x, y) => tf.mul(tf.slice(x, [1, 2], [3, -1]), tf.slice(y, [0, 0], [3, 4])),
  Concat: (x, y) => tf.concat([tf.square(x), y, x], 1),
  Pack: (x, y) => tf.stack([x, tf.square(y)], 1),
  Unpack: (x, y) => {
    const [a, b] = tf.unstack(x, 0) as [tf.Tensor, tf.Tensor];
    return tf.mul(tf.mul(a, b), y);
  },
  PadV2: (x, y) =>
    tf.mul(
      tf.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
      tf.pad(y, [
        [0, 1],
        [1, 2],
      ]),
    ),
  Tile: (x, y) => tf.mul(tf.tile(tf.sum(x, 1, true), [1, 6]), y),
  Fill: (x) => tf.mul(x, tf.fill([5, 6], 1.5)),
  ZerosLike: (x, y) => tf.add(tf.mul(tf.zerosLike(x), x), y),
  OnesLike: (x, y) => tf.add(tf.mul(tf.onesLike(x), x), y),
  Rsqrt: (x) => tf.rsqrt(positive(x)),
  Floor: (_, y, z) => tf.mul(tf.floor(z), y),
  Ceil: (_, y, z) => tf.mul(tf.ceil(z), y),
  Round: (_, y, z) => tf.mul(tf.round(tf.add(z, 0.3)), y),
  FloorDiv: (_, y, z) => tf.mul(tf.floorDiv(z, 0.75), y),
  Pow: (x, y) => tf.add(tf.pow(positive(x), y), tf.pow(x, 3)),
  Transpose: (x, y) =>
    tf.mul(tf.transpose(tf.reshape(tf.square(x), [5, 2, 3]), [2, 0, 1]), tf.transpose(tf.reshape(y, [2, 3, 5]), [1, 2, 0])),
  Reverse: (x, y) => tf.mul(tf.reverse(x, 1), tf.reverse(y)),
  OneHot: (x, _, z) => tf.mul(tf.cast(tf.oneHot(tf.cast(tf.floor(z), 'int32'), 3, 2, 1), 'float32'), tf.expandDims(x, 2)),
  Range: (x) => tf.mul(x, tf.range(0, 6)),
  BatchMatMul: (x, y) =>
    tf.concat(
      [
        tf.matMul(x, y, false, true), // [5, 5]
        tf.matMul(tf.reshape(x, [6, 5]), y), // [6, 6]
        tf.matMul(x, y, true), // [6, 6]
        tf.matMul(tf.reshape(x, [3, 5, 2]), tf.reshape(y, [3, 5, 2]), true, false), // [3, 2, 2]
        tf.matMul(tf.reshape(x, [6, 5]), tf.reshape(y, [5, 6]), true, true), // [5, 5]
      ].map((product) => tf.reshape(product, [-1])),
    ),
  Softmax: (x, y) => tf.mul(tf.softmax(tf.reshape(tf.mul(x, 3), [2, 3, 5])), tf.reshape(y, [2, 3, 5])),
  // tfjs differentiates it along the last axis only.
  Cumsum: (x, y, z) =>
    tf.addN([
      tf.cumsum(tf.mul(x, y), 1),
      tf.mul(tf.cumsum(z, 0, true), x),
      tf.mul(tf.cumsum(tf.square(y), 1, false, true), x),
      tf.reshape(tf.cumsum(tf.reshape(tf.cumsum(x, 1, true, true), [3, 5, 2]), 2), [5, 6]),
    ]),
  Max: (x, y) => tf.mul(tf.max(tf.mul(x, y), 1, true), tf.add(y, tf.max(tf.sub(tf.square(x), y)))),
  Min: (x, y) => tf.mul(tf.min(tf.exp(tf.mul(x, y)), 0), tf.add(y, tf.min(x))),
  Prod: (_, y, z) => tf.mul(tf.prod(z, 1, true), y),
  All: (_, y, z) => tf.mul(tf.cast(tf.all(tf.greater(z, -1.5), 1, true), 'float32'), y),
  Any: (_, y, z) => tf.mul(tf.cast(tf.any(tf.greater(z, 1.5), 1, true), 'float32'), y),
  Sum: (x, y) => tf.mul(tf.sum(x, 0), tf.sum(y, 0)),
  Mean: (x, y) => tf.mul(tf.sub(x, tf.mean(x, 1, true)), tf.mean(y)),
};

describe('every operation, with its gradient', () => {
  it('is on the list', () => {
    expect(Object.keys(RESULTS).sort()).toEqual(Object.keys(OPERATIONS).sort());
  });

  // tfjs's own exponential minus one and its like lose digits near 0 on no backend but WebGPU.
  it.each(Object.entries(RESULTS))('%s', async (_, result) => {
    await expectSame(weighing(result), SHAPES);
  });
});

/** Sums of rows, of columns and of everything, which depend on one another. */
const chained: Loss = ({ x, y, n }) => {
  const rows = tf.sum(tf.mul(x as tf.Tensor2D, y as tf.Tensor2D), 1, true); // [R, 1]
  const columns = tf.sum(tf.exp(tf.neg(tf.square(x as tf.Tensor2D))), 0); // [T]
  const spread = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(rows, tf.mean(rows)))), 0.5)); // []
  const joined = tf.mul(tf.div(rows, spread), columns); // [R, T]
  const loss = tf.div(tf.sum(tf.softplus(joined)), n as tf.Scalar); // []
  return { loss: loss as tf.Scalar, others: [spread as tf.Scalar, tf.scalar(Number.NaN), tf.sum(columns)] };
};

describe('shapes', () => {
  it.each([
    [1, 1],
    [1, 17],
    [17, 1],
    [3, 63],
    [63, 3],
    [64, 64],
    [65, 65],
    [5, 257],
    [257, 17],
  ])('%i rows of %i', async (rows, length) => {
    // The sums have up to 4,400 terms.
    await expectSame(chained, { x: [rows, length], y: [rows, length] }, { n: rows }, 1e-4);
  });
});

describe('a loss as one shader', () => {
  const shapes = { x: [6, 9], y: [6, 9] };

  it('is one dispatch and leaves the same bits twice', async () => {
    const fused = compiled(chained, shapes, { n: 3 });
    const before = tf.memory().numTensors;
    const results: tf.Tensor[] = [];
    const work = await counted(() => results.push(...compute(chained, shapes, { n: 3 }, fused)));
    expect(work.dispatches).toBe(1);
    const first = await numbersOf(results);
    expect(await numbersOf(compute(chained, shapes, { n: 3 }, fused))).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives 0 as the gradient of what it does not depend on, and takes a count that changes', async () => {
    const loss: Loss = ({ x, n }) => ({ loss: tf.div(tf.sum(x as tf.Tensor), n as tf.Scalar), others: [] });
    for (const n of [2, 5]) await expectSame(loss, shapes, { n });
  });

  it('takes three gradients and more inputs than a shader may bind, which one further dispatch packs', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const wide = { x: [6, 9], y: [6, 9], head: [6, 9], ...Object.fromEntries(names.map((name, i) => [name, [6, i % 2 === 0 ? 9 : 1]])) };
    const triangle = Array.from({ length: 9 }, (_, i) => Array.from({ length: 9 }, (_, j) => (j >= i ? 1 : 0)));
    const loss: Loss = ({ x, y, head, ...rest }) => {
      const weighted = Object.values(rest).map((tensor, i) => tf.mul(tensor, tf.pow(x as tf.Tensor, i % 3)));
      const summed = tf.matMul(tf.addN(weighted.map((w) => tf.mul(w, y as tf.Tensor))) as tf.Tensor2D, tf.tensor2d(triangle));
      return { loss: tf.sum(tf.mul(summed, tf.square(head as tf.Tensor))), others: [tf.max(summed)] };
    };
    const wrt = ['x', 'y', 'head'];
    const fused = fuse(loss, { shapes: wide, counts: [], wrt });
    const before = tf.memory().numTensors;
    const given = (): Record<string, tf.Tensor> => {
      const values = valuesFor(wide);
      return Object.fromEntries(Object.entries(wide).map(([name, shape]) => [name, tf.tensor(values[name] ?? [], [...shape])]));
    };
    const gradients = (run: (tensors: Record<string, tf.Tensor>) => tf.Tensor): tf.Tensor[] =>
      tf.tidy(() => {
        const tensors = given();
        const { value, grads } = tf.engine().gradients<tf.Tensor>(
          () => run(tensors),
          wrt.map((name) => tensors[name] as tf.Tensor),
          tf.scalar(1),
        );
        return [tf.slice(tf.reshape(value, [-1]), 0, 1), ...grads];
      });
    const actual: number[][] = [];
    const results: tf.Tensor[][] = [];
    // The second time, when the constants are on the device.
    for (let i = 0; i < 2; i++) {
      results.push(gradients((tensors) => (fused as FusedLoss).run(tensors, {})));
      actual.push(await numbersOf(results[i] as tf.Tensor[]));
    }
    const work = await counted(() => tf.dispose(tf.tidy(() => fused?.run(given(), {}) as tf.Tensor)));
    expect(work.dispatches).toBe(1 + 2);
    expect(actual[1]).toEqual(actual[0]);
    const expected = await onProcessor(() => numbersOf(gradients((tensors) => loss(tensors).loss)));
    expect(actual[0]).toHaveLength(expected.length);
    expected.forEach((right, i) => {
      expect(Math.abs((actual[0]?.[i] as number) - right) / Math.max(1, Math.abs(right)), `number ${i}`).toBeLessThan(1e-5);
    });
    fused?.release();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on in a buffer where workgroup memory is full', async () => {
    const shapes = { x: [70, 65], y: [70, 65] };
    const running: Loss = ({ x, y }) => {
      const sums = tf.cumsum(tf.mul(x as tf.Tensor, y as tf.Tensor), 1); // [70, 65]
      const highest = tf.max(tf.sub(sums, x as tf.Tensor), 1, true); // [70, 1]
      return { loss: tf.mean(tf.mul(tf.sigmoid(highest), sums)), others: [tf.min(sums), tf.sum(highest)] };
    };
    await expectSame(running, shapes, {}, 1e-4);
  });

  it('keeps the digits of small arguments', async () => {
    const tiny =
      (f: (x: tf.Tensor) => tf.Tensor): Loss =>
      ({ x }) => ({
        loss: tf.mul(tf.sum(f(tf.mul(x as tf.Tensor, 1e-5))), 1e5),
        others: [],
      });
    for (const f of [tf.expm1, tf.log1p] as const) await expectSame(tiny(f), shapes);
  });

  it('is refused where it looks at numbers, uses other tensors or other kernels', () => {
    const backend = tf.getBackend();
    const elsewhere = tf.ones([6, 9]);
    const losses: Loss[] = [
      ({ x }) => ({ loss: tf.mul(tf.sum(x as tf.Tensor), (x as tf.Tensor).dataSync()[0] as number), others: [] }),
      ({ x }) => ({ loss: tf.sum(tf.mul(x as tf.Tensor, elsewhere)), others: [] }),
      ({ x }) => ({ loss: tf.sum(tf.topk(x as tf.Tensor, 2).values), others: [] }),
      ({ x }) => ({ loss: tf.sum(tf.minimum(x as tf.Tensor, Number.POSITIVE_INFINITY)), others: [] }),
    ];
    expect(losses.map((loss) => compiled(loss, shapes))).toEqual([null, null, null, null]);
    elsewhere.dispose();
    expect(tf.getBackend()).toBe(backend);
  });

  it('lets errors of the loss through', () => {
    const broken: Loss = () => {
      throw new TypeError('a mistake');
    };
    expect(() => compiled(broken, shapes)).toThrow('a mistake');
  });
});
