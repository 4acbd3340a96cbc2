/** What the engine knows of a GPT: its sizes, where its weights lie in θ, and how its activations lie in the arena. */
import type { Layout } from '../core/layout';
import type { Element } from './shaders/common';

/** Sizes of a GPT-2 whose θ is laid out as `gptLayout` of the policy says. */
export interface GptModel {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabSize: number;
  readonly maxLen: number;
  readonly layout: Layout;
  /** Whether weights are read as 16-bit floats. */
  readonly half?: boolean;
}

/**
 * One axis of a matrix as it lies in the arena, which is made of vec4s: `segments` runs of `length` numbers, each padded
 * with zeros to `vectors` vec4s. Only heads whose size is not a multiple of four need more than one run.
 */
export interface Axis {
  readonly segments: number;
  readonly length: number;
  readonly vectors: number;
}

/** vec4s of a whole row. */
export const vectorsOf = (axis: Axis): number => axis.segments * axis.vectors;

export const plainAxis = (length: number): Axis => ({ segments: 1, length, vectors: Math.ceil(length / 4) });

/** The axes that a GPT's matrices have. */
export interface Axes {
  /** C */
  readonly width: Axis;
  /** C as heads */
  readonly mixed: Axis;
  /** 3 C as queries, keys and values by head */
  readonly qkv: Axis;
  /** 4 C */
  readonly hidden: Axis;
  /** V */
  readonly vocab: Axis;
  /** vec4s of one head */
  readonly headVectors: number;
  /** What θ is bound as: vec4s where every run of weights that the shaders read begins at a multiple of four. */
  readonly element: Element;
}

/** @param aligned whether every run of weights begins at a multiple of four */
export const elementOf = (aligned: boolean, half: boolean): Element => (aligned ? (half ? 'vec4h' : 'vec4f') : half ? 'f16' : 'f32');

export function axesOf({ width, heads, vocabSize, half = false }: GptModel): Axes {
  const size = width / heads;
  const aligned = size % 4 === 0;
  const byHead = (count: number): Axis =>
    aligned ? plainAxis(count * size) : { segments: count, length: size, vectors: Math.ceil(size / 4) };
  return {
    width: plainAxis(width),
    mixed: byHead(heads),
    qkv: byHead(3 * heads),
    hidden: plainAxis(4 * width),
    vocab: plainAxis(vocabSize),
    headVectors: Math.ceil(size / 4),
    element: elementOf(aligned, half),
  };
}

/** Offsets of named slices in θ, in floats. */
export type WeightAt = (name: string) => number;

/** @throws Error where θ has no such slice. */
export function weightOffsets(layout: Layout): WeightAt {
  const offsets = new Map(layout.slices.map((slice) => [slice.name, slice.offset]));
  return (name) => {
    const offset = offsets.get(name);
    if (offset === undefined) throw new Error(`θ has no slice ${name}`);
    return offset;
  };
}

/** Whether θ ends with a scalar head. */
export const hasHead = ({ slices }: Layout): boolean => slices.some(({ name }) => name === 'v_head.weight');

/** Names of the weights of LayerNorm i of 2 L + 1: two in each block, then the last. */
export const normName = (i: number, layers: number): string =>
  i === 2 * layers ? 'transformer.ln_f' : `transformer.h.${i >> 1}.ln_${(i & 1) + 1}`;

/** Where the activations of M tokens lie, in vec4s. Index i of `stream`, `normed` and `stats` runs over the 2 L + 1 LayerNorms. */
export interface Arena {
  /** vec4s in all */
  readonly size: number;
  /** Residual stream before LayerNorm i [M, C] */
  stream(i: number): number;
  /** Its mean and reciprocal deviation [M, 1 vec4] */
  stats(i: number): number;
  /** LayerNorm i's output [M, C] */
  normed(i: number): number;
  /** Queries, keys and values [M, 3 C] */
  qkv(layer: number): number;
  /** Log-sum-exp of every query's scores [M, H vec4s] */
  scores(layer: number): number;
  /** Attention's output [M, C] */
  mixed(layer: number): number;
  /** Hidden layer before and after GELU [M, 4 C] */
  bent(layer: number): number;
  hidden(layer: number): number;
  /** [M, V] */
  readonly logits: number;
  /** Log-sum-exp and entropy of every token [M, 1 vec4] */
  readonly outcome: number;
  /** Gradients, present where `forGradient` was asked for. */
  readonly grad: GradArena;
}

interface GradArena {
  readonly logits: number;
  /** of `stream(i)` and `normed(i)` [M, C] */
  stream(i: number): number;
  normed(i: number): number;
  /** of `bent` [M, 4 C], `qkv` [M, 3 C] and `mixed` [M, C] */
  bent(layer: number): number;
  qkv(layer: number): number;
  readonly mixed: number;
  /** of the scalar head [M, 1 vec4], where there is one */
  readonly head: number;
}

/** Lays out the arena. Without a gradient every layer uses the same memory, and the residual stream alternates between two. */
export function arenaOf({ layers, heads, layout }: GptModel, axes: Axes, tokens: number, forGradient: boolean): Arena {
  let size = 0;
  const place = (vectors: number, copies: number): ((i: number) => number) => {
    const at = size;
    size += vectors * tokens * copies;
    return (i) => at + (i % Math.max(1, copies)) * vectors * tokens;
  };
  const norms = 2 * layers + 1;
  const kept = (copies: number): number => (forGradient ? copies : 1);
  const wide = vectorsOf(axes.width);
  const of = {
    stream: place(wide, forGradient ? norms : 2),
    stats: place(1, kept(norms)),
    normed: place(wide, kept(norms)),
    qkv: place(vectorsOf(axes.qkv), kept(layers)),
    scores: place(heads, kept(layers)),
    mixed: place(vectorsOf(axes.mixed), kept(layers)),
    bent: place(vectorsOf(axes.hidden), kept(layers)),
    hidden: place(vectorsOf(axes.hidden), kept(layers)),
    logits: place(vectorsOf(axes.vocab), 1)(0),
    outcome: place(1, 1)(0),
  };
  const grads = forGradient ? 1 : 0;
  const grad: GradArena = {
    logits: place(vectorsOf(axes.vocab), grads)(0),
    stream: place(wide, grads * norms),
    normed: place(wide, grads * norms),
    bent: place(vectorsOf(axes.hidden), grads * layers),
    qkv: place(vectorsOf(axes.qkv), grads * layers),
    mixed: place(vectorsOf(axes.mixed), grads)(0),
    head: place(1, hasHead(layout) ? grads : 0)(0),
  };
  return { ...of, grad, size };
}
