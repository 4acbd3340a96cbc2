/** The MLP on the WebGPU backend: `score` as one differentiable operation, and sampling. */

import { plainAxis } from '../model';
import { planCache, uniqueShaders } from '../plan';
import { constantBuffer, differentiable, type FusedScore } from '../score';
import { inEveryScheme, type Scheme } from '../shaders/scheme';
import { type MlpModel, mlpParts, scoreSteps } from './plan';
import { type FusedDraw, fusedDraw } from './sample';

/**
 * Builds the fused MLP: `score` takes 4 dispatches, its gradient 4, a draw 4. With a scalar head the first two take 5.
 * @param contexts the vector that stands for each token [V, contextSize]; uploaded at the first use on a device
 * @param scheme of the score, instead of the device's own
 */
export function fusedMlp(model: MlpModel, contexts: Float32Array, scheme?: Scheme): FusedScore & Pick<FusedDraw, 'draw'> {
  const parts = inEveryScheme((way) => mlpParts(model, way));
  const tables = planCache<GPUBuffer>((buffer) => buffer.destroy());
  const table = (device: GPUDevice): GPUBuffer =>
    tables(device, 'contexts', () => constantBuffer(device, padded(contexts, model.contextSize)));
  const { score, ...scoring } = differentiable((way, size, forGradient) => scoreSteps(parts[way], size, forGradient), {
    constants: (device) => [table(device)],
    scheme,
  });
  const { draw, ...drawing } = fusedDraw(parts.registers, table);
  return {
    score,
    draw,
    shaders: (device) => uniqueShaders([...scoring.shaders(device), ...drawing.shaders]),
    release() {
      scoring.release();
      drawing.release();
      tables.release();
    },
  };
}

/** Rows of a matrix as vec4s, filled up with zeros. */
function padded(matrix: Float32Array, length: number): Float32Array {
  const rows = matrix.length / length;
  const wide = 4 * plainAxis(length).vectors;
  const words = new Float32Array(rows * wide);
  for (let row = 0; row < rows; row++) words.set(matrix.subarray(row * length, (row + 1) * length), row * wide);
  return words;
}
