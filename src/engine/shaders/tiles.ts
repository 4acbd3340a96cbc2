/**
 * The tiles of a matrix product of activations and weights. A thread computes four rows by one vec4 of columns in registers:
 * on software adapters larger tiles gain a tenth at most and take several times as long to compile. In one scheme it reads
 * its operands straight from memory, in the other the workgroup stages them together.
 */
import type { Axis } from '../model';
import { vectorsOf } from '../model';
import { type Access, LANES, type Shader } from '../plan';
import { common, type Element, elementSuffix, MAIN, MULTIPLY, type Orientation } from './common';
import { SHARED_ROWS } from './norm';
import type { Scheme } from './scheme';
import { stagedCode, stagedGroups, stagedMain, stagedRowMain } from './staged';

const PRODUCT_FIELDS = ['rows', 'x', 'y', 'w', 'stride', 'kSegments', 'kLength', 'kVectors', 'nLength', 'nVectors', 'nTotal'] as const;
export type ProductField = (typeof PRODUCT_FIELDS)[number];

/** The operands of a product: x [M, K] and y [M, N] in the arena, the weights in θ. */
export interface Product {
  readonly rows: number;
  readonly x: number;
  readonly k: Axis;
  readonly y: number;
  readonly n: Axis;
  readonly w: number;
}

export const productFields = ({ rows, x, k, y, n, w }: Product, stride: number): Record<ProductField, number> => ({
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

/** Rows of a tile. */
export const TILE_ROWS = 4;

const each = (line: (r: number) => string): string => Array.from({ length: TILE_ROWS }, (_, r) => line(r)).join('\n');

/** Four steps along K: a 4 x 4 block of weights, times the tile's rows of x. */
const INNER: Record<Orientation, { readonly start: string; readonly weights: string }> = {
  plain: {
    start: 'var at = u.w + s * u.kLength * u.stride + column;',
    weights: /* wgsl */ `
      let w0 = weight(at); let w1 = weight(at + u.stride); let w2 = weight(at + 2u * u.stride); let w3 = weight(at + 3u * u.stride);
      at += 4u * u.stride;`,
  },
  transposed: {
    // Columns that do not exist repeat the last one; they are not kept.
    start: 'var lines = (column + min(vec4u(0u, 1u, 2u, 3u), vec4u(left - 1u))) * u.stride + u.w + s * u.kLength;',
    weights: /* wgsl */ `
      let w0 = weight(lines.x); let w1 = weight(lines.y); let w2 = weight(lines.z); let w3 = weight(lines.w);
      lines += 4u;`,
  },
};

/** `tile` computes the i-th four rows at vec4 n of the columns and hands each vec4 to `store`. */
const tileCode = (orientation: Orientation): string => /* wgsl */ `
fn tile(i: u32, n: u32) {
  let row = ${TILE_ROWS}u * i;
  if (row >= u.rows) { return; }
  let across = u.kSegments * u.kVectors;
  // Rows beyond the end repeat the last one; they are not stored.
  ${each((r) => `let p${r} = u.x + min(row + ${r}u, u.rows - 1u) * across;`)}
  let inside = n % u.nVectors;
  let column = (n / u.nVectors) * u.nLength + 4u * inside;
  let left = u.nLength - 4u * inside;
  ${each((r) => `var y${r} = vec4f();`)}
  var k = 0u;
  for (var s = 0u; s < u.kSegments; s++) {
    ${INNER[orientation].start}
    for (var d = 0u; d < u.kVectors; d++) {
      ${each((r) => `let x${r} = arena[p${r} + k];`)}
      k++;${INNER[orientation].weights}
      ${each((r) => MULTIPLY[orientation](`y${r}`, `x${r}`))}
    }
  }
  ${each((r) => `if (row + ${r}u < u.rows) { store(row + ${r}u, n, column, left, y${r}); }`)}
}
`;

/** One tile per thread. */
const freeMain = /* wgsl */ `${MAIN} {
  let thread = threadOf(group, lane);
  tile(thread / u.nTotal, thread % u.nTotal);
}`;

/** Groups that own whole rows: all lanes do `before`, then the rows' tiles, then `after`. */
const rowMain = (before: string, after: string): string => /* wgsl */ `${MAIN} {
  let first = groupOf(group) * u.groupRows;
  ${before}
  for (var i = lane; i < u.groupRows / ${TILE_ROWS}u * u.nTotal; i += ${LANES}u) {
    tile(first / ${TILE_ROWS}u + i / u.nTotal, i % u.nTotal);
  }
  ${after}
}`;

/** Rows of a group that owns whole ones: enough to give every thread a tile, at most one row for each thread. */
const groupRowsOf = ({ n }: Product): number =>
  TILE_ROWS * Math.max(1, Math.min(Math.floor(LANES / vectorsOf(n)), Math.floor(LANES / TILE_ROWS)));

/** `store` of a tile's vec4s: what is written of `sum`, with statements before and after. */
export const STORE = (value: string, before = '', after = ''): string => /* wgsl */ `
fn store(row: u32, n: u32, column: u32, left: u32, sum: vec4f) {
  let to = row * u.nTotal + n;
  ${before}
  arena[u.y + to] = select(vec4f(), ${value}, present(left));
  ${after}
}`;

/**
 * Writes the first operand's rows of a group before its product: vec4 `i` of `row`.
 * @param value of one, in those two
 */
export const fillRows = (value: string): string => /* wgsl */ `
  for (var at = lane; at < u.groupRows * u.kVectors; at += ${LANES}u) {
    let row = first + at / u.kVectors;
    let i = at % u.kVectors;
    if (row < u.rows) { arena[u.x + row * u.kVectors + i] = ${value}; }
  }
  storageBarrier();`;

/** The code that computes tiles, its entry points, and the workgroups that they take. */
export interface Tiling {
  readonly scheme: Scheme;
  code(orientation: Orientation): string;
  /** Tiles in any order. */
  readonly free: string;
  /** Whole rows belong to a workgroup, which runs these statements before and after their tiles. */
  rows(before: string, after: string): string;
  /** Once all tiles are there: a function of a row, or in workgroup memory its like with `Shared`, of the first of several. */
  eachRow(name: string): string;
  freeGroups(product: Product): number;
  groupRows(product: Product): number;
}

const REGISTERS: Tiling = {
  scheme: 'registers',
  code: tileCode,
  free: freeMain,
  rows: rowMain,
  eachRow: (name) => `storageBarrier();\n  if (lane < u.groupRows && first + lane < u.rows) { ${name}(first + lane); }`,
  freeGroups: ({ rows, n }) => Math.ceil((Math.ceil(rows / TILE_ROWS) * vectorsOf(n)) / LANES),
  groupRows: groupRowsOf,
};

/** Reads vec4s of whole axes only. */
const staged = (scheme: Exclude<Scheme, 'registers'>): Tiling => ({
  scheme,
  code: stagedCode,
  free: stagedMain,
  rows: stagedRowMain,
  eachRow: (name) => `storageBarrier();\n  ${name}Shared(first, lane);`,
  freeGroups: ({ rows, n }) => stagedGroups(rows, n.vectors),
  groupRows: () => SHARED_ROWS,
});

/** The tiling of a scheme. Weights that lie anyhow are not staged. */
export const tilingOf = (scheme: Scheme, element: Element): Tiling =>
  scheme === 'registers' || !element.startsWith('vec4') ? REGISTERS : staged(scheme);

/** A product's code. Its fields are those of the product and `fields`. */
export interface ProductCode<F extends string> {
  readonly name: string;
  readonly orientation: Orientation;
  readonly fields: readonly F[];
  /** `store` and what else the entry point needs. */
  readonly code: string;
  readonly main: string;
  readonly extras?: readonly Access[];
}

/** A product as a shader. */
export const productShader = <F extends string>(
  tiling: Tiling,
  element: Element,
  { name, orientation, fields, code, main, extras = [] }: ProductCode<F>,
): Shader<ProductField | F> => ({
  name: `${name}-${tiling.scheme}${elementSuffix(element)}`,
  fields: [...PRODUCT_FIELDS, ...fields],
  extras,
  code: `${tiling.scheme === 'subgroup' ? 'enable subgroups;\n' : ''}${common(element)}${code}${tiling.code(orientation)}${main}`,
});

/** Fields of a product whose workgroups own whole rows of `n`. */
export const rowFields = (tiling: Tiling, product: Product) => ({
  groupRows: tiling.groupRows(product),
  width: product.n.length,
  vectors: product.n.vectors,
});

/** Workgroups of such a product. */
export const rowGroups = (tiling: Tiling, product: Product): number => Math.ceil(product.rows / tiling.groupRows(product));

/** Numbers in a line of a weight whose lines are along this axis. */
export const lineOf = (axis: Axis): number => axis.segments * axis.length;
