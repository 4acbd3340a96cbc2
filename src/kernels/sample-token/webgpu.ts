import type { WebgpuKernel } from '../kernel';
import { type SampleTokenAttrs, type SampleTokenInput, SMALLEST } from './reference';

const SIZE = 64;

/** One workgroup per row: each lane takes every 64th token, then a tree finds the best. */
export const sampleTokenWebgpu: WebgpuKernel<SampleTokenInput, SampleTokenAttrs> = {
  workgroups: ({ logits }) => [logits.shape[0] ?? 0, 1, 1],
  uniforms: ({ logits }, attrs) => [
    { type: 'u32', value: logits.shape[1] ?? 0 },
    { type: 'u32', value: attrs.seed },
    { type: 'u32', value: attrs.step },
    { type: 'u32', value: attrs.position },
    { type: 'f32', value: 1 / attrs.temperature },
  ],
  code: /* wgsl */ `
struct Uniforms { vocab: u32, seed: u32, step: u32, position: u32, sharpness: f32 }
var<workgroup> scores: array<f32, ${SIZE}>;
var<workgroup> tokens: array<u32, ${SIZE}>;

fn pcg4d(key: vec4u) -> vec4u {
  var h = key * 1664525u + 1013904223u;
  h.x += h.y * h.w; h.y += h.z * h.x; h.z += h.x * h.y; h.w += h.y * h.z;
  h ^= h >> vec4u(16u);
  h.x += h.y * h.w; h.y += h.z * h.x; h.z += h.x * h.y; h.w += h.y * h.z;
  return h;
}

@compute @workgroup_size(${SIZE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  var best = -3.4e38;
  var chosen = 0xffffffffu;
  for (var v = lane; v < uniforms.vocab; v += ${SIZE}u) {
    let h = pcg4d(vec4u(uniforms.seed ^ (v * 0x9e3779b1u), uniforms.step, row, uniforms.position));
    let u = (f32(h.x >> 9u) + 0.5) * ${2 ** -23};
    let score = logits[row * uniforms.vocab + v] * uniforms.sharpness - log(max(-log(u), ${SMALLEST}));
    if (score > best) { best = score; chosen = v; }
  }
  scores[lane] = best;
  tokens[lane] = chosen;
  workgroupBarrier();
  for (var half = ${SIZE / 2}u; half > 0u; half /= 2u) {
    if (lane < half) {
      let other = scores[lane + half];
      if (other > scores[lane] || (other == scores[lane] && tokens[lane + half] < tokens[lane])) {
        scores[lane] = other;
        tokens[lane] = tokens[lane + half];
      }
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    // Logits that are all NaN leave nothing chosen; token 0 is in range, and the run fails on its loss.
    let drawn = select(i32(tokens[0]), 0, tokens[0] == 0xffffffffu);
    token[row] = select(drawn, forced[row], forced[row] >= 0);
  }
}`,
};
