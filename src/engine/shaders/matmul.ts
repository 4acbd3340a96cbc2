/**
 * Matrix products of activations and weights, with what comes after them in the same dispatch. A thread computes four
 * rows of one vec4 of columns in registers and reads its operands straight from memory: on software adapters that is more
 * than twice as fast as staging tiles in workgroup memory.
 */
import type { Axis } from '../model';
import { vectorsOf } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, MAIN } from './common';
import { NORM_BACK_FIELDS, NORM_FIELDS, normBackward, normForward } from './norm';

/** Rows of a thread's tile. */
const ROWS = 4;

const PRODUCT_FIELDS = ['rows', 'x', 'y', 'w', 'stride', 'kSegments', 'kLength', 'kVectors', 'nLength', 'nVectors', 'nTotal'] as const;
type ProductField = (typeof PRODUCT_FIELDS)[number];

/** The operands of a product: x [M, K] and y [M, N] in the arena, the weights in θ. */
export interface Product {
  readonly rows: number;
  readonly x: number;
  readonly k: Axis;
  readonly y: number;
  readonly n: Axis;
  readonly w: number;
}

const productFields = ({ rows, x, k, y, n, w }: Product, stride: number): Record<ProductField, number> => ({
  rows,
  x,
  y,
  w,
  stride,
  kSegments: k.segments,
  kLength: k.length,
  kVectors: k.vectors,
  nLength: n.length,
  nVectors: n.vectors,
  nTotal: vectorsOf(n),
});

/** Weights as θ holds them: [K, N], or [N, K] where the product is with their transpose. */
type Orientation = 'plain' | 'transposed';

/** Four steps along K: four rows of x by a 4 x 4 block of weights. */
const INNER: Record<Orientation, { readonly start: string; readonly block: string }> = {
  plain: {
    start: 'var at = u.w + s * u.kLength * u.stride + column;',
    block: /* wgsl */ `
      let w0 = weight(at); let w1 = weight(at + u.stride); let w2 = weight(at + 2u * u.stride); let w3 = weight(at + 3u * u.stride);
      at += 4u * u.stride;
      y0 += x0.x * w0 + x0.y * w1 + x0.z * w2 + x0.w * w3;
      y1 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      y2 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      y3 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;`,
  },
  transposed: {
    start: /* wgsl */ `
    // Columns that do not exist repeat the last one; they are not kept.
    let rest = vec4u(0u, 1u, 2u, 3u);
    let lines = (column + min(rest, vec4u(left - 1u))) * u.stride + u.w + s * u.kLength;
    var at = 0u;`,
    block: /* wgsl */ `
      let w0 = weight(lines.x + at); let w1 = weight(lines.y + at); let w2 = weight(lines.z + at); let w3 = weight(lines.w + at);
      at += 4u;
      y0 += vec4f(dot(x0, w0), dot(x0, w1), dot(x0, w2), dot(x0, w3));
      y1 += vec4f(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
      y2 += vec4f(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
      y3 += vec4f(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));`,
  },
};

/** \`tile\` computes rows 4 i to 4 i + 3 of vec4 n and hands each to \`store\`. */
const tileCode = (orientation: Orientation): string => /* wgsl */ `
fn tile(i: u32, n: u32) {
  let row = ${ROWS}u * i;
  if (row >= u.rows) { return; }
  let inside = n % u.nVectors;
  let column = (n / u.nVectors) * u.nLength + 4u * inside;
  let left = u.nLength - 4u * inside;
  let last = u.rows - 1u;
  let across = u.kSegments * u.kVectors;
  let p0 = u.x + row * across;
  let p1 = u.x + min(row + 1u, last) * across;
  let p2 = u.x + min(row + 2u, last) * across;
  let p3 = u.x + min(row + 3u, last) * across;
  var y0 = vec4f(); var y1 = vec4f(); var y2 = vec4f(); var y3 = vec4f();
  var k = 0u;
  for (var s = 0u; s < u.kSegments; s++) {
    ${INNER[orientation].start}
    for (var d = 0u; d < u.kVectors; d++) {
      let x0 = arena[p0 + k]; let x1 = arena[p1 + k]; let x2 = arena[p2 + k]; let x3 = arena[p3 + k];
      k++;${INNER[orientation].block}
    }
  }
  store(row, n, column, left, y0);
  if (row + 1u < u.rows) { store(row + 1u, n, column, left, y1); }
  if (row + 2u < u.rows) { store(row + 2u, n, column, left, y2); }
  if (row + 3u < u.rows) { store(row + 3u, n, column, left, y3); }
}
`;

/** One tile per thread. */
const FREE_MAIN = /* wgsl */ `${MAIN} {
  let thread = threadOf(group, lane);
  tile(thread / u.nTotal, thread % u.nTotal);
}`;

/** Groups that own whole rows, so that LayerNorm can follow once all of the group's tiles are there. */
const rowMain = (each: string): string => /* wgsl */ `${MAIN} {
  let first = groupOf(group) * u.groupRows;
  for (var i = lane; i < u.groupRows / ${ROWS}u * u.nTotal; i += ${LANES}u) {
    tile(first / ${ROWS}u + i / u.nTotal, i % u.nTotal);
  }
  storageBarrier();
  if (lane < u.groupRows && first + lane < u.rows) { ${each}(first + lane); }
}`;

/** Rows of a group that owns whole ones: enough to give every thread a tile, at most one row for each thread. */
const groupRowsOf = (n: Axis): number => ROWS * Math.max(1, Math.min(Math.floor(LANES / vectorsOf(n)), LANES / ROWS));

const freeGroups = ({ rows, n }: Product): number => Math.ceil((Math.ceil(rows / ROWS) * vectorsOf(n)) / LANES);

const STORE = (value: string, before = '', after = ''): string => /* wgsl */ `
fn store(row: u32, n: u32, column: u32, left: u32, sum: vec4f) {
  let to = row * u.nTotal + n;
  ${before}
  arena[u.y + to] = select(vec4f(), ${value}, present(left));
  ${after}
}`;

// Beyond 15 tanh is 1 in f32, and larger arguments overflow inside it.
const GELU = /* wgsl */ `
fn bend(x: vec4f) -> vec4f { return tanh(clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), vec4f(-15.0), vec4f(15.0))); }
`;

function shader<F extends string>(
  name: string,
  aligned: boolean,
  orientation: Orientation,
  fields: readonly F[],
  store: string,
  main: string,
): Shader<ProductField | F> {
  return {
    name: `${name}${aligned ? '' : '-unaligned'}`,
    fields: [...PRODUCT_FIELDS, ...fields],
    extras: [],
    code: `${common(aligned)}${store}${tileCode(orientation)}${main}`,
  };
}

type NormField = (typeof NORM_FIELDS)[number];
type NormBackField = (typeof NORM_BACK_FIELDS)[number];
/** What LayerNorm needs besides the axis, which it shares with the product. */
export type NormAt = Readonly<Record<Exclude<NormField, 'width' | 'vectors'>, number>>;
export type NormBackAt = Readonly<Record<Exclude<NormBackField, 'width' | 'vectors' | 'gradNormed'>, number>>;

/** The products of a model whose weights are or are not aligned; see `Axes.aligned`. */
export function products(aligned: boolean) {
  const biased = shader('biased', aligned, 'plain', ['c'], STORE('sum + weight(u.c + column)'), FREE_MAIN);
  const gelu = shader(
    'gelu',
    aligned,
    'plain',
    ['c', 'z'],
    `${GELU}${STORE('x', 'let x = sum + weight(u.c + column);', 'arena[u.z + to] = select(vec4f(), 0.5 * x * (1.0 + bend(x)), present(left));')}`,
    FREE_MAIN,
  );
  const residual = shader(
    'residual',
    aligned,
    'plain',
    ['c', 'z', 'groupRows', ...NORM_FIELDS],
    `${normForward}${STORE('sum + weight(u.c + column) + arena[u.z + to]')}`,
    rowMain('normRow'),
  );
  const transposed = shader('transposed', aligned, 'transposed', [], STORE('sum'), FREE_MAIN);
  const geluBack = shader(
    'gelu-back',
    aligned,
    'transposed',
    ['z'],
    `${GELU}${STORE(
      'sum * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * x * x))',
      'let x = arena[u.z + to]; let t = bend(x);',
    )}`,
    FREE_MAIN,
  );
  const normBack = (orientation: Orientation) =>
    shader(
      `norm-back-${orientation}`,
      aligned,
      orientation,
      ['groupRows', ...NORM_BACK_FIELDS],
      `${normBackward}${STORE('sum')}`,
      rowMain('normRowBack'),
    );
  const headBack = normBack('plain');
  const blockBack = normBack('transposed');
  const byRows = (product: Product) => ({
    groupRows: groupRowsOf(product.n),
    width: product.n.length,
    vectors: product.n.vectors,
  });
  const rowGroups = (product: Product): number => Math.ceil(product.rows / groupRowsOf(product.n));
  const wide = (axis: Axis): number => axis.segments * axis.length;
  return {
    /** y = x W + c */
    biased: (p: Product, c: number): Step => step(biased, freeGroups(p), { ...productFields(p, wide(p.n)), c }),
    /** y = x W + c, z = gelu_new(y) = y/2 (1 + tanh(sqrt(2/pi) (y + .044715 y^3))) */
    gelu: (p: Product, c: number, z: number): Step => step(gelu, freeGroups(p), { ...productFields(p, wide(p.n)), c, z }),
    /** y = x W + c + z, and LayerNorm of y */
    residual: (p: Product, c: number, z: number, norm: NormAt): Step =>
      step(residual, rowGroups(p), { ...productFields(p, wide(p.n)), c, z, ...norm, ...byRows(p) }),
    /** y = x W^T */
    transposed: (p: Product): Step => step(transposed, freeGroups(p), productFields(p, wide(p.k))),
    /** y = x W^T gelu_new'(z) */
    geluBack: (p: Product, z: number): Step => step(geluBack, freeGroups(p), { ...productFields(p, wide(p.k)), z }),
    /** y = x W, and from y, the gradient of a LayerNorm's output, to the gradient of its input */
    headBack: (p: Product, norm: NormBackAt): Step =>
      step(headBack, rowGroups(p), { ...productFields(p, wide(p.n)), ...norm, gradNormed: p.y, ...byRows(p) }),
    /** The same with y = x W^T */
    blockBack: (p: Product, norm: NormBackAt): Step =>
      step(blockBack, rowGroups(p), { ...productFields(p, wide(p.k)), ...norm, gradNormed: p.y, ...byRows(p) }),
  };
}

export type Products = ReturnType<typeof products>;
