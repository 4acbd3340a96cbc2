/** The GPT's `score` as one differentiable operation: two plans, forward and backward, over one arena. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, engine, type NamedTensorMap, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { bufferOf, holdUntilSubmit } from '../kernels/webgpu-backend';
import { arenaFor, backwardSteps, forwardSteps, type Parts, partsOf } from './gpt-plan';
import type { GptModel } from './model';
import { buildPlan, type Plan, runPlan } from './plan';

/** A policy's `score` on the WebGPU backend. */
export type FusedScore = (theta: Tensor1D, tokens: Tensor2D, mask: Tensor2D) => { logp: Tensor2D; entropy: Tensor2D };

/** The plans of one batch shape. */
interface ScorePlans {
  /** Floats of the arena */
  readonly floats: number;
  readonly forward: Plan;
  /** Absent where no gradient will be asked for. */
  readonly backward: { readonly plan: Plan; readonly table: GPUBuffer } | null;
}

/** Shapes whose plans are kept; a run has a handful. */
const KEPT_PLANS = 32;

/** What tfjs's `customGrad` is made of. It takes any number of outputs, which `customGrad` itself does not pass on. */
interface Autograd {
  isTapeOn(): boolean;
  runKernelFunc(call: {
    inputs: NamedTensorMap;
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor[];
    backwardsFunc(grads: Tensor[], saved: Tensor[]): Record<string, () => Tensor>;
  }): Tensor[];
}

/**
 * Builds the fused `score`. Plans are made per batch shape, and compiled at their first use.
 * @returns a function of θ [n], tokens and mask [R, T] to logp and entropy [R, T], differentiable in θ; its gradient is
 *   the same to the last bit when it is computed twice
 */
export function fusedScore(model: GptModel): FusedScore {
  const parts = partsOf(model);
  const devices = new WeakMap<GPUDevice, Map<string, ScorePlans>>();
  const plansFor = (backend: WebGPUBackend, rows: number, length: number, forGradient: boolean): ScorePlans => {
    const plans = devices.get(backend.device) ?? new Map<string, ScorePlans>();
    devices.set(backend.device, plans);
    const key = `${rows} ${length} ${forGradient}`;
    const found = plans.get(key);
    if (found !== undefined) return found;
    if (plans.size >= KEPT_PLANS) plans.clear();
    const made = makePlans(backend.device, parts, { rows, length }, forGradient);
    plans.set(key, made);
    return made;
  };

  return (theta, tokens, mask) => {
    const autograd = engine() as unknown as Autograd;
    const backend = currentBackend() as WebGPUBackend;
    const [rows, length] = tokens.shape;
    const { floats, forward, backward } = plansFor(backend, rows, length, autograd.isTapeOn());
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
}

function makePlans(device: GPUDevice, parts: Parts, size: { rows: number; length: number }, forGradient: boolean): ScorePlans {
  const arena = arenaFor(parts, size, forGradient);
  const bytes = arena.size * 16;
  if (bytes > device.limits.maxStorageBufferBindingSize) {
    const most = Math.floor(device.limits.maxStorageBufferBindingSize / 2 ** 20);
    throw new RangeError(
      `A batch of ${size.rows} rows of ${size.length} tokens needs ${Math.ceil(bytes / 2 ** 20)} MB for its activations; this device allows ${most} MB. Use a smaller batch or more micro-batches.`,
    );
  }
  const forward = buildPlan(device, forwardSteps(parts, size, arena));
  if (!forGradient) return { floats: arena.size * 4, forward, backward: null };
  const { steps, table } = backwardSteps(parts, size, arena);
  const buffer = device.createBuffer({ size: table.byteLength, usage: GPUBufferUsage.STORAGE, mappedAtCreation: true });
  new Uint32Array(buffer.getMappedRange()).set(table);
  buffer.unmap();
  return { floats: arena.size * 4, forward, backward: { plan: buildPlan(device, steps), table: buffer } };
}

/** A float tensor out of the backend's pool, with whatever was in it. It belongs to the current tidy scope. */
const allocate = (backend: WebGPUBackend, shape: readonly number[]): Tensor =>
  engine().makeTensorFromTensorInfo(backend.makeTensorInfo([...shape], 'float32'));
