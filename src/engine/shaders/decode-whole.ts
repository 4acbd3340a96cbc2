/**
 * Sampling in one dispatch: a workgroup takes one sequence or a few through all layers, position after position. The
 * activations of a position stay in workgroup memory, keys and values in the arena's cache. Every sum runs in the order of
 * the dispatches of `gpt/decode-plan`, so that both give the same bits. Sizes are baked in, so that loops can be unrolled.
 */
import { TEAM } from '../../kernels/sample-token/draw';
import { type Axes, type Axis, type GptModel, vectorsOf } from '../model';
import { type Shader, type Step, step } from '../plan';
import { headCode as headVectors, helpers } from './attention';
import { common, elementSuffix, LOWEST, MULTIPLY } from './common';
import { BINDINGS, headCode } from './draw';
import { accessOf } from './ends';
import { EPSILON, PARTS } from './norm';
import { GELU } from './products';

/** What a workgroup does; all of it is baked in. */
export interface WholeShape {
  readonly model: GptModel;
  readonly axes: Axes;
  /** Tokens of a row */
  readonly length: number;
  /** Sequences of a workgroup */
  readonly sequences: number;
}

/** Slices of a block, with their fields: offsets in θ for the first layer. */
export const BLOCK_FIELDS = {
  ln1Gain: 'ln_1.weight',
  ln1Bias: 'ln_1.bias',
  qkvWeight: 'attn.c_attn.weight',
  qkvBias: 'attn.c_attn.bias',
  projWeight: 'attn.c_proj.weight',
  projBias: 'attn.c_proj.bias',
  ln2Gain: 'ln_2.weight',
  ln2Bias: 'ln_2.bias',
  fcWeight: 'mlp.c_fc.weight',
  fcBias: 'mlp.c_fc.bias',
  outWeight: 'mlp.c_proj.weight',
  outBias: 'mlp.c_proj.bias',
} as const;
type BlockField = keyof typeof BLOCK_FIELDS;

/** Fields that the caller gives. */
const PLACE_FIELDS = [
  'rows',
  'start',
  'stop',
  'prefix',
  'wte',
  'wpe',
  'normGain',
  'normBias',
  'cache',
  'cacheSize',
  'logits',
  'blockSize',
] as const;
const SIZE_FIELDS = ['length', 'layers', 'heads', 'headSize', 'vocab', 'vocabVectors', 'width', 'vectors'] as const;
const FIELDS = [...PLACE_FIELDS, ...SIZE_FIELDS, ...(Object.keys(BLOCK_FIELDS) as BlockField[])] as const;

/**
 * A range of positions: from `start` on and before `stop` their tokens go in; `prefix` is the first one that may be drawn.
 * The cache lies [L, T, R, 3, H, D] in the arena, `cacheSize` vec4s a layer; logits [R, V] behind `logits`. The others are
 * offsets in θ, those of a block for the first layer: a layer's lie `blockSize` behind those of the one before.
 */
export type WholeAt = Readonly<Record<(typeof PLACE_FIELDS)[number] | BlockField, number>>;

/** Most threads of a workgroup that WebGPU guarantees. */
const MOST_LANES = 256;

/** Threads: one for each vec4 of a hidden layer where that is few, and a team for each sequence. */
const lanesOf = ({ axes, sequences }: WholeShape): number => {
  const wanted = Math.max(64, TEAM * sequences, vectorsOf(axes.hidden));
  return Math.min(MOST_LANES, 2 ** Math.ceil(Math.log2(wanted)));
};

/** vec4s of the residual stream, its LayerNorm, and what attention or the hidden layer hold: regions of `held`. */
function regions({ axes, sequences }: WholeShape) {
  const wide = sequences * vectorsOf(axes.width);
  const inner = sequences * Math.max(vectorsOf(axes.hidden), vectorsOf(axes.mixed));
  return { stream: 0, normed: wide, inner: 2 * wide, size: 2 * wide + inner };
}

/** Bytes of workgroup memory: a position's activations, its scores, and what the teams share while drawing. */
export function bytesHeld(shape: WholeShape): number {
  const { model, length, sequences } = shape;
  return 16 * regions(shape).size + 4 * sequences * model.heads * length + 16 * lanesOf(shape);
}

const normCode = (shape: WholeShape): string => {
  const { stream, normed } = regions(shape);
  const wide = vectorsOf(shape.axes.width);
  const width = shape.model.width;
  const sum = (name: string, body: string): string => /* wgsl */ `
    var ${name} = vec4f();
    for (var part = 0u; part < ${PARTS}u; part++) {
      let before = ${name};
      ${name} = vec4f();
      for (var d = part; d < ${wide}u; d += ${PARTS}u) { ${body} }
      ${name} = before + ${name};
    }`;
  // Each thread adds up the whole row for its vec4s: the sums are few, and nobody has to wait. The width is no constant here,
  // since compilers may multiply by the reciprocal of one.
  return /* wgsl */ `
fn normalise(lane: u32, gain: u32, bias: u32) {
  for (var n = lane; n < ${shape.sequences * wide}u; n += ${lanesOf(shape)}u) {
    let x = ${stream}u + n / ${wide}u * ${wide}u;
    let i = n % ${wide}u;
    ${sum('total', 'total += held[x + d];')}
    let mean = sum4(total) / f32(u.width);
    ${sum('squares', `let centred = select(vec4f(), held[x + d] - mean, present(${width}u - 4u * d)); squares += centred * centred;`)}
    let scale = inverseSqrt(sum4(squares) / f32(u.width) + ${EPSILON});
    let value = (held[x + i] - mean) * scale * weight(gain + 4u * i) + weight(bias + 4u * i);
    held[${normed}u + n] = select(vec4f(), value, present(${width}u - 4u * i));
  }
  workgroupBarrier();
}`;
};

/** Code for every sequence of the group. */
const eachOf = (sequences: number, line: (r: number) => string): string =>
  Array.from({ length: sequences }, (_, r) => line(r)).join('\n      ');

/** Lines of weights that a vec4 of x meets. */
const LINES = [0, 1, 2, 3] as const;

/**
 * A product of all sequences with the same weights: `store` says what becomes of `sum`, vec4 j of sequence r. Weights are
 * asked for up to four vec4s of x ahead: a workgroup alone has nothing else to do while it waits for them.
 */
function productCode(
  shape: WholeShape,
  { x, k, n, w, store }: { x: number; k: Axis; n: Axis; w: string; store: (r: number) => string },
): string {
  const stride = n.segments * n.length;
  const each = (line: (r: number) => string): string => eachOf(shape.sequences, line);
  const ahead = [4, 2, 1].find((count) => k.vectors % count === 0) as number;
  const steps = Array.from({ length: ahead }, (_, e) => e);
  const loads = steps.flatMap((e) => LINES.map((l) => `let v${e}${l} = weight(at + ${(4 * e + l) * stride}u);`)).join('\n          ');
  const sums = steps.map(
    (e) => /* wgsl */ `
          {
            ${LINES.map((l) => `let w${l} = v${e}${l};`).join(' ')}
            ${each((r) => `{ let x = held[${x + r * vectorsOf(k)}u + d + ${e}u]; ${MULTIPLY.plain(`y${r}`, 'x')} }`)}
          }`,
  );
  return /* wgsl */ `
    for (var j = lane; j < ${vectorsOf(n)}u; j += ${lanesOf(shape)}u) {
      let column = j / ${n.vectors}u * ${n.length}u + 4u * (j % ${n.vectors}u);
      let left = ${n.length}u - 4u * (j % ${n.vectors}u);
      ${each((r) => `var y${r} = vec4f();`)}
      for (var s = 0u; s < ${k.segments}u; s++) {
        var at = ${w} + s * ${k.length * stride}u + column;
        for (var d = s * ${k.vectors}u; d < (s + 1u) * ${k.vectors}u; d += ${ahead}u) {
          ${loads}
          at += ${4 * ahead * stride}u;
          ${sums.join('')}
        }
      }
      ${each((r) => `{ let sum = y${r}; ${store(r)} }`)}
    }`;
}

/** Adds to the residual stream in place. */
const addCode = (shape: WholeShape, x: number, k: Axis, name: 'proj' | 'out'): string =>
  productCode(shape, {
    x,
    k,
    n: shape.axes.width,
    w: `u.${name}Weight + layerAt`,
    store: (r) => /* wgsl */ `
      let to = ${regions(shape).stream + r * vectorsOf(shape.axes.width)}u + j;
      held[to] = select(vec4f(), sum + weight(u.${name}Bias + layerAt + column) + held[to], present(left));`,
  });

/** Scores of all pairs at once, then what they mix. */
function attentionCode(shape: WholeShape): string {
  const { model, axes, length, sequences } = shape;
  const { load, inner } = headVectors(axes.headVectors);
  const mixed = vectorsOf(axes.mixed);
  return /* wgsl */ `
    let scale = 1.0 / sqrt(f32(u.headSize));
    for (var n = lane; n < ${sequences * model.heads}u * (place + 1u); n += ${lanesOf(shape)}u) {
      let s = n % (place + 1u);
      let head = n / (place + 1u) % ${model.heads}u;
      let r = n / (place + 1u) / ${model.heads}u;
      let row = min(first + r, u.rows - 1u);
      ${load('q', 'part(cache, place * u.rows + row, 0u, head)')}
      ${load('k', 'part(cache, s * u.rows + row, 1u, head)')}
      ${inner('product', 'q', 'k')}
      scores[(r * ${model.heads}u + head) * ${length}u + s] = product;
    }
    workgroupBarrier();
    for (var n = lane; n < ${sequences * mixed}u; n += ${lanesOf(shape)}u) {
      let head = n / ${axes.headVectors}u % ${model.heads}u;
      let row = min(first + n / ${mixed}u, u.rows - 1u);
      let own = n / ${axes.headVectors}u * ${length}u;
      var highest = ${LOWEST};
      for (var s = 0u; s <= place; s++) { highest = max(highest, scores[own + s] * scale); }
      var mixed = vec4f();
      var total = 0.0;
      for (var s = 0u; s <= place; s++) {
        let p = exp(scores[own + s] * scale - highest);
        total += p;
        mixed += p * arena[part(cache, s * u.rows + row, 2u, head) + n % ${axes.headVectors}u];
      }
      held[${regions(shape).inner}u + n] = mixed / total;
    }
    workgroupBarrier();`;
}

const layerCode = (shape: WholeShape): string => {
  const { axes } = shape;
  const { normed, inner } = regions(shape);
  return /* wgsl */ `
fn goThroughLayer(lane: u32, first: u32, place: u32, layer: u32) {
  let layerAt = layer * u.blockSize;
  let cache = u.cache + layer * u.cacheSize;
  {
    normalise(lane, u.ln1Gain + layerAt, u.ln1Bias + layerAt);
    ${productCode(shape, {
      x: normed,
      k: axes.width,
      n: axes.qkv,
      w: 'u.qkvWeight + layerAt',
      store: (r) => /* wgsl */ `
      if (first + ${r}u < u.rows) {
        let to = cache + (place * u.rows + first + ${r}u) * ${vectorsOf(axes.qkv)}u + j;
        arena[to] = select(vec4f(), sum + weight(u.qkvBias + layerAt + column), present(left));
      }`,
    })}
    storageBarrier();
  }
  {${attentionCode(shape)}}
  {
    ${addCode(shape, inner, axes.mixed, 'proj')}
    workgroupBarrier();
    normalise(lane, u.ln2Gain + layerAt, u.ln2Bias + layerAt);
  }
  {
    ${productCode(shape, {
      x: normed,
      k: axes.width,
      n: axes.hidden,
      w: 'u.fcWeight + layerAt',
      store: (r) => /* wgsl */ `
      let x = sum + weight(u.fcBias + layerAt + column);
      held[${inner + r * vectorsOf(axes.hidden)}u + j] = select(vec4f(), 0.5 * x * (1.0 + bend(x)), present(left));`,
    })}
    workgroupBarrier();
  }
  {
    ${addCode(shape, inner, axes.hidden, 'out')}
    workgroupBarrier();
  }
}`;
};

const mainCode = (shape: WholeShape): string => {
  const { axes, sequences, model } = shape;
  const wide = vectorsOf(axes.width);
  const lanes = lanesOf(shape);
  return /* wgsl */ `
// The row of a sequence; those beyond the end repeat the last one and keep nothing.
fn rowOf(first: u32, r: u32) -> u32 { return min(first + r, u.rows - 1u); }

fn embed(lane: u32, first: u32, place: u32) {
  for (var n = lane; n < ${sequences * wide}u; n += ${lanes}u) {
    let i = n % ${wide}u;
    let token = min(u32(drawn[rowOf(first, n / ${wide}u) * u.length + place]), u.vocab - 1u);
    let value = weight(u.wte + token * u.width + 4u * i) + weight(u.wpe + place * u.width + 4u * i);
    held[${regions(shape).stream}u + n] = select(vec4f(), value, present(${model.width}u - 4u * i));
  }
  workgroupBarrier();
}

@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = groupOf(group) * ${sequences}u;
  let own = min(lane / ${TEAM}u, ${sequences - 1}u);
  let keeps = lane / ${TEAM}u < ${sequences}u && first + own < u.rows;
  let speaks = keeps && lane % ${TEAM}u == 0u;
  if (u.start == 0u) {
    if (speaks) { _ = begin(first + own, 0u); }
    storageBarrier();
  }
  for (var place = u.start; place < u.stop; place++) {
    embed(lane, first, place);
    for (var layer = 0u; layer < u.layers; layer++) { goThroughLayer(lane, first, place, layer); }
    if (place + 1u < u.prefix) {
      if (speaks) { _ = begin(first + own, place + 1u); }
    } else {
      normalise(lane, u.normGain, u.normBias);
      for (var j = lane; j < u.vocabVectors; j += ${lanes}u) { logitsOf(first, j); }
      storageBarrier();
      let row = rowOf(first, own);
      _ = teamDraws(lane, row, place + 1u, u.logits + row * u.vocabVectors, keeps);
    }
    storageBarrier();
  }
}`;
};

function shaderOf(shape: WholeShape): Shader<(typeof FIELDS)[number]> {
  const { model, axes, length, sequences } = shape;
  const lanes = lanesOf(shape);
  const { normed, size } = regions(shape);
  const head = headCode(
    lanes,
    sequences,
    (r) => `held[${normed + r * vectorsOf(axes.width)}u + d]`,
    (r) => `arena[u.logits + rowOf(first, ${r}u) * u.vocabVectors + j]`,
  );
  const memory = /* wgsl */ `
var<workgroup> held: array<vec4f, ${size}>;
var<workgroup> scores: array<f32, ${sequences * model.heads * length}>;`;
  return {
    name: `decode-whole-${model.width}-${model.heads}-${length}-${sequences}${elementSuffix(axes.element)}`,
    fields: FIELDS,
    extras: accessOf(BINDINGS),
    code: [common(axes.element), memory, head, helpers(axes.headVectors), GELU, normCode(shape), layerCode(shape), mainCode(shape)].join(
      '\n',
    ),
  };
}

/** The positions from `start` on and before `stop`, of all rows and layers, with the tokens that follow them. */
export function wholeDecode(shape: WholeShape): (at: WholeAt) => Step {
  const { model, axes, length, sequences } = shape;
  const shader = shaderOf(shape);
  const sizes = {
    length,
    layers: model.layers,
    heads: model.heads,
    headSize: model.width / model.heads,
    vocab: model.vocabSize,
    vocabVectors: axes.vocab.vectors,
    width: model.width,
    vectors: axes.width.vectors,
  };
  return (at) => step(shader, Math.ceil(at.rows / sequences), { ...at, ...sizes });
}
