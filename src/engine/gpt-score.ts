/** The GPT's `score` on WebGPU. */
import { arenaFor, backwardSteps, forwardSteps, type Parts, partsOf } from './gpt-plan';
import type { GptModel } from './model';
import { differentiable, type FusedScore, type ScoreSteps } from './score';
import type { BatchSize } from './shaders/ends';
import type { Scheme } from './shaders/scheme';

/** Builds the fused `score` of a GPT: 5 L + 3 dispatches, and as many for its gradient. */
export function fusedScore(model: GptModel, scheme: Scheme = 'registers'): FusedScore {
  const parts = partsOf(model, scheme);
  return differentiable((size, forGradient) => scoreSteps(parts, size, forGradient));
}

function scoreSteps(parts: Parts, size: BatchSize, forGradient: boolean): ScoreSteps {
  const arena = arenaFor(parts, size, forGradient);
  return {
    vectors: arena.size,
    forward: forwardSteps(parts, size, arena),
    backward: forGradient ? backwardSteps(parts, size, arena) : null,
  };
}
