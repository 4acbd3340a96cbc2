/** Sampling as a fixed list of dispatches. */
import { blockAt, type Parts } from './gpt-plan';
import { normName, vectorsOf } from './model';
import type { Step } from './plan';
import { cachedAttention } from './shaders/decode-attention';
import { draws } from './shaders/draw';
import type { NormAt } from './shaders/matmul';

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

export function decodeArena({ model, axes }: Parts, rows: number, length: number): DecodeArena {
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
 * A few dispatches for every position, and as many for a whole block of forced ones: with blocks of B positions,
 * (5 L + 1) ceil(prefix / B) + (T - prefix - 1) 5 L + T - prefix. A position's numbers do not depend on the block it is in.
 */
export function decodeSteps(parts: Parts, { rows, length, prefix }: DecodeSize, arena: DecodeArena): Step[] {
  const { model, axes, at } = parts;
  const embedding = { rows, length, wte: at('transformer.wte.weight'), wpe: at('transformer.wpe.weight') };
  const { begin, draw } = draws(axes.aligned, axes.width, axes.vocab);
  const block = blockOf(parts, rows, arena);
  const first = norm(parts, arena, 0, 0);
  const steps: Step[] = [];
  const most = blockPlaces(rows, length);
  // The last token is only written: nothing follows from it.
  for (let from = 0, places = 1; from + 1 < length; from += places) {
    if (from < prefix) {
      places = Math.min(most, prefix - from, length - 1 - from);
      steps.push(begin({ ...embedding, ...first, start: from, places }));
    } else places = 1;
    for (let layer = 0; layer < model.layers; layer++) steps.push(...block(layer, from, places));
    const place = from + places;
    if (place < prefix && place + 1 < length) continue;
    const head = arena.normed + (places - 1) * rows * vectorsOf(axes.width);
    steps.push(draw({ ...embedding, ...first, place, head, logits: arena.logits }));
  }
  return steps;
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
