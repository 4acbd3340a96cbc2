/**
 * Matrix products of activations and weights, with what comes after them in the same dispatch. A thread computes a tile in
 * registers. In one scheme it reads its operands straight from memory, in the other the workgroup stages them together.
 */
import type { Axis } from '../model';
import { vectorsOf } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, MAIN, MULTIPLY, type Orientation } from './common';
import { NORM_BACK_FIELDS, NORM_FIELDS, normBackwardOf, normForwardOf, SHARED_ROWS } from './norm';
import type { Scheme } from './scheme';
import { stagedCode, stagedGroups, stagedMain, stagedRowMain } from './staged';

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

/** What one thread computes: so many rows of so many neighbouring vec4s of columns. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}

/**
 * Four rows by one vec4. On software adapters larger tiles gain a tenth at most and take several times as long to compile;
 * where matrices are large, a graphics card may prefer them.
 */
export const SMALL_TILE: Tile = { rows: 4, vectors: 1 };

/** The lines of code for every index below a count. */
const each = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Four steps along K for one vec4 of columns, `c`: its 4 x 4 block of weights, times the tile's rows of x. */
const INNER: Record<Orientation, { start(c: number): string; block(c: number, rows: number): string }> = {
  plain: {
    start: (c) => `var at${c} = u.w + s * u.kLength * u.stride + column${c};`,
    block: (c, rows) => /* wgsl */ `
      {
        let w0 = weight(at${c}); let w1 = weight(at${c} + u.stride);
        let w2 = weight(at${c} + 2u * u.stride); let w3 = weight(at${c} + 3u * u.stride);
        at${c} += 4u * u.stride;
        ${each(rows, (r) => MULTIPLY.plain(`y${r}${c}`, `x${r}`))}
      }`,
  },
  transposed: {
    // Columns that do not exist repeat the last one; they are not kept.
    start: (c) => /* wgsl */ `
    var lines${c} = (column${c} + min(vec4u(0u, 1u, 2u, 3u), vec4u(left${c} - 1u))) * u.stride + u.w + s * u.kLength;`,
    block: (c, rows) => /* wgsl */ `
      {
        let w0 = weight(lines${c}.x); let w1 = weight(lines${c}.y); let w2 = weight(lines${c}.z); let w3 = weight(lines${c}.w);
        lines${c} += 4u;
        ${each(rows, (r) => MULTIPLY.transposed(`y${r}${c}`, `x${r}`))}
      }`,
  },
};

/** \`tile\` computes the i-th run of rows at the j-th run of vec4s and hands each vec4 to \`store\`. */
const tileCode = (orientation: Orientation, { rows, vectors }: Tile): string => /* wgsl */ `
fn tile(i: u32, j: u32) {
  let row = ${rows}u * i;
  if (row >= u.rows) { return; }
  let across = u.kSegments * u.kVectors;
  // Rows and vec4s beyond the end repeat the last one; they are not stored.
  ${each(rows, (r) => `let p${r} = u.x + min(row + ${r}u, u.rows - 1u) * across;`)}
  ${each(
    vectors,
    (c) => /* wgsl */ `
  let n${c} = min(${vectors}u * j + ${c}u, u.nTotal - 1u);
  let inside${c} = n${c} % u.nVectors;
  let column${c} = (n${c} / u.nVectors) * u.nLength + 4u * inside${c};
  let left${c} = u.nLength - 4u * inside${c};`,
  )}
  ${each(rows * vectors, (i) => `var y${Math.floor(i / vectors)}${i % vectors} = vec4f();`)}
  var k = 0u;
  for (var s = 0u; s < u.kSegments; s++) {
    ${each(vectors, INNER[orientation].start)}
    for (var d = 0u; d < u.kVectors; d++) {
      ${each(rows, (r) => `let x${r} = arena[p${r} + k];`)}
      k++;
      ${each(vectors, (c) => INNER[orientation].block(c, rows))}
    }
  }
  ${each(rows * vectors, (i) => {
    const [r, c] = [Math.floor(i / vectors), i % vectors];
    return `if (row + ${r}u < u.rows && ${vectors}u * j + ${c}u < u.nTotal) { store(row + ${r}u, n${c}, column${c}, left${c}, y${r}${c}); }`;
  })}
}
`;

/** One tile per thread. */
export const freeMain = ({ vectors }: Tile): string => /* wgsl */ `${MAIN} {
  let thread = threadOf(group, lane);
  let tiles = (u.nTotal + ${vectors - 1}u) / ${vectors}u;
  tile(thread / tiles, thread % tiles);
}`;

/** Groups that own whole rows, so that LayerNorm can follow once all of the group's tiles are there. */
const rowMain = ({ rows, vectors }: Tile, then: string): string => /* wgsl */ `${MAIN} {
  let first = groupOf(group) * u.groupRows;
  let tiles = (u.nTotal + ${vectors - 1}u) / ${vectors}u;
  for (var i = lane; i < u.groupRows / ${rows}u * tiles; i += ${LANES}u) {
    tile(first / ${rows}u + i / tiles, i % tiles);
  }
  storageBarrier();
  if (lane < u.groupRows && first + lane < u.rows) { ${then}(first + lane); }
}`;

/** Tiles beside each other in a row. */
const tilesAcross = (n: Axis, { vectors }: Tile): number => Math.ceil(vectorsOf(n) / vectors);

/** Rows of a group that owns whole ones: enough to give every thread a tile, at most one row for each thread. */
export const groupRowsOf = (n: Axis, tile: Tile): number =>
  tile.rows * Math.max(1, Math.min(Math.floor(LANES / tilesAcross(n, tile)), Math.floor(LANES / tile.rows)));

export const freeGroups = ({ rows, n }: Product, tile: Tile): number =>
  Math.ceil((Math.ceil(rows / tile.rows) * tilesAcross(n, tile)) / LANES);

export const STORE = (value: string, before = '', after = ''): string => /* wgsl */ `
fn store(row: u32, n: u32, column: u32, left: u32, sum: vec4f) {
  let to = row * u.nTotal + n;
  ${before}
  arena[u.y + to] = select(vec4f(), ${value}, present(left));
  ${after}
}`;

// Beyond 15 tanh is 1 in f32, and larger arguments overflow inside it.
export const GELU = /* wgsl */ `
fn bend(x: vec4f) -> vec4f { return tanh(clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), vec4f(-15.0), vec4f(15.0))); }
`;

/** What the code of a product depends on. */
interface Variant {
  readonly aligned: boolean;
  readonly tile: Tile;
}

/** The code that computes tiles, its entry points, and the workgroups that they take. */
interface Tiling {
  readonly suffix: string;
  code(orientation: Orientation): string;
  /** Tiles in any order */
  readonly free: string;
  /** Whole rows belong to a workgroup, and `then` comes after them. */
  rows(then: string): string;
  freeGroups(product: Product): number;
  groupRows(product: Product): number;
}

const inRegisters = (tile: Tile): Tiling => ({
  suffix: `${tile.rows}x${tile.vectors}`,
  code: (orientation) => tileCode(orientation, tile),
  free: freeMain(tile),
  rows: (then) => rowMain(tile, then),
  freeGroups: (product) => freeGroups(product, tile),
  groupRows: ({ n }) => groupRowsOf(n, tile),
});

/** Reads vec4s of whole, aligned axes only. */
const STAGED: Tiling = {
  suffix: 'staged',
  code: stagedCode,
  free: stagedMain,
  rows: (then) => stagedRowMain(`${then}Shared`),
  freeGroups: ({ rows, n }) => stagedGroups(rows, n.vectors),
  groupRows: () => SHARED_ROWS,
};

export function shader<F extends string>(
  name: string,
  { aligned, tile }: Variant,
  orientation: Orientation,
  fields: readonly F[],
  store: string,
  main: string,
): Shader<ProductField | F> {
  return tiled(name, aligned, inRegisters(tile), orientation, fields, store, main);
}

function tiled<F extends string>(
  name: string,
  aligned: boolean,
  tiling: Tiling,
  orientation: Orientation,
  fields: readonly F[],
  store: string,
  main: string,
): Shader<ProductField | F> {
  return {
    name: `${name}-${tiling.suffix}${aligned ? '' : '-unaligned'}`,
    fields: [...PRODUCT_FIELDS, ...fields],
    extras: [],
    code: `${common(aligned)}${store}${tiling.code(orientation)}${main}`,
  };
}

type NormField = (typeof NORM_FIELDS)[number];
type NormBackField = (typeof NORM_BACK_FIELDS)[number];
/** What LayerNorm needs besides the axis, which it shares with the product. */
export type NormAt = Readonly<Record<Exclude<NormField, 'width' | 'vectors'>, number>>;
export type NormBackAt = Readonly<Record<Exclude<NormBackField, 'width' | 'vectors' | 'gradNormed'>, number>>;

/**
 * The products of a model.
 * @param variant whether weights are aligned, see `Axes.aligned`, and the tile of a thread
 * @param wanted how threads work; weights that are not aligned are not staged
 */
export function products({ aligned, tile }: Variant, wanted: Scheme) {
  const scheme = aligned ? wanted : 'registers';
  const tiling = scheme === 'workgroup' ? STAGED : inRegisters(tile);
  const shader = <F extends string>(name: string, orientation: Orientation, fields: readonly F[], store: string, main: string) =>
    tiled(name, aligned, tiling, orientation, fields, store, main);
  const biased = shader('biased', 'plain', ['c'], STORE('sum + weight(u.c + column)'), tiling.free);
  const gelu = shader(
    'gelu',
    'plain',
    ['c', 'z'],
    `${GELU}${STORE('x', 'let x = sum + weight(u.c + column);', 'arena[u.z + to] = select(vec4f(), 0.5 * x * (1.0 + bend(x)), present(left));')}`,
    tiling.free,
  );
  const residual = shader(
    'residual',
    'plain',
    ['c', 'z', 'groupRows', ...NORM_FIELDS],
    `${normForwardOf(scheme)}${STORE('sum + weight(u.c + column) + arena[u.z + to]')}`,
    tiling.rows('normRow'),
  );
  const transposed = shader('transposed', 'transposed', [], STORE('sum'), tiling.free);
  const geluBack = shader(
    'gelu-back',
    'transposed',
    ['z'],
    `${GELU}${STORE(
      'sum * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * x * x))',
      'let x = arena[u.z + to]; let t = bend(x);',
    )}`,
    tiling.free,
  );
  const normBack = (orientation: Orientation) =>
    shader(
      `norm-back-${orientation}`,
      orientation,
      ['groupRows', ...NORM_BACK_FIELDS],
      `${normBackwardOf(scheme)}${STORE('sum')}`,
      tiling.rows('normRowBack'),
    );
  const headBack = normBack('plain');
  const blockBack = normBack('transposed');
  const byRows = (product: Product) => ({
    groupRows: tiling.groupRows(product),
    width: product.n.length,
    vectors: product.n.vectors,
  });
  const rowGroups = (product: Product): number => Math.ceil(product.rows / tiling.groupRows(product));
  const wide = (axis: Axis): number => axis.segments * axis.length;
  return {
    /** y = x W + c */
    biased: (p: Product, c: number): Step => step(biased, tiling.freeGroups(p), { ...productFields(p, wide(p.n)), c }),
    /** y = x W + c, z = gelu_new(y) = y/2 (1 + tanh(sqrt(2/pi) (y + .044715 y^3))) */
    gelu: (p: Product, c: number, z: number): Step => step(gelu, tiling.freeGroups(p), { ...productFields(p, wide(p.n)), c, z }),
    /** y = x W + c + z, and LayerNorm of y */
    residual: (p: Product, c: number, z: number, norm: NormAt): Step =>
      step(residual, rowGroups(p), { ...productFields(p, wide(p.n)), c, z, ...norm, ...byRows(p) }),
    /** y = x W^T */
    transposed: (p: Product): Step => step(transposed, tiling.freeGroups(p), productFields(p, wide(p.k))),
    /** y = x W^T gelu_new'(z) */
    geluBack: (p: Product, z: number): Step => step(geluBack, tiling.freeGroups(p), { ...productFields(p, wide(p.k)), z }),
    /** y = x W, and from y, the gradient of a LayerNorm's output, to the gradient of its input */
    headBack: (p: Product, norm: NormBackAt): Step =>
      step(headBack, rowGroups(p), { ...productFields(p, wide(p.n)), ...norm, gradNormed: p.y, ...byRows(p) }),
    /** The same with y = x W^T */
    blockBack: (p: Product, norm: NormBackAt): Step =>
      step(blockBack, rowGroups(p), { ...productFields(p, wide(p.k)), ...norm, gradNormed: p.y, ...byRows(p) }),
  };
}

export type Products = ReturnType<typeof products>;
