/** A loss as a graph of operations on small tensors, on its way from tfjs ops to one shader. */

/** An index or a value as WGSL. */
export type Wgsl = string;

/** An operation with its result's shape. */
export interface Node {
  readonly shape: readonly number[];
  /** As tfjs calls it; on the device all are f32, and a truth value is 0 or 1. */
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly form: Form;
  /** Its elements are computed once and kept, so that whoever reads them gets the same bits. */
  kept?: boolean;
}

/** What a reduction does with its terms. */
export type Reduction = 'sum' | 'prod' | 'max' | 'min';

export type Form =
  /** A buffer of the call. */
  | { readonly kind: 'input'; readonly name: string }
  /** A number that changes from call to call. */
  | { readonly kind: 'count'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: number }
  /** Constants that differ. */
  | { readonly kind: 'table'; readonly values: readonly number[] }
  /** What an element is follows from its index alone. */
  | { readonly kind: 'place'; readonly write: (index: Wgsl) => Wgsl }
  /** An elementwise operation, its arguments broadcast. */
  | { readonly kind: 'map'; readonly write: (...args: Wgsl[]) => Wgsl; readonly args: readonly Node[] }
  /** Element i is element `at(i)` of another: reshape, slice, tile, transpose. */
  | { readonly kind: 'pick'; readonly from: Node; readonly at: (index: Wgsl) => Wgsl }
  /** Concatenation along an axis. */
  | { readonly kind: 'join'; readonly parts: readonly Node[]; readonly axis: number }
  /** One element out of all along some axes. */
  | { readonly kind: 'reduce'; readonly by: Reduction; readonly of: Node; readonly axes: readonly number[] }
  /** Running sums along an axis, from either end, with or without the element itself. */
  | { readonly kind: 'scan'; readonly of: Node; readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

/** What cannot become one shader; the loss then runs as ordinary tfjs ops. */
export class NotFusable extends Error {
  override readonly name = 'NotFusable';
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

export const leaf = (
  shape: readonly number[],
  form: Extract<Form, { kind: 'input' } | { kind: 'count' } | { kind: 'constant' } | { kind: 'table' } | { kind: 'place' }>,
): Node => ({ shape, dtype: 'float32', form });

export const constant = (value: number, shape: readonly number[] = []): Node => leaf(shape, { kind: 'constant', value });

export const map = (shape: readonly number[], dtype: Node['dtype'], write: (...args: Wgsl[]) => Wgsl, args: readonly Node[]): Node => ({
  shape,
  dtype,
  form: { kind: 'map', write, args },
});

/** What a constant becomes stays one. */
export const pick = (shape: readonly number[], from: Node, at: (index: Wgsl) => Wgsl): Node =>
  from.form.kind === 'constant' ? { ...from, shape } : { shape, dtype: from.dtype, form: { kind: 'pick', from, at } };

export const reshaped = (from: Node, shape: readonly number[]): Node => pick(shape, from, (index) => index);

export function join(parts: readonly Node[], axis: number): Node {
  const first = parts[0] as Node;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((length, part) => length + (part.shape[axis] as number), 0);
  return { shape, dtype: first.dtype, form: { kind: 'join', parts, axis } };
}

/** Reduction over some axes, which the result keeps with length 1 where `keep` says so. Truth values are counted. */
export function reduce(by: Reduction, of: Node, axes: readonly number[], keep = false): Node {
  const shape = of.shape.flatMap((n, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [n]));
  if (sizeOf(shape) === sizeOf(of.shape)) return reshaped(of, shape);
  return { shape, dtype: of.dtype === 'float32' ? 'float32' : 'int32', form: { kind: 'reduce', by, of, axes } };
}

/** What a node is made of. */
export function partsOf({ form }: Node): readonly Node[] {
  switch (form.kind) {
    case 'map':
      return form.args;
    case 'join':
      return form.parts;
    case 'pick':
      return [form.from];
    case 'reduce':
    case 'scan':
      return [form.of];
    case 'input':
    case 'count':
    case 'constant':
    case 'table':
    case 'place':
      return [];
    default:
      return form satisfies never;
  }
}

/** One axis of a flat index: the coordinate is `index / stride % size`, and counts `times` in another flat index. */
interface Term {
  readonly stride: number;
  readonly size: number;
  readonly times: number;
}

/** A flat index made of coordinates of another, which runs over `total` elements. */
function indexOf(index: Wgsl, total: number, terms: readonly Term[]): Wgsl {
  const parts = terms
    .filter(({ size }) => size > 1)
    .map(({ stride, size, times }) => {
      const divided = stride === 1 ? index : `(${index} / ${stride}u)`;
      const coordinate = stride * size === total ? divided : `(${divided} % ${size}u)`;
      return times === 1 ? coordinate : `${coordinate} * ${times}u`;
    });
  return parts.length === 0 ? '0u' : parts.join(' + ');
}

/** Steps between neighbours of every axis in row-major order. */
const stridesOf = (shape: readonly number[]): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Where element `index` of a tensor of shape `to` lies in one of shape `from` that is broadcast to it. */
export function broadcastIndex(from: readonly number[], to: readonly number[], index: Wgsl): Wgsl {
  if (sizeOf(from) === sizeOf(to)) return index;
  const [strides, steps] = [stridesOf(to), stridesOf(from)];
  const shift = to.length - from.length;
  const terms = from.map((size, axis) => ({ stride: strides[axis + shift] as number, size, times: steps[axis] as number }));
  return indexOf(index, sizeOf(to), terms);
}

/** Where term `inner` of element `outer` of a sum over `axes` lies in the tensor that is summed. */
export function summandIndex(shape: readonly number[], axes: readonly number[], outer: Wgsl, inner: Wgsl): Wgsl {
  const steps = stridesOf(shape);
  const side = (index: Wgsl, mine: (axis: number) => boolean): Wgsl => {
    const kept = shape.map((n, axis) => (mine(axis) ? n : 1));
    const strides = stridesOf(kept);
    return indexOf(
      index,
      sizeOf(kept),
      kept.map((size, axis) => ({ stride: strides[axis] as number, size, times: steps[axis] as number })),
    );
  };
  return `${side(outer, (axis) => !axes.includes(axis))} + ${side(inner, (axis) => axes.includes(axis))}`;
}

/** Where element `index` of a slice lies in the tensor that is sliced. */
export function sliceIndex(shape: readonly number[], begin: readonly number[], size: readonly number[], index: Wgsl): Wgsl {
  const [strides, steps] = [stridesOf(size), stridesOf(shape)];
  const start = begin.reduce((sum, at, axis) => sum + at * (steps[axis] as number), 0);
  const terms = size.map((n, axis) => ({ stride: strides[axis] as number, size: n, times: steps[axis] as number }));
  return `${indexOf(index, sizeOf(size), terms)} + ${start}u`;
}

/** Where element `index` of a tiled tensor of shape `to` lies in the tensor that is repeated. */
export function tileIndex(from: readonly number[], to: readonly number[], index: Wgsl): Wgsl {
  const [strides, steps] = [stridesOf(to), stridesOf(from)];
  const parts = from.flatMap((size, axis) => (size === 1 ? [] : [`(${index} / ${strides[axis]}u % ${size}u) * ${steps[axis]}u`]));
  return parts.length === 0 ? '0u' : parts.join(' + ');
}

/** Where element `index` of a tensor with exchanged axes lies: axis i of the result is axis `perm[i]` of `shape`. */
export function transposeIndex(shape: readonly number[], perm: readonly number[], index: Wgsl): Wgsl {
  const to = perm.map((axis) => shape[axis] as number);
  const [strides, steps] = [stridesOf(to), stridesOf(shape)];
  return indexOf(
    index,
    sizeOf(to),
    perm.map((from, axis) => ({ stride: strides[axis] as number, size: to[axis] as number, times: steps[from] as number })),
  );
}

/** Where element `index` of a tensor lies in the one of which it is the reverse along some axes. */
export function reverseIndex(shape: readonly number[], axes: readonly number[], index: Wgsl): Wgsl {
  const strides = stridesOf(shape);
  const parts = shape.flatMap((size, axis) => {
    if (size === 1) return [];
    const [stride, along] = [strides[axis] as number, `${index} / ${strides[axis]}u % ${size}u`];
    return [axes.includes(axis) ? `(${size - 1}u - ${along}) * ${stride}u` : `(${along}) * ${stride}u`];
  });
  return parts.length === 0 ? '0u' : parts.join(' + ');
}
