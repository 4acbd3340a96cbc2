/** What the tfjs kernels that a loss may use mean, as nodes of a graph. A further kernel is a line here. */
import { backend_util, broadcast_util, util } from '@tensorflow/tfjs-core';
import {
  broadcastIndex,
  constant,
  join,
  map,
  type Node,
  NotFusable,
  pick,
  reshaped,
  sizeOf,
  sliceIndex,
  sum,
  tileIndex,
  type Wgsl,
} from './graph';

type Attributes = Readonly<Record<string, unknown>>;

/** Arguments in tfjs's order. Several results are several outputs of the kernel. */
export type Operation = (args: readonly Node[], attrs: Attributes) => Node | Node[];

const unary =
  (write: (x: Wgsl) => Wgsl): Operation =>
  ([x]) => {
    const arg = given(x);
    return map(arg.shape, 'float32', write, [arg]);
  };

const binary =
  (write: (a: Wgsl, b: Wgsl) => Wgsl, dtype: Node['dtype'] = 'float32'): Operation =>
  ([a, b]) => {
    const [first, second] = [given(a), given(b)];
    return map(broadcast(first, second), dtype, write, [first, second]);
  };

const comparison = (operator: string): Operation => binary((a, b) => `select(0f, 1f, ${a} ${operator} ${b})`, 'bool');

function given(node: Node | undefined): Node {
  if (node === undefined) throw new NotFusable('an operation without its argument');
  return node;
}

const broadcast = (a: Node, b: Node): number[] => broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);

const copy: Operation = ([x]) => reshaped(given(x), given(x).shape);

/** The axes that `axis`, in any of tfjs's spellings, means. */
const axesOf = (x: Node, axis: unknown): number[] =>
  util.parseAxisParam((axis ?? x.shape.map((_, i) => i)) as number | number[], [...x.shape]);

const isConstant = (node: Node, value: number): boolean => node.form.kind === 'constant' && node.form.value === value;

/** A product, without the ones and zeros that gradients are full of. */
const multiply: Operation = (args, attrs) => {
  const [a, b] = [given(args[0]), given(args[1])];
  const shape = broadcast(a, b);
  if (isConstant(a, 0) || isConstant(b, 0)) return constant(0, shape);
  const [factor, rest] = isConstant(a, 1) ? [a, b] : [b, a];
  if (isConstant(factor, 1)) return pick(shape, rest, (index) => broadcastIndex(rest.shape, shape, index));
  return binary((x, y) => `(${x} * ${y})`)(args, attrs);
};

const sumOver: Operation = ([x], { axis, keepDims }) => {
  const arg = given(x);
  const axes = axesOf(arg, axis);
  if (arg.form.kind !== 'constant') return sum(arg, axes, keepDims === true);
  const { shape } = sum(arg, axes, keepDims === true);
  return constant(arg.form.value * (sizeOf(arg.shape) / sizeOf(shape)), shape);
};

const mean: Operation = (args, attrs) => {
  const total = sumOver(args, attrs) as Node;
  const count = sizeOf(given(args[0]).shape) / sizeOf(total.shape);
  return map(total.shape, 'float32', (x, n) => `(${x} / ${n})`, [total, constant(count)]);
};

const clip: Operation = ([x], { clipValueMin, clipValueMax }) => {
  const arg = given(x);
  const bounds = [constant(clipValueMin as number), constant(clipValueMax as number)];
  return map(arg.shape, 'float32', (value, low, high) => `clamp(${value}, ${low}, ${high})`, [arg, ...bounds]);
};

const cast: Operation = ([x], { dtype }) => {
  const arg = given(x);
  if (dtype === 'float32') return { ...reshaped(arg, arg.shape), dtype: 'float32' };
  if (dtype === 'bool') return map(arg.shape, 'bool', (value) => `select(0f, 1f, ${value} != 0f)`, [arg]);
  throw new NotFusable(`a cast to ${String(dtype)}`);
};

const split: Operation = ([x], { numOrSizeSplits, axis }) => {
  const arg = given(x);
  const [along = 0] = axesOf(arg, axis);
  let at = 0;
  return backend_util.prepareSplitSize({ shape: [...arg.shape] } as never, numOrSizeSplits as number[], along).map((length) => {
    const shape = arg.shape.map((n, i) => (i === along ? length : n));
    const begin = arg.shape.map((_, i) => (i === along ? at : 0));
    at += length;
    return pick(shape, arg, (index) => sliceIndex(arg.shape, begin, shape, index));
  });
};

const slice: Operation = ([x], { begin, size }) => {
  const arg = given(x);
  const from = [begin].flat() as number[];
  const shape = ([size].flat() as number[]).map((n, i) => (n < 0 ? (arg.shape[i] as number) - (from[i] as number) : n));
  return pick(shape, arg, (index) => sliceIndex(arg.shape, from, shape, index));
};

const tile: Operation = ([x], { reps }) => {
  const arg = given(x);
  const shape = arg.shape.map((n, i) => n * ((reps as number[])[i] as number));
  return pick(shape, arg, (index) => tileIndex(arg.shape, shape, index));
};

const unpack: Operation = ([x], { axis }) => {
  const arg = given(x);
  const [along = 0] = axesOf(arg, axis);
  const ones = new Array<number>(arg.shape[along] as number).fill(1);
  const parts = split([arg], { numOrSizeSplits: ones, axis: along }) as Node[];
  return parts.map((part) => reshaped(part, arg.shape.toSpliced(along, 1)));
};

const pad: Operation = ([x], { paddings, constantValue }) =>
  (paddings as [number, number][]).reduce((inner, [before, after], axis) => {
    const filled = (length: number): Node[] => (length === 0 ? [] : [constant(constantValue as number, inner.shape.with(axis, length))]);
    return join([...filled(before), inner, ...filled(after)], axis);
  }, given(x));

const select: Operation = ([condition, yes, no]) => {
  const [flag, a, b] = [given(condition), given(yes), given(no)];
  return map(a.shape, a.dtype, (c, x, y) => `select(${y}, ${x}, ${c} != 0f)`, [flag, a, b]);
};

const expand: Operation = ([x], { dim }) => {
  const arg = given(x);
  const at = (dim as number) < 0 ? arg.shape.length + (dim as number) + 1 : (dim as number);
  return reshaped(arg, [...arg.shape.slice(0, at), 1, ...arg.shape.slice(at)]);
};

const reshape: Operation = ([x], { shape }) => {
  const arg = given(x);
  return reshaped(arg, util.inferFromImplicitShape(shape as number[], sizeOf(arg.shape)));
};

/** By tfjs's kernel name. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  Neg: unary((x) => `(-${x})`),
  Exp: unary((x) => `exp(${x})`),
  Expm1: unary((x) => `expMinusOne(${x})`),
  Log: unary((x) => `log(${x})`),
  Log1p: unary((x) => `logOnePlus(${x})`),
  Square: unary((x) => `(${x} * ${x})`),
  Sqrt: unary((x) => `sqrt(${x})`),
  Reciprocal: unary((x) => `(1f / ${x})`),
  Abs: unary((x) => `abs(${x})`),
  Sign: unary((x) => `sign(${x})`),
  Relu: unary((x) => `max(${x}, 0f)`),
  Step: ([x], { alpha }) =>
    map(given(x).shape, 'float32', (value, low) => `select(${low}, 1f, ${value} > 0f)`, [given(x), constant(alpha as number)]),
  Sigmoid: unary((x) => `sigmoid(${x})`),
  Softplus: unary((x) => `(max(${x}, 0f) + logOnePlus(exp(-abs(${x}))))`),
  // tanh overflows in WGSL for large arguments; beyond 15 it is 1 in f32.
  Tanh: unary((x) => `tanh(clamp(${x}, -15f, 15f))`),
  Add: binary((a, b) => `(${a} + ${b})`),
  AddN: (args) => map(given(args[0]).shape, 'float32', (...values) => `(${values.join(' + ')})`, args),
  Sub: binary((a, b) => `(${a} - ${b})`),
  Multiply: multiply,
  RealDiv: binary((a, b) => `(${a} / ${b})`),
  SquaredDifference: binary((a, b) => `((${a} - ${b}) * (${a} - ${b}))`),
  Maximum: binary((a, b) => `max(${a}, ${b})`),
  Minimum: binary((a, b) => `min(${a}, ${b})`),
  Greater: comparison('>'),
  GreaterEqual: comparison('>='),
  Less: comparison('<'),
  LessEqual: comparison('<='),
  Equal: comparison('=='),
  NotEqual: comparison('!='),
  LogicalAnd: binary((a, b) => `(${a} * ${b})`, 'bool'),
  LogicalOr: binary((a, b) => `max(${a}, ${b})`, 'bool'),
  LogicalNot: ([x]) => map(given(x).shape, 'bool', (value) => `(1f - ${value})`, [given(x)]),
  Select: select,
  ClipByValue: clip,
  Cast: cast,
  Identity: copy,
  Reshape: reshape,
  ExpandDims: expand,
  SplitV: split,
  Slice: slice,
  Concat: (args, { axis }) => join(args, axesOf(given(args[0]), axis)[0] as number),
  Pack: (args, { axis }) => {
    const parts = args.map((arg) => expand([arg], { dim: axis }) as Node);
    return join(parts, axesOf(given(parts[0]), axis)[0] as number);
  },
  Unpack: unpack,
  PadV2: pad,
  Tile: tile,
  Fill: (_args, { shape, value }) => constant(value as number, shape as number[]),
  ZerosLike: ([x]) => constant(0, given(x).shape),
  OnesLike: ([x]) => constant(1, given(x).shape),
  Sum: sumOver,
  Mean: mean,
};
