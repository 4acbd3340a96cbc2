/** Sampling from the MLP: the forward plan and the draws, 4 dispatches in one submission, read back once. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend as currentBackend, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { keyWords } from '../../kernels/sample-token/draw';
import type { Sharpening } from '../../kernels/sample-token/reference';
import { bufferOf, holdUntilSubmit, writeUniforms } from '../../kernels/webgpu-backend';
import { buildPlan, type Plan, planCache, runPlan, type Shader, shadersOf } from '../plan';
import { drawnWords } from '../shaders/mlp';
import { allocate, checkArena } from '../tensors';
import { drawSteps, type MlpParts } from './plan';

/** One action for each row, with its log-probability and the distribution's entropy at temperature 1; all [R]. */
export interface DrawnActions {
  readonly tokens: Int32Array;
  readonly logp: Float32Array;
  readonly entropy: Float32Array;
}

/** A policy's way to draw actions on the WebGPU backend. */
export interface FusedDraw {
  /** @param prompts [R] of as many tokens as the model's prompts have */
  draw(
    theta: Tensor1D,
    prompts: readonly (readonly number[])[],
    key: { readonly seed: number; readonly step: number } & Sharpening,
  ): Promise<DrawnActions>;
  readonly shaders: readonly Shader[];
  /** Frees the plans. What is being recorded must have been submitted. */
  release(): void;
}

interface DrawPlan {
  /** Floats of the arena */
  readonly floats: number;
  readonly plan: Plan;
}

/** @param contexts the buffer of the vectors that stand for tokens */
export function fusedDraw(parts: MlpParts, contexts: (device: GPUDevice) => GPUBuffer): FusedDraw {
  const plans = planCache<DrawPlan>(({ plan }) => plan.uniforms.destroy());
  const draw: FusedDraw['draw'] = async (theta, prompts, key) => {
    const backend = currentBackend() as WebGPUBackend;
    const rows = prompts.length;
    const { floats, plan } = plans(backend.device, `${rows}`, () => makePlan(backend.device, parts, rows));
    const drawn = tidy(() => {
      const bound = [theta, tensor1d(prompts.flat(), 'int32'), allocate(backend, [drawnWords(rows)], 'int32')] as const;
      const [weights, tokens, result] = bound.map((tensor) => bufferOf(backend, tensor)) as [GPUBuffer, GPUBuffer, GPUBuffer];
      const arena = bufferOf(backend, allocate(backend, [floats]));
      holdUntilSubmit(backend, bound);
      runPlan(backend, plan, weights, arena, [tokens, result, writeUniforms(backend, keyWords(key)), contexts(backend.device)]);
      return bound[2];
    });
    try {
      const words = Int32Array.from(await drawn.data<'int32'>());
      const floatsFrom = (row: number): Float32Array => new Float32Array(words.buffer, 4 * row, rows);
      return { tokens: words.subarray(0, rows), logp: floatsFrom(rows), entropy: floatsFrom(2 * rows) };
    } finally {
      drawn.dispose();
    }
  };
  return { draw, shaders: shadersOf(drawSteps(parts, 1).steps), release: plans.release };
}

function makePlan(device: GPUDevice, parts: MlpParts, rows: number): DrawPlan {
  const { steps, vectors } = drawSteps(parts, rows);
  checkArena(device, vectors, { rows, length: parts.model.span.promptLen });
  return { floats: vectors * 4, plan: buildPlan(device, steps) };
}
