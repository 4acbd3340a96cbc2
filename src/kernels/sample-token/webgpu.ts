import type { WebgpuKernel } from '../kernel';
import { drawCode, KEY_FIELDS, keyWords, TEAM } from './draw';
import type { SampleTokenAttrs, SampleTokenInput } from './reference';

const LANES = 64;
const TEAMS = LANES / TEAM;

/** A team of lanes per row. */
export const sampleTokenWebgpu: WebgpuKernel<SampleTokenInput, SampleTokenAttrs> = {
  workgroups: ({ logits }) => {
    const groups = Math.ceil((logits.shape[0] ?? 0) / TEAMS);
    const across = Math.min(groups, 65_535);
    return [across, Math.ceil(groups / across), 1];
  },
  uniforms: ({ logits }, attrs) => [
    ...keyWords(attrs),
    { type: 'u32', value: attrs.position },
    { type: 'u32', value: logits.shape[0] ?? 0 },
    { type: 'u32', value: logits.shape[1] ?? 0 },
  ],
  code: /* wgsl */ `
struct Uniforms { ${KEY_FIELDS}, position: u32, rows: u32, vocab: u32 }
fn fourLogits(at: u32, i: u32) -> vec4f {
  let places = at + min(vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u), vec4u(uniforms.vocab - 1u));
  return vec4f(logits[places.x], logits[places.y], logits[places.z], logits[places.w]);
}
${drawCode(LANES, 'uniforms', 'uniforms.vocab', 'fourLogits(at, i)')}
@compute @workgroup_size(${LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * ${TEAMS}u + lane / ${TEAM}u;
  // Teams behind the last row draw it once more and keep nothing: every lane has to meet the barriers.
  let read = min(row, uniforms.rows - 1u);
  let drawn = drawToken(lane, read * uniforms.vocab, read, uniforms.position);
  if (row < uniforms.rows && lane % ${TEAM}u == 0u) {
    token[row] = select(i32(drawn), forced[row], forced[row] >= 0);
  }
}`,
};
