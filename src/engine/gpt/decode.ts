/** Sampling from the GPT on WebGPU: one submission for all tokens of a batch, read back once. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { keyWords } from '../../kernels/sample-token/draw';
import type { Sharpening } from '../../kernels/sample-token/reference';
import { FREE } from '../../kernels/sample-token/reference';
import { bufferOf, holdUntilSubmit, readBack, submit, writeUniforms } from '../../kernels/webgpu-backend';
import { requireHalves, weightsOf } from '../half';
import type { GptModel } from '../model';
import { buildPlan, compileShaders, type Plan, planCache, runPlan, type Shader, type Step, shadersOf } from '../plan';
import { drawnWords } from '../shaders/draw';
import { allocate, checkArena } from '../tensors';
import { type Choice, runFaster } from './decode-choice';
import { type DecodeSize, decodeArena, decodeSteps, wholeSteps } from './decode-plan';
import { type Parts, partsOf } from './plan';

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
  /** Everything that `decode` runs at first. */
  readonly shaders: readonly Shader[];
  /** Frees the plans. What is being recorded must have been submitted. */
  release(): void;
}

/** Dispatches for each position, one for all of them, or the faster of the two as it is measured. */
export type DecodeVariant = 'steps' | 'whole' | 'measured';

/** One shape on one device; a plan is compiled when it is asked for. */
interface DecodePlans {
  /** Floats of the arena */
  readonly floats: number;
  steps(): Plan;
  /** Null where the model does not fit into a workgroup's memory. */
  readonly whole: { readonly shaders: readonly Shader[]; plan(): Plan } | null;
  release(): void;
}

/** What is faster, by device, model and shape. */
const choices = new WeakMap<GPUDevice, Map<string, Choice>>();

/** Builds the fused decoder. A variant that is not measured is for tests and the bench. */
export function fusedDecode(model: GptModel, variant: DecodeVariant = 'measured'): FusedDecode {
  const parts = partsOf(model, 'registers');
  const plans = planCache<DecodePlans>((made) => made.release());
  const decode: FusedDecode['decode'] = async (theta, forced, key) => {
    const backend = currentBackend() as WebGPUBackend;
    const { device } = backend;
    if (model.half === true) requireHalves(device);
    const size = sizeOf(forced);
    const { floats, steps, whole } = plans(device, `${size.rows} ${size.length} ${size.prefix}`, () => decodePlans(device, parts, size));
    const run = (plan: Plan): Promise<Decoded> => runDecode(backend, plan, floats, { theta, half: model.half ?? false }, forced, key);
    if (variant === 'steps' || (variant === 'measured' && whole === null)) return run(steps());
    if (whole === null) throw new RangeError('This model does not fit into the memory of a workgroup.');
    if (variant === 'whole') return run(whole.plan());
    const known = choices.get(device) ?? new Map<string, Choice>();
    choices.set(device, known);
    const shape = [model.layers, model.width, model.heads, model.vocabSize, model.half, size.rows, size.length].join(' ');
    const ways = {
      dispatches: steps().steps.length,
      steps: () => run(steps()),
      whole: () => run(whole.plan()),
      compile: () => compileShaders(device, whole.shaders),
      async idle() {
        submit(backend);
        await device.queue.onSubmittedWorkDone();
      },
      same: sameBits,
    };
    return runFaster(ways, known.get(shape) ?? 'unknown', (next) => known.set(shape, next));
  };
  return { decode, shaders: decodeShaders(parts), release: plans.release };
}

/** Shaders do not depend on the batch: any will do to list them. */
function decodeShaders(parts: Parts): Shader[] {
  const size = { rows: 1, length: 2, prefix: 1 };
  return shadersOf(decodeSteps(parts, size, decodeArena(parts, size)));
}

function sizeOf(forced: readonly Int32Array[]): DecodeSize {
  const free = forced.findIndex((tokens) => tokens.includes(FREE));
  return { rows: forced[0]?.length ?? 0, length: forced.length, prefix: free < 0 ? forced.length : Math.max(1, free) };
}

function decodePlans(device: GPUDevice, parts: Parts, size: DecodeSize): DecodePlans {
  const arena = decodeArena(parts, size);
  checkArena(device, arena.size, size);
  const built: Plan[] = [];
  const lazily = (steps: readonly Step[]): (() => Plan) => {
    let plan: Plan | null = null;
    return () => {
      if (plan === null) {
        plan = buildPlan(device, steps);
        built.push(plan);
      }
      return plan;
    };
  };
  const whole = wholeSteps(parts, size, arena, device.limits.maxComputeWorkgroupStorageSize);
  return {
    floats: arena.size * 4,
    steps: lazily(decodeSteps(parts, size, arena)),
    whole: whole === null ? null : { shaders: shadersOf(whole), plan: lazily(whole) },
    release() {
      for (const { uniforms } of built) uniforms.destroy();
    },
  };
}

async function runDecode(
  backend: WebGPUBackend,
  plan: Plan,
  floats: number,
  { theta, half }: { readonly theta: Tensor1D; readonly half: boolean },
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
    const bound = [
      weightsOf(backend, theta, half),
      tensor1d(table, 'int32'),
      allocate(backend, [drawnWords(rows, length)], 'int32'),
    ] as const;
    const [weights, ...extras] = bound.map((tensor) => bufferOf(backend, tensor)) as [GPUBuffer, ...GPUBuffer[]];
    const arena = bufferOf(backend, allocate(backend, [floats]));
    const words = writeUniforms(backend, keyWords(key));
    holdUntilSubmit(backend, bound);
    runPlan(backend, plan, weights, arena, [...extras, words]);
    return bound[2];
  });
  try {
    const { buffer } = await readBack(backend, [drawn]);
    const part = (i: number): ArrayBuffer => (buffer as ArrayBuffer).slice(i * count * 4, (i + 1) * count * 4);
    return { tokens: new Int32Array(part(0)), logp: new Float32Array(part(1)), entropy: new Float32Array(part(2)) };
  } finally {
    drawn.dispose();
  }
}

/** Whether two results are the same to the last bit. */
function sameBits(a: Decoded, b: Decoded): boolean {
  const wordsOf = ({ tokens, logp, entropy }: Decoded) => [tokens, new Int32Array(logp.buffer), new Int32Array(entropy.buffer)];
  const others = wordsOf(b);
  return wordsOf(a).every((words, i) => words.every((word, j) => word === others[i]?.[j]));
}
