/** The two ends of the network: tokens to vectors, and logits to log-probabilities and entropies. */
import type { Axis } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, type Element, elementSuffix, extras, LOWEST, MAIN } from './common';
import { NORM_BACK_FIELDS, NORM_FIELDS, normBackwardOf, normForward } from './norm';
import type { NormAt, NormBackAt } from './products';
import type { Scheme } from './scheme';
import { fillRows, lineOf, type Product, productFields, productShader, rowFields, rowGroups, STORE, tilingOf } from './tiles';

const FORWARD = [
  ['tokens', 'read', 'array<i32>'],
  ['mask', 'read', 'array<f32>'],
  ['logp', 'write', 'array<f32>'],
  ['entropy', 'write', 'array<f32>'],
] as const;

/** Group 1 of the backward plan. */
export const BACKWARD = [
  ['tokens', 'read', 'array<i32>'],
  ['mask', 'read', 'array<f32>'],
  ['gradLogp', 'read', 'array<f32>'],
  ['gradEntropy', 'read', 'array<f32>'],
  ['grad', 'write', 'array<f32>'],
  ['jobs', 'read', 'array<u32>'],
] as const;

export const accessOf = (bindings: readonly (readonly [string, 'read' | 'write' | 'uniform', string])[]) =>
  bindings.map(([, access]) => access);

const EMBED_FIELDS = ['rows', 'length', 'vocab', 'wte', 'wpe', ...NORM_FIELDS] as const;

/** `embedRow` writes wte[token] + wpe[place] into a row of the stream and normalises it. */
export const embedCode = /* wgsl */ `
fn embedRow(row: u32, token: u32, place: u32) {
  for (var i = 0u; i < u.vectors; i++) {
    let value = weight(u.wte + token * u.width + 4u * i) + weight(u.wpe + place * u.width + 4u * i);
    arena[u.stream + row * u.vectors + i] = select(vec4f(), value, present(u.width - 4u * i));
  }
  normRow(row);
}`;

/** `outcomeOf`: log-sum-exp and entropy of a row of logits, and one of its logits. */
export const outcomeCode = /* wgsl */ `
struct Outcome { level: f32, entropy: f32, chosen: f32 }
fn outcomeOf(at: u32, token: u32) -> Outcome {
  var highest = vec4f(${LOWEST});
  var chosen = 0.0;
  for (var i = 0u; i < u.vocabVectors; i++) {
    let there = present(u.vocab - 4u * i);
    let x = select(vec4f(${LOWEST}), arena[at + i], there);
    highest = max(highest, x);
    chosen += sum4(select(vec4f(), x, vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) == vec4u(token)));
  }
  let top = max(max(highest.x, highest.y), max(highest.z, highest.w));
  var totals = vec4f();
  var means = vec4f();
  for (var i = 0u; i < u.vocabVectors; i++) {
    let x = arena[at + i] - top;
    let p = select(vec4f(), exp(x), present(u.vocab - 4u * i));
    totals += p;
    means += p * x;
  }
  let total = sum4(totals);
  return Outcome(top + log(total), log(total) - sum4(means) / total, chosen);
}`;

const outcomeRow = /* wgsl */ `
fn outcomeRow(row: u32) {
  let place = row % u.length;
  // Nothing predicts the first token, and the last position predicts nothing.
  if (place == 0u) { logp[row] = 0.0; entropy[row] = 0.0; }
  if (place + 1u == u.length) { return; }
  let result = outcomeOf(u.y + row * u.vocabVectors, u32(tokens[row + 1u]));
  arena[u.outcome + row] = vec4f(result.level, result.entropy, 0.0, 0.0);
  logp[row + 1u] = (result.chosen - result.level) * mask[row + 1u];
  entropy[row + 1u] = result.entropy * mask[row + 1u];
}
fn outcomeRowShared(first: u32, lane: u32) {
  if (lane < u.groupRows && first + lane < u.rows) { outcomeRow(first + lane); }
}`;

/** d logp / d logits_v = [v = token] - p_v; d entropy / d logits_v = -p_v (log p_v + entropy). */
const logitsBack = /* wgsl */ `
fn logitsBack(row: u32, i: u32) -> vec4f {
  if (row % u.length + 1u == u.length) { return vec4f(); }
  let outcome = arena[u.outcome + row];
  let logs = arena[u.logits + row * u.kVectors + i] - outcome.x;
  let p = exp(logs);
  let hit = select(vec4f(), vec4f(1.0), vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) == vec4u(u32(tokens[row + 1u])));
  let value = gradLogp[row + 1u] * mask[row + 1u] * (hit - p) - gradEntropy[row + 1u] * mask[row + 1u] * p * (logs + outcome.y);
  return select(vec4f(), value, present(u.kLength - 4u * i));
}`;

/** Sizes of a batch [R, T]. */
export interface BatchSize {
  readonly rows: number;
  readonly length: number;
}

/** Where the gradient of the scalar head lies in the arena [M, 1 vec4], and its weights in θ. */
export interface ValueBackAt {
  readonly gradHead: number;
  readonly valueWeight: number;
}

/** What reaches the final LayerNorm's output through the scalar head, beside what comes through the logits. */
const VALUE_BACK = {
  fields: ['gradHead', 'valueWeight'],
  sum: 'sum + arena[u.gradHead + row].x * weight(u.valueWeight + column)',
} as const;

/** The ends of a network in a scheme. */
export function ends(scheme: Scheme, element: Element, width: Axis, vocab: Axis) {
  const tiling = tilingOf(scheme, element);
  const embed: Shader<(typeof EMBED_FIELDS)[number]> = {
    name: `embed${elementSuffix(element)}`,
    fields: EMBED_FIELDS,
    extras: accessOf(FORWARD),
    code: `${common(element)}${extras(FORWARD)}${normForward}${embedCode}${MAIN} {
  let row = threadOf(group, lane);
  if (row < u.rows * u.length) { embedRow(row, min(u32(tokens[row]), u.vocab - 1u), row % u.length); }
}`,
  };
  const head = productShader(tiling, element, {
    name: 'head',
    orientation: 'transposed',
    fields: ['groupRows', 'length', 'vocab', 'vocabVectors', 'outcome'],
    extras: accessOf(FORWARD),
    code: `${extras(FORWARD)}${outcomeCode}${outcomeRow}${STORE('sum')}`,
    main: tiling.rows('', tiling.eachRow('outcomeRow')),
  });
  const headBackOf = <F extends string>(name: string, fields: readonly F[], sum: string) =>
    productShader(tiling, element, {
      name,
      orientation: 'plain',
      fields: ['groupRows', 'length', 'logits', 'outcome', ...NORM_BACK_FIELDS, ...fields],
      extras: accessOf(BACKWARD),
      code: `${extras(BACKWARD)}${logitsBack}${normBackwardOf(tiling.scheme)}${STORE(sum)}`,
      main: tiling.rows(fillRows('logitsBack(row, i)'), tiling.eachRow('normRowBack')),
    });
  const headBack = headBackOf('head-back', [], 'sum');
  const headBackWithValue = headBackOf('head-back-value', VALUE_BACK.fields, VALUE_BACK.sum);
  return {
    /** Token and position embeddings, and their LayerNorm. */
    embed: (size: BatchSize, at: { readonly wte: number; readonly wpe: number } & NormAt): Step =>
      step(embed, Math.ceil((size.rows * size.length) / LANES), {
        ...size,
        ...at,
        vocab: vocab.length,
        width: width.length,
        vectors: width.vectors,
      }),
    /** Logits y = x W^T, and the log-probabilities and entropies of the tokens that follow. */
    head: (p: Product, length: number, outcome: number): Step =>
      step(head, rowGroups(tiling, p), {
        ...productFields(p, lineOf(p.k)),
        length,
        outcome,
        groupRows: tiling.groupRows(p),
        vocab: vocab.length,
        vocabVectors: vocab.vectors,
      }),
    /**
     * x = the gradient of the logits from those of both outputs; y = x W, and on to the gradient of LayerNorm's input.
     * @param value where there is a scalar head
     */
    headBack(
      p: Product,
      length: number,
      at: { readonly logits: number; readonly outcome: number },
      norm: NormBackAt,
      value: ValueBackAt | null,
    ): Step {
      const fields = { ...productFields(p, lineOf(p.n)), length, ...at, ...norm, gradNormed: p.y, ...rowFields(tiling, p) };
      const groups = rowGroups(tiling, p);
      return value === null ? step(headBack, groups, fields) : step(headBackWithValue, groups, { ...fields, ...value });
    },
  };
}
