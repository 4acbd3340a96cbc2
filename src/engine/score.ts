/** A policy's `score` as one differentiable operation: two plans, forward and backward, over one arena. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, engine, type NamedTensorMap, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { bufferOf, holdUntilSubmit } from '../kernels/webgpu-backend';
import { HALVE, requireHalves, weightsOf } from './half';
import { buildPlan, type Plan, planCache, runPlan, type Shader, type Step, shadersOf } from './plan';
import type { BatchSize } from './shaders/ends';
import type { Scheme } from './shaders/scheme';
import { allocate, checkArena } from './tensors';
import { schemeOf } from './tune';

/** A policy's `score` on the WebGPU backend. */
export interface FusedScore {
  /**
   * θ [n], tokens and mask [R, T] to logp and entropy [R, T], and where the model has a scalar head to its numbers [R, T];
   * differentiable in θ. The gradient is the same to the last bit when it is computed twice.
   */
  score(theta: Tensor1D, tokens: Tensor2D, mask: Tensor2D): { logp: Tensor2D; entropy: Tensor2D; head?: Tensor2D };
  /** Everything that `score` and its gradient run on a device. */
  shaders(device: GPUDevice): readonly Shader[];
  /** Frees the plans. What is being recorded must have been submitted. */
  release(): void;
}

/** The dispatches of a batch. */
export interface ScoreSteps {
  /** vec4s of the arena */
  readonly vectors: number;
  /** Group 1: tokens, mask, logp, entropy and the constants. */
  readonly forward: readonly Step[];
  /** Group 1: `BACKWARD` of shaders/ends. The table of its last step's jobs. Absent where no gradient was asked for. */
  readonly backward: { readonly steps: readonly Step[]; readonly table: Uint32Array } | null;
  /** A scalar head's own. Group 1: tokens and the head, or the gradient that reaches it. The arena's other gradients follow. */
  readonly head: { readonly forward: Step; readonly backward: Step } | null;
}

/** The same on a device. */
interface ScorePlans {
  /** Floats of the arena */
  readonly floats: number;
  readonly forward: Plan;
  readonly backward: { readonly plan: Plan; readonly table: GPUBuffer } | null;
  readonly head: { readonly forward: Plan; readonly backward: Plan } | null;
}

/** What tfjs's `customGrad` is made of. It takes any number of outputs, which `customGrad` itself does not pass on. */
export interface Autograd {
  isTapeOn(): boolean;
  runKernelFunc(call: {
    inputs: NamedTensorMap;
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor[];
    backwardsFunc(grads: Tensor[], saved: Tensor[]): Record<string, () => Tensor>;
  }): Tensor[];
}

/** The dispatches of a batch in a scheme. They differ with the batch, their shaders do not. */
export type StepsOf = (scheme: Scheme, size: BatchSize, forGradient: boolean) => ScoreSteps;

export interface ScoreOptions {
  /** What the forward plan binds beside the batch. */
  readonly constants?: (device: GPUDevice) => readonly GPUBuffer[];
  /** Instead of the device's own. */
  readonly scheme?: Scheme | undefined;
  /** Whether weights are read as 16-bit floats. The gradient is that with respect to these, handed on to θ. */
  readonly half?: boolean | undefined;
}

/**
 * Builds the fused `score`. Plans are made per batch shape; shaders that are not compiled by then are at their first use.
 */
export function differentiable(stepsOf: StepsOf, { constants = () => [], scheme, half = false }: ScoreOptions = {}): FusedScore {
  const plans = planCache<ScorePlans>(({ forward, backward, head }) => {
    for (const plan of [forward, head?.forward, head?.backward]) plan?.uniforms.destroy();
    backward?.plan.uniforms.destroy();
    backward?.table.destroy();
  });
  const score: FusedScore['score'] = (theta, tokens, mask) => {
    const autograd = engine() as unknown as Autograd;
    const backend = currentBackend() as WebGPUBackend;
    const { device } = backend;
    if (half) requireHalves(device);
    const [rows, length] = tokens.shape;
    const forGradient = autograd.isTapeOn();
    const way = scheme ?? schemeOf(device);
    const { floats, forward, backward, head } = plans(device, `${way} ${rows} ${length} ${forGradient}`, () =>
      makePlans(device, { rows, length }, stepsOf(way, { rows, length }, forGradient)),
    );
    const [logp, entropy, numbers] = autograd.runKernelFunc({
      inputs: { theta },
      forwardFunc(_backend, save) {
        const arena = allocate(backend, [floats]);
        const outputs = [allocate(backend, tokens.shape), allocate(backend, tokens.shape)];
        const read = weightsOf(backend, theta, half);
        const run = runner(backend, read, arena);
        run(forward, [tokens, mask, ...outputs], constants(device));
        if (head !== null) {
          outputs.push(allocate(backend, tokens.shape));
          run(head.forward, [tokens, outputs[2] as Tensor]);
        }
        save([theta, read, tokens, mask, arena]);
        return outputs;
      },
      backwardsFunc: (grads, saved) => ({
        theta: () => {
          if (backward === null) throw new Error('no gradient was prepared for');
          const [theta, read, tokens, mask, arena] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
          const grad = allocate(backend, theta.shape);
          const [gradLogp, gradEntropy, gradHead] = grads as [Tensor, Tensor, Tensor];
          const run = runner(backend, read, arena);
          if (head !== null) run(head.backward, [tokens, gradHead]);
          run(backward.plan, [tokens, mask, gradLogp, gradEntropy, grad], [backward.table]);
          return grad;
        },
      }),
    });
    const scored = { logp: logp as Tensor2D, entropy: entropy as Tensor2D };
    return head === null ? scored : { ...scored, head: numbers as Tensor2D };
  };
  return {
    score,
    shaders(device) {
      if (half) requireHalves(device);
      const { forward, backward, head } = stepsOf(scheme ?? schemeOf(device), { rows: 1, length: 2 }, true);
      const ofHead = head === null ? [] : [head.forward, head.backward];
      return [...(half ? [HALVE] : []), ...shadersOf([...forward, ...(backward?.steps ?? []), ...ofHead])];
    },
    release: plans.release,
  };
}

/** Records plans over these weights and this arena: tensors of group 1, then buffers. */
function runner(backend: WebGPUBackend, weights: Tensor, arena: Tensor) {
  return (plan: Plan, tensors: readonly Tensor[], buffers: readonly GPUBuffer[] = []): void => {
    holdUntilSubmit(backend, [weights, ...tensors]);
    const extras = [...tensors.map((tensor) => bufferOf(backend, tensor)), ...buffers];
    runPlan(backend, plan, bufferOf(backend, weights), bufferOf(backend, arena), extras);
  };
}

function makePlans(device: GPUDevice, size: BatchSize, { vectors, forward, backward, head }: ScoreSteps): ScorePlans {
  checkArena(device, vectors, size);
  return {
    floats: vectors * 4,
    forward: buildPlan(device, forward),
    backward: backward === null ? null : { plan: buildPlan(device, backward.steps), table: constantBuffer(device, backward.table) },
    head: head === null ? null : { forward: buildPlan(device, [head.forward]), backward: buildPlan(device, [head.backward]) },
  };
}

/** A buffer that holds these words and never changes. */
export function constantBuffer(device: GPUDevice, words: Uint32Array | Float32Array): GPUBuffer {
  const buffer = device.createBuffer({ size: words.byteLength, usage: GPUBufferUsage.STORAGE, mappedAtCreation: true });
  new Uint32Array(buffer.getMappedRange()).set(new Uint32Array(words.buffer, words.byteOffset, words.length));
  buffer.unmap();
  return buffer;
}
