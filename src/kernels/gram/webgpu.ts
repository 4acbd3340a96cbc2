import type { WebgpuKernel } from '../kernel';
import { BITS } from '../movement/bits';
import { type GramAttrs, type GramInput, pairsOf } from './reference';

const SIZE = 64;
/** The smallest limit on workgroups per dimension that WebGPU guarantees. */
const MAX_GROUPS = 65_535;
/** Products that are added before they are carried: 32 times 2^25 fits a word. */
const BLOCK = 32;

/**
 * A thread per pair. A factor of at most 24 bits is split at bit 12, so that every partial product and a block of sums of them fit
 * into i32: integers add up to the same in any order, on every device.
 */
export const gramWebgpu: WebgpuKernel<GramInput, GramAttrs> = {
  workgroups: (_inputs, { side }) => {
    const groups = Math.ceil(pairsOf(side) / SIZE);
    const rows = Math.ceil(groups / MAX_GROUPS);
    return [Math.ceil(groups / rows), rows, 1];
  },
  uniforms: (_inputs, attrs) => [
    { type: 'u32', value: pairsOf(attrs.side) },
    { type: 'u32', value: attrs.offset },
    { type: 'u32', value: attrs.length },
    { type: 'u32', value: attrs.sideStride },
    { type: 'u32', value: attrs.lengthStride },
    { type: 'f32', value: attrs.scale },
    { type: 'u32', value: attrs.bf16 },
  ],
  code: /* wgsl */ `
struct Uniforms { pairs: u32, offset: u32, length: u32, sideStride: u32, lengthStride: u32, scale: f32, bf16: u32 }
${BITS}
fn difference(at: u32) -> i32 {
  var before = bitcast<u32>(start[at]);
  var now = bitcast<u32>(theta[at]);
  if (uniforms.bf16 == 1u) {
    before = toBf16(before);
    now = toBf16(now);
  }
  return i32(round((bitcast<f32>(now) - bitcast<f32>(before)) * uniforms.scale));
}

@compute @workgroup_size(${SIZE})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let pair = id.y * groups.x * ${SIZE}u + id.x;
  if (pair >= uniforms.pairs) { return; }
  // The root is near enough that a step either way makes it exact.
  var i = u32((sqrt(f32(8u * pair + 1u)) - 1.0) / 2.0);
  while (i * (i + 1u) / 2u > pair) { i--; }
  while ((i + 1u) * (i + 2u) / 2u <= pair) { i++; }
  let j = pair - i * (i + 1u) / 2u;
  let first = uniforms.offset + i * uniforms.sideStride;
  let second = uniforms.offset + j * uniforms.sideStride;
  var high = 0;
  var low = 0;
  for (var block = 0u; block < uniforms.length; block += ${BLOCK}u) {
    var highs = 0;
    var middles = 0;
    var lows = 0;
    for (var l = block; l < min(block + ${BLOCK}u, uniforms.length); l++) {
      let x = difference(first + l * uniforms.lengthStride);
      let y = difference(second + l * uniforms.lengthStride);
      let xLow = x & 0xfff;
      let yLow = y & 0xfff;
      highs += (x >> 12u) * (y >> 12u);
      middles += (x >> 12u) * yLow + (y >> 12u) * xLow;
      lows += xLow * yLow;
    }
    high += highs + (middles >> 12u);
    low += lows + ((middles & 0xfff) << 12u);
    high += low >> 24u;
    low &= 0xffffff;
  }
  products[2u * pair] = high;
  products[2u * pair + 1u] = low;
}`,
};
