/** The GPT's `score` as one differentiable operation: two plans, forward and backward, over one arena. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, engine, type NamedTensorMap, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { bufferOf, holdUntilSubmit } from '../kernels/webgpu-backend';
import { arenaFor, backwardSteps, forwardSteps, type Parts, partsOf } from './gpt-plan';
import type { GptModel } from './model';
import { buildPlan, type Plan, planCache, runPlan, type Shader, shadersOf } from './plan';
import { SMALL_TILE, type Tile } from './shaders/matmul';
import { allocate, checkArena } from './tensors';

/** A policy's `score` on the WebGPU backend. */
export interface FusedScore {
  /**
   * θ [n], tokens and mask [R, T] to logp and entropy [R, T], differentiable in θ. The gradient is the same to the last
   * bit when it is computed twice.
   */
  score(theta: Tensor1D, tokens: Tensor2D, mask: Tensor2D): { logp: Tensor2D; entropy: Tensor2D };
  /** Everything that `score` and its gradient run. */
  readonly shaders: readonly Shader[];
  /** Frees the plans. What is being recorded must have been submitted. */
  release(): void;
}

/** The plans of one batch shape. */
interface ScorePlans {
  /** Floats of the arena */
  readonly floats: number;
  readonly forward: Plan;
  /** Absent where no gradient will be asked for. */
  readonly backward: { readonly plan: Plan; readonly table: GPUBuffer } | null;
}

/** What tfjs's `customGrad` is made of. It takes any number of outputs, which `customGrad` itself does not pass on. */
interface Autograd {
  isTapeOn(): boolean;
  runKernelFunc(call: {
    inputs: NamedTensorMap;
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor[];
    backwardsFunc(grads: Tensor[], saved: Tensor[]): Record<string, () => Tensor>;
  }): Tensor[];
}

/** Builds the fused `score`. Plans are made per batch shape; shaders that are not compiled by then are at their first use. */
export function fusedScore(model: GptModel, tile: Tile = SMALL_TILE): FusedScore {
  const parts = partsOf(model, tile);
  const plans = planCache<ScorePlans>(({ forward, backward }) => {
    forward.uniforms.destroy();
    backward?.plan.uniforms.destroy();
    backward?.table.destroy();
  });
  const score: FusedScore['score'] = (theta, tokens, mask) => {
    const autograd = engine() as unknown as Autograd;
    const backend = currentBackend() as WebGPUBackend;
    const [rows, length] = tokens.shape;
    const forGradient = autograd.isTapeOn();
    const { floats, forward, backward } = plans(backend.device, `${rows} ${length} ${forGradient}`, () =>
      makePlans(backend.device, parts, { rows, length }, forGradient),
    );
    const [logp, entropy] = autograd.runKernelFunc({
      inputs: { theta },
      forwardFunc(_backend, save) {
        const arena = allocate(backend, [floats]);
        const outputs = [allocate(backend, tokens.shape), allocate(backend, tokens.shape)];
        const bound = [theta, tokens, mask, ...outputs];
        const [weights, ...extras] = bound.map((tensor) => bufferOf(backend, tensor)) as [GPUBuffer, ...GPUBuffer[]];
        holdUntilSubmit(backend, bound);
        runPlan(backend, forward, weights, bufferOf(backend, arena), extras);
        save([theta, tokens, mask, arena]);
        return outputs;
      },
      backwardsFunc: (grads, saved) => ({
        theta: () => {
          if (backward === null) throw new Error('no gradient was prepared for');
          const [theta, tokens, mask, arena] = saved as [Tensor, Tensor, Tensor, Tensor];
          const grad = allocate(backend, theta.shape);
          const bound = [theta, tokens, mask, ...grads, grad];
          const [weights, ...extras] = bound.map((tensor) => bufferOf(backend, tensor)) as [GPUBuffer, ...GPUBuffer[]];
          holdUntilSubmit(backend, bound);
          runPlan(backend, backward.plan, weights, bufferOf(backend, arena), [...extras, backward.table]);
          return grad;
        },
      }),
    });
    return { logp: logp as Tensor2D, entropy: entropy as Tensor2D };
  };
  return { score, shaders: scoreShaders(parts), release: plans.release };
}

/** Shaders do not depend on the batch: any will do to list them. */
function scoreShaders(parts: Parts): Shader[] {
  const size = { rows: 1, length: 2 };
  const arena = arenaFor(parts, size, true);
  return shadersOf([...forwardSteps(parts, size, arena), ...backwardSteps(parts, size, arena).steps]);
}

function makePlans(device: GPUDevice, parts: Parts, size: { rows: number; length: number }, forGradient: boolean): ScorePlans {
  const arena = arenaFor(parts, size, forGradient);
  checkArena(device, arena.size, size);
  const forward = buildPlan(device, forwardSteps(parts, size, arena));
  if (!forGradient) return { floats: arena.size * 4, forward, backward: null };
  const { steps, table } = backwardSteps(parts, size, arena);
  const buffer = device.createBuffer({ size: table.byteLength, usage: GPUBufferUsage.STORAGE, mappedAtCreation: true });
  new Uint32Array(buffer.getMappedRange()).set(table);
  buffer.unmap();
  return { floats: arena.size * 4, forward, backward: { plan: buildPlan(device, steps), table: buffer } };
}
