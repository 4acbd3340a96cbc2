/** Sampling as a fixed list of dispatches. */

import { normName, vectorsOf } from '../model';
import type { Step } from '../plan';
import { cachedAttention } from '../shaders/decode-attention';
import { BLOCK_FIELDS, bytesHeld, wholeDecode } from '../shaders/decode-whole';
import { draws } from '../shaders/draw';
import type { NormAt } from '../shaders/products';
import { blockAt, type Parts } from './plan';

/** What is sampled: rows, tokens of a row, and how many of the first tokens are forced in every row, at least one. */
export interface DecodeSize {
  readonly rows: number;
  readonly length: number;
  readonly prefix: number;
}

/** Tokens that go through the network at once while the prompts are read: their activations take room in the arena. */
const BLOCK_TOKENS = 2048;

/** Positions of a block. The arena is laid out for it, and so does not depend on the prompts. */
const blockPlaces = (rows: number, length: number): number => Math.max(1, Math.min(length - 1, Math.floor(BLOCK_TOKENS / rows)));

/** Activations of the positions at hand [places, R, ...] and all positions' queries, keys and values [T, R, 3 C], in vec4s. */
export interface DecodeArena {
  readonly size: number;
  readonly stats: number;
  readonly normed: number;
  readonly mixed: number;
  readonly bent: number;
  readonly hidden: number;
  /** [R, V] */
  readonly logits: number;
  /** The residual stream alternates between two places. */
  stream(i: number): number;
  qkv(layer: number): number;
}

export function decodeArena({ model, axes }: Parts, { rows, length }: DecodeSize): DecodeArena {
  let size = 0;
  const place = (vectors: number): number => {
    const at = size;
    size += vectors;
    return at;
  };
  const tokens = rows * blockPlaces(rows, length);
  const wide = tokens * vectorsOf(axes.width);
  const cache = rows * length * vectorsOf(axes.qkv);
  const streams = place(2 * wide);
  const caches = place(model.layers * cache);
  const of = {
    stats: place(tokens),
    normed: place(wide),
    mixed: place(tokens * vectorsOf(axes.mixed)),
    bent: place(tokens * vectorsOf(axes.hidden)),
    hidden: place(tokens * vectorsOf(axes.hidden)),
    logits: place(rows * vectorsOf(axes.vocab)),
  };
  return { ...of, stream: (i) => streams + (i % 2) * wide, qkv: (layer) => caches + layer * cache, size };
}

/**
 * 5 L + 1 dispatches for every position, and 1 more for a whole block of forced ones. A position's numbers do not depend on
 * the block that it is in.
 */
export function decodeSteps(parts: Parts, size: DecodeSize, arena: DecodeArena): Step[] {
  const { length } = size;
  const { draw, block } = stagesOf(parts, size, arena);
  const steps = promptSteps(parts, size, arena);
  for (let place = Math.min(size.prefix, length - 1); place + 1 < length; place++) {
    for (let layer = 0; layer < parts.model.layers; layer++) steps.push(...block(layer, place, 1));
    steps.push(draw(place + 1, 0));
  }
  return steps;
}

/** The forced positions, and the draw of the first token after them. */
function promptSteps(parts: Parts, size: DecodeSize, arena: DecodeArena): Step[] {
  const { rows, length } = size;
  const { begin, draw, block } = stagesOf(parts, size, arena);
  const most = blockPlaces(rows, length);
  // The last token is only written: nothing follows from it.
  const end = Math.min(size.prefix, length - 1);
  const steps: Step[] = [];
  for (let from = 0; from < end; from += most) {
    const places = Math.min(most, end - from);
    steps.push(begin(from, places));
    for (let layer = 0; layer < parts.model.layers; layer++) steps.push(...block(layer, from, places));
    if (from + places === end) steps.push(draw(end, places - 1));
  }
  return steps;
}

/**
 * Sampling by `decode-whole`: a dispatch for as many positions as take no more than `MOST_FLOPS`. A prompt that is longer
 * than a position has dispatches goes through the network as blocks, since then those are fewer.
 * @returns null where a sequence does not fit into the workgroup memory of the device
 */
export function wholeSteps(parts: Parts, size: DecodeSize, arena: DecodeArena, memory: number): Step[] | null {
  const { model, axes, at } = parts;
  const { rows, length, prefix } = size;
  const sequences = sequencesOf(parts, size, memory);
  if (sequences === 0) return null;
  const blockwise = prefix > 5 * model.layers + 1;
  const steps = blockwise ? promptSteps(parts, size, arena) : [];
  const whole = wholeDecode({ model, axes, length, sequences });
  const fields = Object.fromEntries(Object.entries(BLOCK_FIELDS).map(([field, name]) => [field, blockAt(at, 0)(name)]));
  const places = Math.max(1, Math.floor(MOST_FLOPS / (rows * positionFlops(parts, length))));
  for (let start = blockwise ? prefix : 0; start + 1 < length; start += places) {
    steps.push(
      whole({
        ...(fields as Record<keyof typeof BLOCK_FIELDS, number>),
        rows,
        prefix,
        start,
        stop: Math.min(length - 1, start + places),
        wte: at('transformer.wte.weight'),
        wpe: at('transformer.wpe.weight'),
        normGain: at('transformer.ln_f.weight'),
        normBias: at('transformer.ln_f.bias'),
        cache: arena.qkv(0),
        cacheSize: arena.qkv(1) - arena.qkv(0),
        logits: arena.logits,
        blockSize: model.layers > 1 ? blockAt(at, 1)('ln_1.weight') - blockAt(at, 0)('ln_1.weight') : 0,
      }),
    );
  }
  return steps;
}

/**
 * Floating-point operations of one dispatch: a quarter of a second at 1 GFLOP/s, which is what a software adapter manages. A
 * dispatch that takes seconds may be taken for a hung one and lose the device.
 */
const MOST_FLOPS = 2 ** 28;

/** Floating-point operations for one token of one row at most. */
const positionFlops = ({ model: { layers, width, vocabSize } }: Parts, length: number): number =>
  2 * (layers * (12 * width * width + 2 * width * length) + width * vocabSize);

/** Workgroups that keep a graphics card busy; beyond them several sequences share what is read of the weights. */
const GROUPS = 64;
const MOST_SEQUENCES = 4;

/** Sequences of a workgroup; 0 where not one fits. */
function sequencesOf({ model, axes }: Parts, { rows, length }: DecodeSize, memory: number): number {
  let sequences = Math.min(MOST_SEQUENCES, Math.ceil(rows / GROUPS));
  while (sequences > 0 && bytesHeld({ model, axes, length, sequences }) > memory) sequences -= 1;
  return sequences;
}

/** The parts of a plan: tokens in, the layers, tokens out. */
function stagesOf(parts: Parts, { rows, length }: DecodeSize, arena: DecodeArena) {
  const { axes, at } = parts;
  const embedding = { rows, length, wte: at('transformer.wte.weight'), wpe: at('transformer.wpe.weight'), ...norm(parts, arena, 0, 0) };
  const { begin, draw } = draws(axes.element, axes.width, axes.vocab);
  return {
    begin: (start: number, places: number): Step => begin({ ...embedding, start, places }),
    /** Draws for a position out of the last block's vectors at its place `behind`. */
    draw: (place: number, behind: number): Step =>
      draw({ ...embedding, place, head: arena.normed + behind * rows * vectorsOf(axes.width), logits: arena.logits }),
    block: blockOf(parts, rows, arena),
  };
}

/** LayerNorm i of the rows behind the first `skip`. */
const norm = ({ model, at, axes }: Parts, arena: DecodeArena, i: number, skip: number): NormAt => ({
  stream: arena.stream(i) + skip * vectorsOf(axes.width),
  stats: arena.stats + skip,
  normed: arena.normed + skip * vectorsOf(axes.width),
  gain: at(`${normName(i, model.layers)}.weight`),
  bias: at(`${normName(i, model.layers)}.bias`),
});

/** The dispatches of one layer for some positions. In the last one only the last position goes on behind the keys and values. */
function blockOf(parts: Parts, rows: number, arena: DecodeArena): (layer: number, from: number, places: number) => Step[] {
  const { model, axes, at, product } = parts;
  const attend = cachedAttention(model.heads, model.width / model.heads, axes.headVectors);
  return (layer, from, places) => {
    const weight = blockAt(at, layer);
    const [first, second, next] = [2 * layer, 2 * layer + 1, 2 * layer + 2];
    const kept = layer === model.layers - 1 ? 1 : places;
    const skip = (places - kept) * rows;
    const all = places * rows;
    const some = kept * rows;
    const wide = skip * vectorsOf(axes.width);
    const mixed = arena.mixed + skip * vectorsOf(axes.mixed);
    const qkv = arena.qkv(layer);
    const here = qkv + from * rows * vectorsOf(axes.qkv);
    return [
      product.biased(
        { rows: all, x: arena.normed, k: axes.width, y: here, n: axes.qkv, w: weight('attn.c_attn.weight') },
        weight('attn.c_attn.bias'),
      ),
      attend({ rows, start: from + places - kept, places: kept, qkv, mixed }),
      product.residual(
        { rows: some, x: mixed, k: axes.mixed, y: arena.stream(second) + wide, n: axes.width, w: weight('attn.c_proj.weight') },
        weight('attn.c_proj.bias'),
        arena.stream(first) + wide,
        norm(parts, arena, second, skip),
      ),
      product.gelu(
        { rows: some, x: arena.normed + wide, k: axes.width, y: arena.bent, n: axes.hidden, w: weight('mlp.c_fc.weight') },
        weight('mlp.c_fc.bias'),
        arena.hidden,
      ),
      product.residual(
        { rows: some, x: arena.hidden, k: axes.hidden, y: arena.stream(next) + wide, n: axes.width, w: weight('mlp.c_proj.weight') },
        weight('mlp.c_proj.bias'),
        arena.stream(second) + wide,
        norm(parts, arena, next, skip),
      ),
    ];
  };
}
