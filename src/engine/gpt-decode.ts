/** Sampling from the GPT on WebGPU: one submission for all tokens of a batch, read back once. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { keyWords, type Sharpening } from '../kernels/sample-token/draw';
import { FREE } from '../kernels/sample-token/reference';
import { bufferOf, holdUntilSubmit, writeUniforms } from '../kernels/webgpu-backend';
import { type DecodeSize, decodeArena, decodeSteps } from './gpt-decode-plan';
import { type Parts, partsOf } from './gpt-plan';
import type { GptModel } from './model';
import { buildPlan, type Plan, planCache, runPlan, type Shader, shadersOf } from './plan';
import { drawnWords } from './shaders/draw';
import { allocate, checkArena } from './tensors';

/** What the draws depend on, beside θ and the prompts. */
export interface DrawKey extends Sharpening {
  readonly seed: number;
  readonly step: number;
}

/** All [R, T]: tokens, and 0 where none was drawn or its log-probability at temperature 1 and the entropy around it. */
export interface Decoded {
  readonly tokens: Int32Array;
  readonly logp: Float32Array<ArrayBuffer>;
  readonly entropy: Float32Array<ArrayBuffer>;
}

export interface FusedDecode {
  /**
   * Completes rows. `forced` is [T, R]: per position the token that each row has to take, or -1 to draw one. A row that
   * has drawn its end token is padded.
   */
  decode(theta: Tensor1D, forced: readonly Int32Array[], key: DrawKey): Promise<Decoded>;
  /** Everything that `decode` runs. */
  readonly shaders: readonly Shader[];
  /** Frees the plans. What is being recorded must have been submitted. */
  release(): void;
}

interface DecodePlan {
  /** Floats of the arena */
  readonly floats: number;
  readonly plan: Plan;
}

/** Builds the fused decoder. */
export function fusedDecode(model: GptModel): FusedDecode {
  const parts = partsOf(model, 'registers');
  const plans = planCache<DecodePlan>(({ plan }) => plan.uniforms.destroy());
  return {
    decode(theta, forced, key) {
      const backend = currentBackend() as WebGPUBackend;
      const size = sizeOf(forced);
      const name = `${size.rows} ${size.length} ${size.prefix}`;
      return run(
        backend,
        plans(backend.device, name, () => decodePlan(backend.device, parts, size)),
        theta,
        forced,
        key,
      );
    },
    shaders: decodeShaders(parts),
    release: plans.release,
  };
}

/** Shaders do not depend on the batch: any will do to list them. */
function decodeShaders(parts: Parts): Shader[] {
  const size = { rows: 1, length: 2, prefix: 1 };
  return shadersOf(decodeSteps(parts, size, decodeArena(parts, size.rows, size.length)));
}

function sizeOf(forced: readonly Int32Array[]): DecodeSize {
  const free = forced.findIndex((tokens) => tokens.includes(FREE));
  return { rows: forced[0]?.length ?? 0, length: forced.length, prefix: free < 0 ? forced.length : Math.max(1, free) };
}

function decodePlan(device: GPUDevice, parts: Parts, size: DecodeSize): DecodePlan {
  const arena = decodeArena(parts, size.rows, size.length);
  checkArena(device, arena.size, size);
  return { floats: arena.size * 4, plan: buildPlan(device, decodeSteps(parts, size, arena)) };
}

async function run(
  backend: WebGPUBackend,
  { floats, plan }: DecodePlan,
  theta: Tensor1D,
  forced: readonly Int32Array[],
  key: DrawKey,
): Promise<Decoded> {
  const length = forced.length;
  const rows = forced[0]?.length ?? 0;
  const count = rows * length;
  const drawn = tidy(() => {
    const table = new Int32Array(count);
    forced.forEach((tokens, place) => {
      table.set(tokens, place * rows);
    });
    const bound = [theta, tensor1d(table, 'int32'), allocate(backend, [drawnWords(rows, length)], 'int32')] as const;
    const [weights, ...extras] = bound.map((tensor) => bufferOf(backend, tensor)) as [GPUBuffer, ...GPUBuffer[]];
    const arena = bufferOf(backend, allocate(backend, [floats]));
    const words = writeUniforms(backend, keyWords(key));
    holdUntilSubmit(backend, bound);
    runPlan(backend, plan, weights, arena, [...extras, words]);
    return bound[2];
  });
  try {
    const words = Int32Array.from(await drawn.data<'int32'>());
    const floatsAt = (part: number) => new Float32Array(words.buffer.slice(part * count * 4, (part + 1) * count * 4));
    return { tokens: words.slice(0, count), logp: floatsAt(1), entropy: floatsAt(2) };
  } finally {
    drawn.dispose();
  }
}
