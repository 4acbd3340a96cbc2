/** The GPT's `score` on WebGPU. */

import type { GptModel } from '../model';
import { differentiable, type FusedScore, type ScoreSteps } from '../score';
import type { BatchSize } from '../shaders/ends';
import { inEveryScheme, type Scheme } from '../shaders/scheme';
import { arenaFor, backwardSteps, forwardSteps, headSteps, type Parts, partsOf } from './plan';

/**
 * Builds the fused `score` of a GPT: 5 L + 2 dispatches, with a scalar head one more, and as many for its gradient.
 * @param scheme instead of the device's own
 */
export function fusedScore(model: GptModel, scheme?: Scheme): FusedScore {
  const parts = inEveryScheme((way) => partsOf(model, way));
  return differentiable((way, size, forGradient) => scoreSteps(parts[way], size, forGradient), { scheme, half: model.half });
}

function scoreSteps(parts: Parts, size: BatchSize, forGradient: boolean): ScoreSteps {
  const arena = arenaFor(parts, size, forGradient);
  return {
    vectors: arena.size,
    forward: forwardSteps(parts, size, arena),
    backward: forGradient ? backwardSteps(parts, size, arena) : null,
    head: headSteps(parts, size, arena),
  };
}
