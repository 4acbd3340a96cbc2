/** What the tfjs kernels that a loss may use mean, as nodes of a graph. A further kernel is a line here. */
import { backend_util, broadcast_util, util } from '@tensorflow/tfjs-core';
import {
  broadcastIndex,
  constant,
  join,
  leaf,
  map,
  type Node,
  NotFusable,
  pick,
  type Reduction,
  reduce,
  reshaped,
  reverseIndex,
  sizeOf,
  sliceIndex,
  tileIndex,
  transposeIndex,
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
  (write: (a: Wgsl, b: Wgsl) => Wgsl, dtype?: Node['dtype']): Operation =>
  ([a, b]) => {
    const [first, second] = [given(a), given(b)];
    const whole = first.dtype === 'int32' && second.dtype === 'int32';
    return map(broadcast(first, second), dtype ?? (whole ? 'int32' : 'float32'), write, [first, second]);
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
  const total = reduce('sum', arg, axes, keepDims === true);
  if (arg.form.kind !== 'constant') return total;
  const { shape } = total;
  return constant(arg.form.value * (sizeOf(arg.shape) / sizeOf(shape)), shape);
};

/** Whether an element is the result of arithmetic whenever it is read. */
const isComputed = ({ form }: Node): boolean =>
  form.kind === 'pick' ? isComputed(form.from) : form.kind === 'map' || form.kind === 'join';

/** Extremes and products along axes. */
const reduction =
  (by: Reduction, dtype?: Node['dtype']): Operation =>
  ([x], { axis, reductionIndices, keepDims }) => {
    const arg = given(x);
    // The maximum's axes have a name of their own.
    const axes = axesOf(arg, axis ?? reductionIndices);
    const result = reduce(by, arg, axes, keepDims === true);
    if (arg.form.kind === 'constant' && by !== 'prod') return constant(arg.form.value, result.shape);
    // The gradient of an extreme looks for the element that it is: computed again, it might differ in its last bit.
    if (isComputed(arg)) arg.kept = true;
    return dtype === undefined ? result : { ...result, dtype };
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
  if (dtype === 'float32' || (dtype === 'int32' && arg.dtype !== 'float32')) return { ...reshaped(arg, arg.shape), dtype };
  if (dtype === 'int32') return map(arg.shape, 'int32', (value) => `trunc(${value})`, [arg]);
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

const transpose: Operation = ([x], { perm }) => {
  const arg = given(x);
  const axes = perm as number[];
  const shape = axes.map((axis) => arg.shape[axis] as number);
  return pick(shape, arg, (index) => transposeIndex(arg.shape, axes, index));
};

const reverse: Operation = ([x], { dims }) => {
  const arg = given(x);
  const axes = axesOf(arg, dims);
  return pick(arg.shape, arg, (index) => reverseIndex(arg.shape, axes, index));
};

const cumsum: Operation = ([x], { axis, exclusive, reverse }) => {
  const arg = given(x);
  const [along = 0] = axesOf(arg, axis);
  return {
    shape: arg.shape,
    dtype: arg.dtype,
    form: { kind: 'scan', of: arg, axis: along, exclusive: exclusive === true, reverse: reverse === true },
  };
};

/** The last two axes exchanged. */
const turned = (x: Node): Node => {
  const last = x.shape.length - 1;
  const perm = x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis));
  return transpose([x], { perm }) as Node;
};

/** A sum over products, of which none is stored. */
const matMul: Operation = ([a, b], { transposeA, transposeB }) => {
  const [rows, columns] = [transposeA === true ? turned(given(a)) : given(a), transposeB === true ? given(b) : turned(given(b))];
  const left = reshaped(rows, rows.shape.toSpliced(-1, 0, 1)); // [..., I, 1, K]
  const right = reshaped(columns, columns.shape.toSpliced(-2, 0, 1)); // [..., 1, J, K]
  const products = multiply([left, right], {}) as Node; // [..., I, J, K]
  return sumOver([products], { axis: products.shape.length - 1 });
};

/** exp(x - log sum exp x) over the last axis. */
const softmax: Operation = ([x]) => {
  const arg = given(x);
  const last = { axis: arg.shape.length - 1, keepDims: true };
  const highest = reduce('max', arg, [last.axis], true);
  const powers = map(arg.shape, 'float32', (value, top) => `exp(${value} - ${top})`, [arg, highest]);
  return map(arg.shape, 'float32', (power, total) => `(${power} / ${total})`, [powers, sumOver([powers], last) as Node]);
};

const oneHot: Operation = ([indices], { depth, onValue, offValue, dtype }) => {
  const arg = given(indices);
  const count = depth as number;
  const shape = [...arg.shape, count];
  const place = leaf(shape, { kind: 'place', write: (index) => `f32(${index} % ${count}u)` });
  const wanted = pick(shape, arg, (index) => `${index} / ${count}u`);
  const values = [constant(onValue as number), constant(offValue as number)];
  return map(shape, dtype === 'float32' ? dtype : 'int32', (i, at, on, off) => `select(${off}, ${on}, ${i} == ${at})`, [
    place,
    wanted,
    ...values,
  ]);
};

const range: Operation = (_args, { start, stop, step, dtype }) => {
  const [first, end, by] = [start as number, stop as number, step as number];
  const count = Math.max(0, Math.ceil((end - first) / by));
  const values = Array.from({ length: count }, (_, i) => first + by * i);
  return { ...leaf([count], { kind: 'table', values }), dtype: dtype === 'int32' ? dtype : 'float32' };
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
  Rsqrt: unary((x) => `inverseSqrt(${x})`),
  Floor: unary((x) => `floor(${x})`),
  Ceil: unary((x) => `ceil(${x})`),
  Round: unary((x) => `round(${x})`),
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
  FloorDiv: binary((a, b) => `floor(${a} / ${b})`),
  Pow: binary((a, b) => `power(${a}, ${b})`),
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
  Transpose: transpose,
  Reverse: reverse,
  OneHot: oneHot,
  Range: range,
  BatchMatMul: matMul,
  Softmax: softmax,
  Cumsum: cumsum,
  Max: reduction('max'),
  Min: reduction('min'),
  Prod: reduction('prod'),
  All: reduction('min', 'bool'),
  Any: reduction('max', 'bool'),
  Sum: sumOver,
  Mean: mean,
};
