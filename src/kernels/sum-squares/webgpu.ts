import type { WebgpuKernel } from '../kernel';
import { PARTIALS } from './reference';

const SIZE = PARTIALS;

/** One workgroup per partial sum, strided loads, a tree in workgroup memory: a fixed order, so the same bits every time. */
export const sumSquaresWebgpu: WebgpuKernel<'x', object> = {
  workgroups: () => [PARTIALS, 1, 1],
  uniforms: ({ x }) => [{ type: 'u32', value: x.shape.reduce((product, n) => product * n, 1) }],
  code: /* wgsl */ `
struct Uniforms { size: u32 }
var<workgroup> sums: array<f32, ${SIZE}>;

@compute @workgroup_size(${SIZE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = group.x * ${SIZE}u + lane; i < uniforms.size; i += ${SIZE * PARTIALS}u) {
    sum += x[i] * x[i];
  }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = ${SIZE / 2}u; half > 0u; half /= 2u) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { partials[group.x] = sums[0]; }
}`,
};
