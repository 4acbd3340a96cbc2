/** The MLP on the WebGPU backend: `score` as one differentiable operation, and sampling. */
import { type MlpModel, mlpParts, scoreSteps } from './mlp-plan';
import { type FusedDraw, fusedDraw } from './mlp-sample';
import { plainAxis } from './model';
import { planCache } from './plan';
import { constantBuffer, differentiable, type FusedScore } from './score';

/**
 * Builds the fused MLP: `score` takes 4 dispatches, its gradient 4, a draw 4.
 * @param contexts the vector that stands for each token [V, contextSize]; uploaded at the first use on a device
 */
export function fusedMlp(model: MlpModel, contexts: Float32Array): FusedScore & FusedDraw {
  const parts = mlpParts(model, 'registers');
  const tables = planCache<GPUBuffer>((buffer) => buffer.destroy());
  const table = (device: GPUDevice): GPUBuffer =>
    tables(device, 'contexts', () => constantBuffer(device, padded(contexts, model.contextSize)));
  const { score, ...scoring } = differentiable(
    (size, forGradient) => scoreSteps(parts, size, forGradient),
    (device) => [table(device)],
  );
  const { draw, ...drawing } = fusedDraw(parts, table);
  return {
    score,
    draw,
    shaders: [...new Map([...scoring.shaders, ...drawing.shaders].map((shader) => [shader.name, shader])).values()],
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
