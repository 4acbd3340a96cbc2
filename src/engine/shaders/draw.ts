/**
 * The two ends of sampling: prompts to vectors, and the head with the draw of the next token in one dispatch. Tokens are
 * drawn as the kernel sample-token draws them, so that both write the same text.
 */
import { EOS, PAD } from '../../core/world';
import { drawCode, KEY_FIELDS, TEAM } from '../../kernels/sample-token/draw';
import { FREE } from '../../kernels/sample-token/reference';
import type { Axis } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, type Element, elementSuffix, extras, MAIN, MULTIPLY } from './common';
import { accessOf, embedCode } from './ends';
import { NORM_FIELDS, normForward } from './norm';
import type { NormAt } from './products';

/**
 * Group 1. `forced` is [T, R], the token that a row has to take or -1. `drawn` is the result: tokens [R, T], the bits of
 * their log-probabilities and of the entropies [R, T], and whether the row has ended [R].
 */
export const BINDINGS = [
  ['forced', 'read', 'array<i32>'],
  ['drawn', 'write', 'array<i32>'],
  ['key', 'uniform', 'Key'],
] as const;

/** Words of `drawn`. */
export const drawnWords = (rows: number, length: number): number => (3 * length + 1) * rows;

/** Rows of a workgroup of the head: a team of lanes draws for each. */
const GROUP_ROWS = LANES / TEAM;

/**
 * `put` writes a position of the result; `take` chooses between the end's padding, the prompt and what was drawn, and
 * answers the token.
 */
const resultCode = /* wgsl */ `
struct Key { ${KEY_FIELDS} }
${extras(BINDINGS)}
fn put(row: u32, place: u32, token: u32, logp: f32, entropy: f32) {
  let at = row * u.length + place;
  let all = u.rows * u.length;
  drawn[at] = i32(token);
  drawn[all + at] = bitcast<i32>(logp);
  drawn[2u * all + at] = bitcast<i32>(entropy);
}

fn begin(row: u32, place: u32) -> u32 {
  let token = u32(max(forced[place * u.rows + row], 0));
  put(row, place, token, 0.0, 0.0);
  if (place == 0u) { drawn[3u * u.rows * u.length + row] = 0; }
  return token;
}

fn take(row: u32, place: u32, choice: u32, logp: f32, entropy: f32) -> u32 {
  let ahead = forced[place * u.rows + row];
  let ended = 3u * u.rows * u.length + row;
  if (ahead != ${FREE}) {
    put(row, place, u32(max(ahead, 0)), 0.0, 0.0);
    return u32(max(ahead, 0));
  }
  if (drawn[ended] == 1) {
    put(row, place, ${PAD}u, 0.0, 0.0);
    return ${PAD}u;
  }
  if (choice == ${EOS}u) { drawn[ended] = 1; }
  put(row, place, choice, logp, entropy);
  return choice;
}`;

/**
 * Log-sum-exp and entropy of the row of logits at `at`, of which a team's members take every 16th vec4 each: `addUp` takes
 * their sums and answers the highest logit, `outcomeOf` combines them behind a barrier.
 */
const outcomeCode = (lanes: number): string => /* wgsl */ `
var<workgroup> teamSums: array<vec2f, ${lanes}>;
fn addUp(lane: u32, at: u32) -> f32 {
  var highest = vec4f(-3.4e38);
  for (var i = 0u; i < u.vocabVectors; i++) { highest = select(highest, max(highest, arena[at + i]), present(u.vocab - 4u * i)); }
  let top = max(max(highest.x, highest.y), max(highest.z, highest.w));
  var totals = vec4f();
  var means = vec4f();
  for (var i = lane % ${TEAM}u; i < u.vocabVectors; i += ${TEAM}u) {
    let x = arena[at + i] - top;
    let p = select(vec4f(), exp(x), present(u.vocab - 4u * i));
    totals += p;
    means += p * x;
  }
  teamSums[lane] = vec2f(sum4(totals), sum4(means));
  return top;
}

fn outcomeOf(lane: u32, top: f32) -> vec2f {
  var sums = vec2f();
  for (var i = 0u; i < ${TEAM}u; i++) { sums += teamSums[lane - lane % ${TEAM}u + i]; }
  return vec2f(top + log(sums.x), log(sums.x) - sums.y / sums.x);
}`;

/** `logitsOf` computes vec4 j of the logits of so many rows, \`x\` of which is given per row and vec4. */
const logitsCode = (rows: number, x: (row: number) => string, to: (row: number) => string): string => {
  const each = (line: (row: number) => string): string => Array.from({ length: rows }, (_, r) => line(r)).join('\n    ');
  return /* wgsl */ `
fn logitsOf(first: u32, j: u32) {
  let column = 4u * j;
  // Tokens that do not exist repeat the last one; nothing reads them.
  var lines = u.wte + min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(u.vocab - 1u)) * u.width;
  ${each((r) => `var y${r} = vec4f();`)}
  for (var d = 0u; d < u.vectors; d++) {
    let w0 = weight(lines.x); let w1 = weight(lines.y); let w2 = weight(lines.z); let w3 = weight(lines.w);
    lines += 4u;
    ${each((r) => `{ let x = ${x(r)}; ${MULTIPLY.transposed(`y${r}`, 'x')} }`)}
  }
  ${each((r) => `${to(r)} = y${r};`)}
}`;
};

/** Everything from the normalised vectors of a position to its tokens; see its parts. */
export const headCode = (lanes: number, rows: number, x: (row: number) => string, to: (row: number) => string): string =>
  [
    resultCode,
    drawCode(lanes, 'key', 'u.vocab', 'arena[at + i]'),
    outcomeCode(lanes),
    logitsCode(rows, x, to),
    /* wgsl */ `
// Draws from the logits of a row, whose team all calls this, and answers the token to the first of it. Before the next
// call belongs a barrier.
fn teamDraws(lane: u32, row: u32, place: u32, at: u32, keeps: bool) -> u32 {
  tryTokens(lane, at, row, place);
  let top = addUp(lane, at);
  workgroupBarrier();
  if (!keeps || lane % ${TEAM}u > 0u) { return 0u; }
  let choice = bestToken(lane);
  let outcome = outcomeOf(lane, top);
  return take(row, place, choice, arena[at + (choice >> 2u)][choice & 3u] - outcome.x, outcome.y);
}`,
  ].join('\n');

const BEGIN_FIELDS = ['rows', 'length', 'start', 'places', 'vocab', 'wte', 'wpe', ...NORM_FIELDS] as const;
const DRAW_FIELDS = ['rows', 'length', 'place', 'vocab', 'vocabVectors', 'head', 'logits', 'wte', 'wpe', ...NORM_FIELDS] as const;

const beginMain = /* wgsl */ `${MAIN} {
  let thread = threadOf(group, lane);
  if (thread >= u.places * u.rows) { return; }
  let place = u.start + thread / u.rows;
  embedRow(thread, min(begin(thread % u.rows, place), u.vocab - 1u), place);
}`;

const drawMain = /* wgsl */ `${MAIN} {
  let first = groupOf(group) * ${GROUP_ROWS}u;
  for (var j = lane; j < u.vocabVectors; j += ${LANES}u) { logitsOf(first, j); }
  storageBarrier();
  // Rows beyond the end draw for the last one and keep nothing: every lane has to meet the barriers.
  let own = first + lane / ${TEAM}u;
  let row = min(own, u.rows - 1u);
  let keeps = own < u.rows;
  let token = teamDraws(lane, row, u.place, u.logits + row * u.vocabVectors, keeps);
  if (keeps && lane % ${TEAM}u == 0u && u.place + 1u < u.length) { embedRow(row, min(token, u.vocab - 1u), u.place); }
}`;

/** Where embeddings come from and go to. */
export interface EmbedAt extends NormAt {
  readonly rows: number;
  readonly length: number;
  readonly wte: number;
  readonly wpe: number;
}

/** Where a position's token is drawn from: the normalised vectors [R, C] at `head`, and room for logits [R, V]. */
export interface DrawAt extends EmbedAt {
  readonly place: number;
  readonly head: number;
  readonly logits: number;
}

/** The ends of sampling. */
export function draws(element: Element, width: Axis, vocab: Axis) {
  const suffix = elementSuffix(element);
  const embeds = `${normForward}${embedCode}`;
  const first: Shader<(typeof BEGIN_FIELDS)[number]> = {
    name: `begin${suffix}`,
    fields: BEGIN_FIELDS,
    extras: accessOf(BINDINGS),
    code: `${common(element)}${resultCode}${embeds}${beginMain}`,
  };
  const row = (r: number): string => `min(first + ${r}u, u.rows - 1u)`;
  const head = headCode(
    LANES,
    GROUP_ROWS,
    (r) => `arena[u.head + ${row(r)} * u.vectors + d]`,
    (r) => `arena[u.logits + ${row(r)} * u.vocabVectors + j]`,
  );
  const next: Shader<(typeof DRAW_FIELDS)[number]> = {
    name: `draw${suffix}`,
    fields: DRAW_FIELDS,
    extras: accessOf(BINDINGS),
    code: `${common(element)}${head}${embeds}${drawMain}`,
  };
  const axes = { vocab: vocab.length, width: width.length, vectors: width.vectors };
  return {
    /** So many forced tokens of every row, embedded and normalised as [places, R, C]. */
    begin: (at: EmbedAt & { readonly start: number; readonly places: number }): Step =>
      step(first, Math.ceil((at.places * at.rows) / LANES), { ...at, ...axes }),
    /** A token for every row, embedded and normalised as [R, C] for the next position. */
    draw: (at: DrawAt): Step => step(next, Math.ceil(at.rows / GROUP_ROWS), { ...at, ...axes, vocabVectors: vocab.vectors }),
  };
}
