/** Sampling from the GPT as one fixed plan over all positions, with keys and values cached in the arena. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { bufferOf, holdUntilSubmit, writeUniforms } from '../kernels/webgpu-backend';
import { blockAt, type Parts, partsOf } from './gpt-plan';
import { type GptModel, normName, vectorsOf } from './model';
import { buildPlan, type Plan, planCache, runPlan, type Step } from './plan';
import { drawnWords, draws } from './shaders/draw';
import { type NormAt, SMALL_TILE } from './shaders/matmul';
import { allocate, checkArena } from './tensors';

/** What the draws depend on, beside θ and the prompts. */
export interface DrawKey {
  readonly seed: number;
  readonly step: number;
  readonly temperature: number;
}

/**
 * Completes rows. `forced` is [T, R]: per position the token that each row has to take, or -1 to draw one. A row that has
 * drawn its end token is padded.
 * @returns tokens and the log-probabilities of the drawn ones at temperature 1, both [R, T]; 0 where none was drawn
 */
export type FusedDecode = (
  theta: Tensor1D,
  forced: readonly Int32Array[],
  key: DrawKey,
) => Promise<{ tokens: Int32Array; logp: Float32Array<ArrayBuffer> }>;

interface DecodePlan {
  /** Floats of the arena */
  readonly floats: number;
  readonly plan: Plan;
}

/** Builds the fused decoder: 1 + (T - 1) (5 L + 2) dispatches in one submission, read back once. */
export function fusedDecode(model: GptModel): FusedDecode {
  const parts = partsOf(model, SMALL_TILE);
  const plans = planCache<DecodePlan>(({ plan }) => plan.uniforms.destroy());
  return async (theta, forced, key) => {
    const backend = currentBackend() as WebGPUBackend;
    const rows = forced[0]?.length ?? 0;
    const length = forced.length;
    const { floats, plan } = plans(backend.device, `${rows} ${length}`, () => decodePlan(backend.device, parts, rows, length));
    const drawn = tidy(() => {
      const table = new Int32Array(rows * length);
      forced.forEach((tokens, place) => {
        table.set(tokens, place * rows);
      });
      const bound = [theta, tensor1d(table, 'int32'), allocate(backend, [drawnWords(rows, length)], 'int32')] as const;
      const [weights, ...extras] = bound.map((tensor) => bufferOf(backend, tensor)) as [GPUBuffer, ...GPUBuffer[]];
      const arena = bufferOf(backend, allocate(backend, [floats]));
      const words = writeUniforms(backend, [
        { type: 'u32', value: key.seed },
        { type: 'u32', value: key.step },
        { type: 'f32', value: 1 / key.temperature },
      ]);
      holdUntilSubmit(backend, bound);
      runPlan(backend, plan, weights, arena, [...extras, words]);
      return bound[2];
    });
    try {
      const words = Int32Array.from(await drawn.data<'int32'>());
      const count = rows * length;
      return { tokens: words.slice(0, count), logp: new Float32Array(words.buffer.slice(count * 4, 2 * count * 4)) };
    } finally {
      drawn.dispose();
    }
  };
}

function decodePlan(device: GPUDevice, parts: Parts, rows: number, length: number): DecodePlan {
  const { steps, vectors } = decodeSteps(parts, rows, length);
  checkArena(device, vectors, { rows, length });
  return { floats: vectors * 4, plan: buildPlan(device, steps) };
}

/** The dispatches of all positions, and the vec4s of the arena that they share. */
function decodeSteps(parts: Parts, rows: number, length: number): { steps: Step[]; vectors: number } {
  const { model, axes, at, product, attend } = parts;
  const arena = decodeArena(parts, rows, length);
  const norm = (i: number): NormAt => ({
    stream: arena.stream(i),
    stats: arena.stats,
    normed: arena.normed,
    gain: at(`${normName(i, model.layers)}.weight`),
    bias: at(`${normName(i, model.layers)}.bias`),
  });
  const wte = at('transformer.wte.weight');
  const wpe = at('transformer.wpe.weight');
  const draw = draws(axes.aligned, axes.width, axes.vocab);
  const take = (place: number): Step => draw({ rows, length, place, logits: arena.logits, wte, wpe, ...norm(0) });
  const block = (layer: number, place: number): Step[] => {
    const weight = blockAt(at, layer);
    const [first, second, next] = [2 * layer, 2 * layer + 1, 2 * layer + 2];
    const { normed, mixed, bent, hidden } = arena;
    const cache = arena.qkv(layer);
    const here = cache + place * rows * vectorsOf(axes.qkv);
    return [
      product.biased({ rows, x: normed, k: axes.width, y: here, n: axes.qkv, w: weight('attn.c_attn.weight') }, weight('attn.c_attn.bias')),
      attend.single({ rows, place, qkv: cache, mixed }),
      product.residual(
        { rows, x: mixed, k: axes.mixed, y: arena.stream(second), n: axes.width, w: weight('attn.c_proj.weight') },
        weight('attn.c_proj.bias'),
        arena.stream(first),
        norm(second),
      ),
      product.gelu(
        { rows, x: normed, k: axes.width, y: bent, n: axes.hidden, w: weight('mlp.c_fc.weight') },
        weight('mlp.c_fc.bias'),
        hidden,
      ),
      product.residual(
        { rows, x: hidden, k: axes.hidden, y: arena.stream(next), n: axes.width, w: weight('mlp.c_proj.weight') },
        weight('mlp.c_proj.bias'),
        arena.stream(second),
        norm(next),
      ),
    ];
  };
  const steps = [take(0)];
  for (let place = 0; place + 1 < length; place++) {
    for (let layer = 0; layer < model.layers; layer++) steps.push(...block(layer, place));
    steps.push(product.transposed({ rows, x: arena.normed, k: axes.width, y: arena.logits, n: axes.vocab, w: wte }), take(place + 1));
  }
  return { steps, vectors: arena.size };
}

/** One position's activations [R, ...] and all positions' queries, keys and values [T, R, 3 C], in vec4s. */
function decodeArena({ model, axes }: Parts, rows: number, length: number) {
  let size = 0;
  const place = (vectors: number): number => {
    const at = size;
    size += vectors;
    return at;
  };
  const wide = rows * vectorsOf(axes.width);
  const cache = rows * length * vectorsOf(axes.qkv);
  const streams = place(2 * wide);
  const caches = place(model.layers * cache);
  const of = {
    stats: place(rows),
    normed: place(wide),
    mixed: place(rows * vectorsOf(axes.mixed)),
    bent: place(rows * vectorsOf(axes.hidden)),
    hidden: place(rows * vectorsOf(axes.hidden)),
    logits: place(rows * vectorsOf(axes.vocab)),
  };
  // The residual stream alternates between two places.
  return { ...of, stream: (i: number): number => streams + (i % 2) * wide, qkv: (layer: number): number => caches + layer * cache, size };
}
