/** Causal attention, one thread for each row, head and position. No [T, T] matrix is ever written. */
import { LANES, type Shader, type Step, step } from '../plan';
import { common, LOWEST, MAIN } from './common';

const FIELDS = ['rows', 'length', 'heads', 'headSize', 'qkv', 'scores', 'mixed'] as const;
const BACK_FIELDS = [...FIELDS, 'gradMixed', 'gradQkv'] as const;

/** Offsets in the arena and sizes. */
export type AttentionAt = Readonly<Record<Exclude<(typeof FIELDS)[number], 'heads' | 'headSize'>, number>>;
export type AttentionBackAt = AttentionAt & { readonly gradMixed: number; readonly gradQkv: number };

/** vec4s of a head up to which code is written out for each of them. */
const WRITTEN_OUT = 8;

/**
 * Statements over the vec4s of heads that are held in variables. Written out, each vec4 is a variable of its own: software
 * adapters are several times slower where an index is a variable. Large heads stay arrays, or compiling would take minutes.
 */
export function headCode(vectors: number) {
  const written = vectors <= WRITTEN_OUT;
  /** A statement for every vec4: `x` names the vec4 of a head, `i` is its index. */
  const each = (line: (x: (head: string) => string, i: string) => string): string =>
    written
      ? Array.from({ length: vectors }, (_, i) => line((head) => `${head}_${i}`, `${i}u`)).join(' ')
      : `for (var i = 0u; i < ${vectors}u; i++) { ${line((head) => `${head}_[i]`, 'i')} }`;
  /** A head of zeros. */
  const zero = (head: string): string => (written ? each((x) => `var ${x(head)} = vec4f();`) : `var ${head}_: array<vec4f, ${vectors}>;`);
  return {
    each,
    zero,
    /** A head out of the arena. */
    load: (head: string, at: string): string =>
      `let ${head}_at = ${at}; ${zero(head)} ${each((x, i) => `${x(head)} = arena[${head}_at + ${i}];`)}`,
    /** A head into the arena. */
    store: (at: string, head: string, scale = ''): string =>
      `let ${head}_to = ${at}; ${each((x, i) => `arena[${head}_to + ${i}] = ${x(head)}${scale};`)}`,
    /** The inner product of two heads as `name`. */
    inner: (name: string, a: string, b: string): string =>
      `var ${name}_sum = vec4f(); ${each((x) => `${name}_sum += ${x(a)} * ${x(b)};`)} let ${name} = sum4(${name}_sum);`,
  };
}

export const helpers = (vectors: number): string => /* wgsl */ `
// Query (0), key (1) or value (2) of a token in [M, 3, H, ${vectors}] from \`base\` on.
fn part(base: u32, token: u32, which: u32, head: u32) -> u32 { return base + ((token * 3u + which) * u.heads + head) * ${vectors}u; }
fn mix(base: u32, token: u32, head: u32) -> u32 { return base + (token * u.heads + head) * ${vectors}u; }
`;

const UNPACK = /* wgsl */ `
  let thread = threadOf(group, lane);
  if (thread >= u.rows * u.heads * u.length) { return; }
  let place = thread % u.length;
  let head = (thread / u.length) % u.heads;
  let first = thread / (u.length * u.heads) * u.length;
  let token = first + place;`;

/**
 * `attend` mixes the values of the tokens first, first + stride, ... up to the one at `place`, which asks, into `to`: softmax
 * by a running maximum and sum. It answers the log-sum-exp of the scores, for the way back.
 */
function attendCode(vectors: number): string {
  const { each, zero, load, store, inner } = headCode(vectors);
  return /* wgsl */ `
fn attend(first: u32, stride: u32, place: u32, head: u32, to: u32) -> f32 {
  let scale = 1.0 / sqrt(f32(u.headSize));
  ${load('q', 'part(u.qkv, first + place * stride, 0u, head)')}
  ${zero('mixed')}
  var highest = ${LOWEST};
  var total = 0.0;
  for (var s = 0u; s <= place; s++) {
    ${load('k', 'part(u.qkv, first + s * stride, 1u, head)')}
    ${load('v', 'part(u.qkv, first + s * stride, 2u, head)')}
    ${inner('product', 'q', 'k')}
    let next = max(highest, product * scale);
    let fade = exp(highest - next);
    let p = exp(product * scale - next);
    total = total * fade + p;
    ${each((x) => `${x('mixed')} = ${x('mixed')} * fade + p * ${x('v')};`)}
    highest = next;
  }
  ${store('to', 'mixed', ' / total')}
  return highest + log(total);
}`;
}

const forwardCode = (vectors: number): string => /* wgsl */ `${common()}${helpers(vectors)}${attendCode(vectors)}
${MAIN} {${UNPACK}
  let level = attend(first, 1u, place, head, mix(u.mixed, token, head));
  arena[u.scores + token * u.heads + head] = vec4f(level, 0.0, 0.0, 0.0);
}`;

/**
 * A thread takes its position once as a query and once as a key, which gives every thread the same T + 1 pairs. With
 * p = softmax(q k^T scale) and o = p v: dp = do v^T, ds = p (dp - do.o), dq = scale ds k, dk = scale ds^T q, dv = p^T do.
 */
function backwardCode(vectors: number): string {
  const { each, zero, load, store, inner } = headCode(vectors);
  return /* wgsl */ `${common()}${helpers(vectors)}
fn asQuery(first: u32, place: u32, head: u32, scale: f32) {
  let token = first + place;
  ${load('q', 'part(u.qkv, token, 0u, head)')}
  ${load('up', 'mix(u.gradMixed, token, head)')}
  ${load('o', 'mix(u.mixed, token, head)')}
  ${zero('dq')}
  let level = arena[u.scores + token * u.heads + head].x;
  ${inner('through', 'up', 'o')}
  for (var s = 0u; s <= place; s++) {
    ${load('k', 'part(u.qkv, first + s, 1u, head)')}
    ${load('v', 'part(u.qkv, first + s, 2u, head)')}
    ${inner('product', 'q', 'k')}
    ${inner('dp', 'up', 'v')}
    let ds = exp(product * scale - level) * (dp - through) * scale;
    ${each((x) => `${x('dq')} += ds * ${x('k')};`)}
  }
  ${store('part(u.gradQkv, token, 0u, head)', 'dq')}
}

fn asKey(first: u32, place: u32, head: u32, scale: f32) {
  ${load('k', 'part(u.qkv, first + place, 1u, head)')}
  ${load('v', 'part(u.qkv, first + place, 2u, head)')}
  ${zero('dk')}
  ${zero('dv')}
  for (var s = place; s < u.length; s++) {
    ${load('q', 'part(u.qkv, first + s, 0u, head)')}
    ${load('up', 'mix(u.gradMixed, first + s, head)')}
    ${load('o', 'mix(u.mixed, first + s, head)')}
    ${inner('product', 'q', 'k')}
    ${inner('dp', 'up', 'v')}
    ${inner('through', 'up', 'o')}
    let p = exp(product * scale - arena[u.scores + (first + s) * u.heads + head].x);
    let ds = p * (dp - through) * scale;
    ${each((x) => `${x('dv')} += p * ${x('up')}; ${x('dk')} += ds * ${x('q')};`)}
  }
  ${store('part(u.gradQkv, first + place, 1u, head)', 'dk')}
  ${store('part(u.gradQkv, first + place, 2u, head)', 'dv')}
}

${MAIN} {${UNPACK}
  let scale = 1.0 / sqrt(f32(u.headSize));
  asQuery(first, place, head, scale);
  asKey(first, place, head, scale);
}`;
}

/**
 * Attention of heads of one size. The number of vec4s of a head is baked in, so that a head lies in registers.
 * @param vectors vec4s of a head
 */
export function attention(heads: number, headSize: number, vectors: number) {
  const forward: Shader<(typeof FIELDS)[number]> = { name: `attention-${vectors}`, fields: FIELDS, extras: [], code: forwardCode(vectors) };
  const backward: Shader<(typeof BACK_FIELDS)[number]> = {
    name: `attention-back-${vectors}`,
    fields: BACK_FIELDS,
    extras: [],
    code: backwardCode(vectors),
  };
  const groups = ({ rows, length }: AttentionAt): number => Math.ceil((rows * length * heads) / LANES);
  return {
    /** softmax(q k^T / sqrt(D), causal) v */
    forward: (at: AttentionAt): Step => step(forward, groups(at), { ...at, heads, headSize }),
    /** From the gradient of the mixed values to that of queries, keys and values. */
    backward: (at: AttentionBackAt): Step => step(backward, groups(at), { ...at, heads, headSize }),
  };
}

export type Attention = ReturnType<typeof attention>;
