import type { WebgpuKernel } from '../kernel';
import { PARTIALS } from '../sum-squares/reference';
import type { AdamwAttrs, AdamwInput } from './reference';

const SIZE = 64;
/** The smallest limit on workgroups per dimension that WebGPU guarantees. */
const MAX_GROUPS = 65_535;

/** One thread per parameter; every thread sums the 64 partials, which costs less than a dispatch of its own. */
export const adamwWebgpu: WebgpuKernel<AdamwInput, AdamwAttrs> = {
  workgroups: ({ theta }) => {
    const groups = Math.ceil((theta.shape[0] ?? 0) / SIZE);
    const rows = Math.ceil(groups / MAX_GROUPS);
    return [Math.ceil(groups / rows), rows, 1];
  },
  uniforms: ({ theta }, attrs) => [
    { type: 'u32', value: theta.shape[0] ?? 0 },
    { type: 'f32', value: attrs.lr },
    { type: 'f32', value: attrs.beta1 },
    { type: 'f32', value: attrs.beta2 },
    // In doubles on the host: 1 - beta2 loses three digits in f32.
    { type: 'f32', value: 1 - attrs.beta1 },
    { type: 'f32', value: 1 - attrs.beta2 },
    { type: 'f32', value: attrs.epsilon },
    { type: 'f32', value: 1 - attrs.lr * attrs.weightDecay },
    { type: 'f32', value: attrs.clipNorm },
    { type: 'f32', value: attrs.correction1 },
    { type: 'f32', value: attrs.correction2 },
  ],
  code: /* wgsl */ `
struct Uniforms {
  size: u32, lr: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32, decay: f32, clipNorm: f32,
  correction1: f32, correction2: f32,
}

@compute @workgroup_size(${SIZE})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${SIZE}u + id.x;
  if (i >= uniforms.size) { return; }
  var scale = 1.0;
  if (uniforms.clipNorm > 0.0) {
    var squares = 0.0;
    for (var p = 0u; p < ${PARTIALS}u; p++) { squares += gradSquares[p]; }
    scale = min(1.0, uniforms.clipNorm / (sqrt(squares) + 1e-6));
  }
  let g = grad[i] * scale;
  let mean = uniforms.beta1 * m[i] + uniforms.rest1 * g;
  let square = uniforms.beta2 * v[i] + uniforms.rest2 * g * g;
  let step = mean / uniforms.correction1 / (sqrt(square / uniforms.correction2) + uniforms.epsilon);
  mNext[i] = mean;
  vNext[i] = square;
  thetaNext[i] = theta[i] * uniforms.decay - uniforms.lr * step;
}`,
};
