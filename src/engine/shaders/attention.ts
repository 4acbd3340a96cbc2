/** Causal attention, one thread for each row, head and position. No [T, T] matrix is ever written. */
import { LANES, type Shader, type Step, step } from '../plan';
import { common, LOWEST, MAIN } from './common';

const FIELDS = ['rows', 'length', 'heads', 'headSize', 'qkv', 'scores', 'mixed'] as const;
const BACK_FIELDS = [...FIELDS, 'gradMixed', 'gradQkv'] as const;

const STEP_FIELDS = ['rows', 'place', 'heads', 'headSize', 'qkv', 'mixed'] as const;

/** Offsets in the arena and sizes. */
export type AttentionAt = Readonly<Record<Exclude<(typeof FIELDS)[number], 'heads' | 'headSize'>, number>>;
export type AttentionBackAt = AttentionAt & { readonly gradMixed: number; readonly gradQkv: number };

const helpers = (vectors: number): string => /* wgsl */ `
alias Head = array<vec4f, ${vectors}>;
// Query (0), key (1) or value (2) of a token in [M, 3, H, ${vectors}] from \`base\` on.
fn part(base: u32, token: u32, which: u32, head: u32) -> u32 { return base + ((token * 3u + which) * u.heads + head) * ${vectors}u; }
fn mix(base: u32, token: u32, head: u32) -> u32 { return base + (token * u.heads + head) * ${vectors}u; }
fn load(at: u32) -> Head {
  var head: Head;
  for (var i = 0u; i < ${vectors}u; i++) { head[i] = arena[at + i]; }
  return head;
}
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
const attendCode = (vectors: number): string => /* wgsl */ `
fn attend(first: u32, stride: u32, place: u32, head: u32, to: u32) -> f32 {
  let scale = 1.0 / sqrt(f32(u.headSize));
  let q = load(part(u.qkv, first + place * stride, 0u, head));
  var sum: Head;
  var highest = ${LOWEST};
  var total = 0.0;
  for (var s = 0u; s <= place; s++) {
    let key = part(u.qkv, first + s * stride, 1u, head);
    let value = part(u.qkv, first + s * stride, 2u, head);
    var products = vec4f();
    for (var i = 0u; i < ${vectors}u; i++) { products += q[i] * arena[key + i]; }
    let score = sum4(products) * scale;
    let next = max(highest, score);
    let fade = exp(highest - next);
    let p = exp(score - next);
    total = total * fade + p;
    for (var i = 0u; i < ${vectors}u; i++) { sum[i] = sum[i] * fade + p * arena[value + i]; }
    highest = next;
  }
  for (var i = 0u; i < ${vectors}u; i++) { arena[to + i] = sum[i] / total; }
  return highest + log(total);
}`;

const forwardCode = (vectors: number): string => /* wgsl */ `${common(true)}${helpers(vectors)}${attendCode(vectors)}
${MAIN} {${UNPACK}
  let level = attend(first, 1u, place, head, mix(u.mixed, token, head));
  arena[u.scores + token * u.heads + head] = vec4f(level, 0.0, 0.0, 0.0);
}`;

/** One position of every row: the tokens so far lie as [position, row]. */
const stepCode = (vectors: number): string => /* wgsl */ `${common(true)}${helpers(vectors)}${attendCode(vectors)}
${MAIN} {
  let thread = threadOf(group, lane);
  if (thread >= u.rows * u.heads) { return; }
  let row = thread / u.heads;
  let head = thread % u.heads;
  _ = attend(row, u.rows, u.place, head, mix(u.mixed, row, head));
}`;

/**
 * A thread takes its position once as a query and once as a key, which gives every thread the same T + 1 pairs. With
 * p = softmax(q k^T scale) and o = p v: dp = do v^T, ds = p (dp - do.o), dq = scale ds k, dk = scale ds^T q, dv = p^T do.
 */
const backwardCode = (vectors: number): string => /* wgsl */ `${common(true)}${helpers(vectors)}
fn along(a: u32, b: u32) -> f32 {
  var products = vec4f();
  for (var i = 0u; i < ${vectors}u; i++) { products += arena[a + i] * arena[b + i]; }
  return sum4(products);
}
${MAIN} {${UNPACK}
  let scale = 1.0 / sqrt(f32(u.headSize));
  let q = load(part(u.qkv, token, 0u, head));
  let up = load(mix(u.gradMixed, token, head));
  let level = arena[u.scores + token * u.heads + head].x;
  let through = along(mix(u.gradMixed, token, head), mix(u.mixed, token, head));
  var dq: Head;
  for (var s = 0u; s <= place; s++) {
    let key = part(u.qkv, first + s, 1u, head);
    let value = part(u.qkv, first + s, 2u, head);
    var products = vec4f();
    var rises = vec4f();
    for (var i = 0u; i < ${vectors}u; i++) { products += q[i] * arena[key + i]; rises += up[i] * arena[value + i]; }
    let ds = exp(sum4(products) * scale - level) * (sum4(rises) - through) * scale;
    for (var i = 0u; i < ${vectors}u; i++) { dq[i] += ds * arena[key + i]; }
  }
  let k = load(part(u.qkv, token, 1u, head));
  let v = load(part(u.qkv, token, 2u, head));
  var dk: Head;
  var dv: Head;
  for (var s = place; s < u.length; s++) {
    let query = part(u.qkv, first + s, 0u, head);
    let above = mix(u.gradMixed, first + s, head);
    var products = vec4f();
    var rises = vec4f();
    for (var i = 0u; i < ${vectors}u; i++) { products += k[i] * arena[query + i]; rises += v[i] * arena[above + i]; }
    let p = exp(sum4(products) * scale - arena[u.scores + (first + s) * u.heads + head].x);
    let ds = p * (sum4(rises) - along(above, mix(u.mixed, first + s, head))) * scale;
    for (var i = 0u; i < ${vectors}u; i++) { dv[i] += p * arena[above + i]; dk[i] += ds * arena[query + i]; }
  }
  for (var i = 0u; i < ${vectors}u; i++) {
    arena[part(u.gradQkv, token, 0u, head) + i] = dq[i];
    arena[part(u.gradQkv, token, 1u, head) + i] = dk[i];
    arena[part(u.gradQkv, token, 2u, head) + i] = dv[i];
  }
}`;

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
  const single: Shader<(typeof STEP_FIELDS)[number]> = {
    name: `attention-step-${vectors}`,
    fields: STEP_FIELDS,
    extras: [],
    code: stepCode(vectors),
  };
  const groups = ({ rows, length }: AttentionAt): number => Math.ceil((rows * length * heads) / LANES);
  return {
    /** softmax(q k^T / sqrt(D), causal) v */
    forward: (at: AttentionAt): Step => step(forward, groups(at), { ...at, heads, headSize }),
    /** The same for one position of every row, over keys and values [T, R, 3, H, D] of the positions so far. */
    single: (at: { readonly rows: number; readonly place: number; readonly qkv: number; readonly mixed: number }): Step =>
      step(single, Math.ceil((at.rows * heads) / LANES), { ...at, heads, headSize }),
    /** From the gradient of the mixed values to that of queries, keys and values. */
    backward: (at: AttentionBackAt): Step => step(backward, groups(at), { ...at, heads, headSize }),
  };
}

export type Attention = ReturnType<typeof attention>;
