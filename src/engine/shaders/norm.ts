/**
 * LayerNorm of whole rows of the arena, forward and backward. A row's sums have four parts, which take every fourth vec4
 * each: a thread alone adds them up one after another, four lanes together one each, to the same bits.
 */
import { LANES } from '../plan';
import type { Scheme } from './scheme';

/** Added to the variance (GPT-2's layer_norm_epsilon). */
export const EPSILON = '1e-5';
/** Parts of a row's sums. */
export const PARTS = 4;
/** Rows of a workgroup whose lanes work together. */
export const SHARED_ROWS = LANES / PARTS;

/** Where LayerNorm finds what it needs: a [M, C] row each in the arena, and gain and bias in θ. */
export const NORM_FIELDS = ['stream', 'stats', 'normed', 'gain', 'bias', 'width', 'vectors'] as const;

/** `around` is the gradient that reaches the stream beside LayerNorm; without one, `hasAround` is 0. */
export const NORM_BACK_FIELDS = ['stream', 'stats', 'gain', 'width', 'vectors', 'gradNormed', 'gradStream', 'around', 'hasAround'] as const;

/** How the code of a row runs: over all its vec4s, and to sums over them. */
interface Rows {
  readonly head: string;
  /** Runs a statement that writes, for every vec4 i. */
  each(body: string): string;
  /** Runs one that writes for the whole row. */
  once(body: string): string;
  /** Declares vec4 sums; the statement adds to them under their names. */
  sums(names: readonly string[], body: string): string;
}

const declared = (names: readonly string[]): string => names.map((name) => `var ${name} = vec4f();`).join(' ');

/** Rows of lanes together. Those beyond the end read the last row, since every lane has to meet the others, and write nothing. */
const together = (meet: (names: readonly string[]) => string): Rows => ({
  head: `Shared(first: u32, lane: u32) {
  let row = min(first + lane / ${PARTS}u, u.rows - 1u);
  let part = lane % ${PARTS}u;`,
  each: (body) => `if (first + lane / ${PARTS}u < u.rows) { for (var i = part; i < u.vectors; i += ${PARTS}u) { ${body} } }`,
  once: (body) => `if (part == 0u && first + lane / ${PARTS}u < u.rows) { ${body} }`,
  sums: (names, body) => /* wgsl */ `
  ${declared(names)}
  for (var i = part; i < u.vectors; i += ${PARTS}u) { ${body} }
  ${meet(names)}`,
});

const ROWS: Record<Scheme, Rows> = {
  registers: {
    head: '(row: u32) {',
    each: (body) => `for (var i = 0u; i < u.vectors; i++) { ${body} }`,
    once: (body) => body,
    sums: (names, body) => /* wgsl */ `
  ${declared(names)}
  for (var part = 0u; part < ${PARTS}u; part++) {
    ${names.map((name) => `let ${name}_before = ${name}; ${name} = vec4f();`).join(' ')}
    for (var i = part; i < u.vectors; i += ${PARTS}u) { ${body} }
    ${names.map((name) => `${name} = ${name}_before + ${name};`).join(' ')}
  }`,
  },
  workgroup: together(
    (names) => /* wgsl */ `
  ${names.map((name, n) => `rowSums[${n * LANES}u + lane] = ${name};`).join(' ')}
  workgroupBarrier();
  ${names.map((name) => `${name} = vec4f();`).join(' ')}
  for (var p = lane - part; p < lane - part + ${PARTS}u; p++) { ${names.map((name, n) => `${name} += rowSums[${n * LANES}u + p];`).join(' ')} }
  workgroupBarrier();`,
  ),
  // The lanes of a row are a quad wherever lanes are numbered as threads are: `engine/tune` sees to it.
  subgroup: together((names) =>
    names
      .map((name) => `${name} = vec4f() + ${Array.from({ length: PARTS }, (_, p) => `quadBroadcast(${name}, ${p}u)`).join(' + ')};`)
      .join('\n  '),
  ),
};

/** Memory in which the lanes of a row meet. */
const SHARED: Record<Scheme, string> = {
  registers: '',
  workgroup: `var<workgroup> rowSums: array<vec4f, ${2 * LANES}>;\n`,
  subgroup: '',
};

const forwardCode = ({ head, each, once, sums }: Rows): string => /* wgsl */ `
fn normRow${head}
  let x = u.stream + row * u.vectors;
  ${sums(['total'], 'total += arena[x + i];')}
  let mean = sum4(total) / f32(u.width);
  ${sums(['squares'], 'let centred = select(vec4f(), arena[x + i] - mean, present(u.width - 4u * i)); squares += centred * centred;')}
  let scale = inverseSqrt(sum4(squares) / f32(u.width) + ${EPSILON});
  ${once('arena[u.stats + row] = vec4f(mean, scale, 0.0, 0.0);')}
  ${each(/* wgsl */ `
    let value = (arena[x + i] - mean) * scale * weight(u.gain + 4u * i) + weight(u.bias + 4u * i);
    arena[u.normed + row * u.vectors + i] = select(vec4f(), value, present(u.width - 4u * i));`)}
}`;

const backwardCode = ({ head, each, sums }: Rows): string => /* wgsl */ `
fn normRowBack${head}
  let at = row * u.vectors;
  let stats = arena[u.stats + row];
  ${sums(
    ['plain', 'along'],
    /* wgsl */ `
    let scaled = arena[u.gradNormed + at + i] * weight(u.gain + 4u * i);
    plain += scaled;
    along += scaled * (arena[u.stream + at + i] - stats.x) * stats.y;`,
  )}
  let meanPlain = sum4(plain) / f32(u.width);
  let meanAlong = sum4(along) / f32(u.width);
  ${each(/* wgsl */ `
    let scaled = arena[u.gradNormed + at + i] * weight(u.gain + 4u * i);
    let unit = (arena[u.stream + at + i] - stats.x) * stats.y;
    var value = (scaled - meanPlain - unit * meanAlong) * stats.y;
    if (u.hasAround > 0u) { value += arena[u.around + at + i]; }
    arena[u.gradStream + at + i] = select(vec4f(), value, present(u.width - 4u * i));`)}
}`;

/**
 * `normRow(row)`: the row's mean and reciprocal deviation, and (x - mean) / deviation * gain + bias. Together it is
 * `normRowShared(first, lane)`, for `SHARED_ROWS` rows.
 */
export const normForwardOf = (scheme: Scheme): string => `${SHARED[scheme]}${forwardCode(ROWS[scheme])}`;

/** The same of a thread alone. */
export const normForward = normForwardOf('registers');

/** `normRowBack(row)` or `normRowBackShared(first, lane)`: from the gradient of the row's normed values to that of the stream. */
export const normBackwardOf = (scheme: Scheme): string => `${SHARED[scheme]}${backwardCode(ROWS[scheme])}`;
