/** Drawing tokens: the same counter-based draws as the kernel sample-token, so that both write the same text. */
import { EOS, PAD } from '../../core/world';
import { FREE, SMALLEST } from '../../kernels/sample-token/reference';
import type { Axis } from '../model';
import { type Shader, type Step, step } from '../plan';
import { common, extras, MAIN } from './common';
import { accessOf, embedCode, outcomeCode } from './ends';
import type { NormAt } from './matmul';
import { NORM_FIELDS, normForward } from './norm';

/**
 * Group 1. `forced` is [T, R], the token that a row has to take or -1. `drawn` is the result: tokens [R, T], the bits of
 * their log-probabilities [R, T], and whether the row has ended [R].
 */
const BINDINGS = [
  ['forced', 'read', 'array<i32>'],
  ['drawn', 'write', 'array<i32>'],
  ['key', 'uniform', 'Key'],
] as const;

/** Words of `drawn`. */
export const drawnWords = (rows: number, length: number): number => (2 * length + 1) * rows;

/** Rows of a workgroup: few, since one thread draws for a row and several groups keep several cores busy. */
const GROUP_ROWS = 8;

const FIELDS = ['rows', 'length', 'place', 'vocab', 'vocabVectors', 'logits', 'wte', 'wpe', ...NORM_FIELDS] as const;

const code = (aligned: boolean, begin: boolean): string => /* wgsl */ `${common(aligned)}
struct Key { seed: u32, step: u32, sharpness: f32 }
${extras(BINDINGS)}${normForward}${embedCode}${outcomeCode}
fn pcg4d(key: vec4u) -> vec4u {
  var h = key * 1664525u + 1013904223u;
  h.x += h.y * h.w; h.y += h.z * h.x; h.z += h.x * h.y; h.w += h.y * h.z;
  h ^= h >> vec4u(16u);
  h.x += h.y * h.w; h.y += h.z * h.x; h.z += h.x * h.y; h.w += h.y * h.z;
  return h;
}

// argmax of logits / temperature - log(-log u), the first of equal ones; 0 where all are NaN.
fn draw(row: u32, at: u32) -> u32 {
  var best = -3.4e38;
  var chosen = 0u;
  for (var v = 0u; v < u.vocab; v++) {
    let h = pcg4d(vec4u(key.seed ^ (v * 0x9e3779b1u), key.step, row, u.place));
    let x = (f32(h.x >> 9u) + 0.5) * ${2 ** -23};
    let score = arena[at + (v >> 2u)][v & 3u] * key.sharpness - log(max(-log(x), ${SMALLEST}));
    if (score > best) { best = score; chosen = v; }
  }
  return chosen;
}

${MAIN} {
  let row = groupOf(group) * ${GROUP_ROWS}u + lane;
  if (lane >= ${GROUP_ROWS}u || row >= u.rows) { return; }
  let ended = 2u * u.rows * u.length + row;
  let ahead = forced[u.place * u.rows + row];
  var token = u32(max(ahead, 0));
  var logp = 0.0;
  ${begin ? 'drawn[ended] = 0;' : DRAW}
  drawn[row * u.length + u.place] = i32(token);
  drawn[(u.rows + row) * u.length + u.place] = bitcast<i32>(logp);
  if (u.place + 1u < u.length) { embedRow(row, min(token, u.vocab - 1u), u.place); }
}`;

/** A finished row is padded, a prompt is passed through, the rest is drawn. */
const DRAW = /* wgsl */ `
  if (ahead == ${FREE}) {
    if (drawn[ended] == 1) {
      token = ${PAD}u;
    } else {
      let at = u.logits + row * u.vocabVectors;
      token = draw(row, at);
      let outcome = outcomeOf(at, token);
      logp = outcome.chosen - outcome.level;
      if (token == ${EOS}u) { drawn[ended] = 1; }
    }
  }`;

/** Where a position's token is drawn from and where its embedding goes. */
export interface DrawAt extends NormAt {
  readonly rows: number;
  readonly length: number;
  readonly place: number;
  readonly logits: number;
  readonly wte: number;
  readonly wpe: number;
}

/** Takes a token for every row, and embeds and normalises it for the next position. */
export function draws(aligned: boolean, width: Axis, vocab: Axis) {
  const shader = (name: string, begin: boolean): Shader<(typeof FIELDS)[number]> => ({
    name: `${name}${aligned ? '' : '-unaligned'}`,
    fields: FIELDS,
    extras: accessOf(BINDINGS),
    code: code(aligned, begin),
  });
  const first = shader('begin', true);
  const next = shader('draw', false);
  return (at: DrawAt): Step =>
    step(at.place === 0 ? first : next, Math.ceil(at.rows / GROUP_ROWS), {
      ...at,
      vocab: vocab.length,
      vocabVectors: vocab.vectors,
      width: width.length,
      vectors: width.vectors,
    });
}
