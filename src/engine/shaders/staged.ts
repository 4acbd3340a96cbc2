/**
 * Matrix products whose operands a workgroup stages together: a block of 16 rows by 16 vec4s of columns, a tile of four rows
 * by one vec4 for each lane. Every number that is read from memory serves the whole block.
 */
import { LANES } from '../plan';
import { MAIN, MULTIPLY, type Orientation } from './common';
import { SHARED_ROWS } from './norm';

/** Rows of a tile, and vec4s of columns of a block. */
const TILE_ROWS = 4;
const ACROSS = (LANES * TILE_ROWS) / SHARED_ROWS;
/** vec4s along K that are staged at a time. */
const DEPTH = LANES / SHARED_ROWS;

const each = (line: (i: number) => string, count = TILE_ROWS): string => Array.from({ length: count }, (_, i) => line(i)).join(' ');

/** Stages four weights of line or column `l` of those that the block needs. Beyond the end they repeat the last; they are not kept. */
const STAGE: Record<Orientation, string> = {
  plain: /* wgsl */ `
      let deep = k + l / ${4 * ACROSS}u;
      let n = min(base + l % ${ACROSS}u, u.nTotal - 1u);
      if (deep < u.kVectors) { weights[l] = weight(u.w + (4u * k + l / ${ACROSS}u) * u.stride + 4u * n); }`,
  transposed: /* wgsl */ `
      let deep = k + l / ${4 * ACROSS}u;
      let line = min(4u * (base + l % ${ACROSS}u) + l / ${ACROSS}u % 4u, u.nLength - 1u);
      if (deep < u.kVectors) { weights[l] = weight(u.w + line * u.stride + 4u * deep); }`,
};

/** `block` computes 16 rows at vec4s `base` to `base` + 15 and hands each vec4 to `store`. */
export const stagedCode = (orientation: Orientation): string => /* wgsl */ `
var<workgroup> inputs: array<vec4f, ${SHARED_ROWS * DEPTH}>;
// [vec4 along K, line of it, vec4 of columns]
var<workgroup> weights: array<vec4f, ${4 * DEPTH * ACROSS}>;

fn block(first: u32, base: u32, lane: u32) {
  let row = first + ${TILE_ROWS}u * (lane / ${ACROSS}u);
  let n = base + lane % ${ACROSS}u;
  let source = u.x + min(first + lane / ${DEPTH}u, u.rows - 1u) * u.kVectors;
  ${each((r) => `var y${r} = vec4f();`)}
  for (var k = 0u; k < u.kVectors; k += ${DEPTH}u) {
    if (k + lane % ${DEPTH}u < u.kVectors) { inputs[lane] = arena[source + k + lane % ${DEPTH}u]; }
    for (var l = lane; l < ${4 * DEPTH * ACROSS}u; l += ${LANES}u) {${STAGE[orientation]}
    }
    workgroupBarrier();
    for (var d = 0u; d < min(${DEPTH}u, u.kVectors - k); d++) {
      let at = 4u * d * ${ACROSS}u + lane % ${ACROSS}u;
      ${each((j) => `let w${j} = weights[at + ${j * ACROSS}u];`, 4)}
      ${each((r) => `let x${r} = inputs[(${TILE_ROWS}u * (lane / ${ACROSS}u) + ${r}u) * ${DEPTH}u + d];`)}
      ${each((r) => MULTIPLY[orientation](`y${r}`, `x${r}`))}
    }
    workgroupBarrier();
  }
  if (n < u.nTotal) {
    ${each((r) => `if (row + ${r}u < u.rows) { store(row + ${r}u, n, 4u * n, u.nLength - 4u * n, y${r}); }`)}
  }
}
`;

/** A block for each workgroup. */
export const stagedMain = /* wgsl */ `${MAIN} {
  let here = groupOf(group);
  let blocks = (u.nTotal + ${ACROSS - 1}u) / ${ACROSS}u;
  if (here / blocks * ${SHARED_ROWS}u >= u.rows) { return; }
  block(here / blocks * ${SHARED_ROWS}u, here % blocks * ${ACROSS}u, lane);
}`;

/** A workgroup for 16 whole rows: statements before and after their blocks. */
export const stagedRowMain = (before: string, after: string): string => /* wgsl */ `${MAIN} {
  let first = groupOf(group) * ${SHARED_ROWS}u;
  if (first >= u.rows) { return; }
  ${before}
  for (var base = 0u; base < u.nTotal; base += ${ACROSS}u) { block(first, base, lane); }
  ${after}
}`;

/** @param vectors vec4s of a row */
export const stagedGroups = (rows: number, vectors: number): number => Math.ceil(rows / SHARED_ROWS) * Math.ceil(vectors / ACROSS);
