import { TOLERANCE_WORDS } from '../../metrics/movement';
import type { WebgpuKernel } from '../kernel';
import { BITS } from './bits';
import { COLUMNS, type MovementInput } from './reference';

const LANES = 64;
/** The smallest limit on workgroups per dimension that WebGPU guarantees. */
const MAX_GROUPS = 65_535;

const LEVELS = TOLERANCE_WORDS.length;
const NON_FINITE = 2 * LEVELS;
const SQUARES = NON_FINITE + 1;
const MAX = NON_FINITE + 2;

/** One line for each tolerance. */
const each = (line: (k: number, word: string) => string): string =>
  TOLERANCE_WORDS.map((word, k) => line(k, `0x${word.toString(16)}u`)).join('\n    ');

/**
 * A workgroup per chunk: every lane goes through its share in registers, then each column is added up, or its largest found, by one
 * lane in the order of the lanes. One barrier, fixed order. Counts stay below 2^24, so they are whole numbers in f32.
 */
export const movementWebgpu: WebgpuKernel<MovementInput, object> = {
  workgroups: ({ chunks }) => {
    const count = chunks.shape[0] ?? 0;
    const rows = Math.ceil(count / MAX_GROUPS);
    return [Math.ceil(count / rows), rows, 1];
  },
  uniforms: ({ chunks }) => [{ type: 'u32', value: chunks.shape[0] ?? 0 }],
  code: /* wgsl */ `
struct Uniforms { count: u32 }
${BITS}
var<workgroup> shares: array<f32, ${LANES * COLUMNS}>;

@compute @workgroup_size(${LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let chunk = group.y * groups.x + group.x;
  // The spare workgroups of the last row measure nothing, but meet the barrier.
  let known = chunk < uniforms.count;
  let row = select(0u, chunk, known);
  let first = u32(chunks[2u * row]);
  let length = select(0u, u32(chunks[2u * row + 1u]), known);
  var f32s: array<u32, ${LEVELS}>;
  var bf16s: array<u32, ${LEVELS}>;
  var nonFinite = 0u;
  var squares = 0.0;
  var most = vec2f(0.0);
  for (var i = first + lane; i < first + length; i += ${LANES}u) {
    let before = bitcast<u32>(start[i]);
    let now = bitcast<u32>(theta[i]);
    let gap = gapOf(before, now);
    let rounded = gapOf(toBf16(before), toBf16(now));
    ${each((k, word) => `f32s[${k}] += u32(gap > ${word}); bf16s[${k}] += u32(rounded > ${word});`)}
    if (max(gap, rounded) >= INFINITE) {
      nonFinite += 1u;
    } else {
      let difference = bitcast<f32>(gap);
      squares += difference * difference;
      most = max(most, vec2f(difference, bitcast<f32>(rounded)));
    }
  }
  let at = lane * ${COLUMNS}u;
  ${each((k) => `shares[at + ${k}u] = f32(f32s[${k}]); shares[at + ${LEVELS + k}u] = f32(bf16s[${k}]);`)}
  shares[at + ${NON_FINITE}u] = f32(nonFinite);
  shares[at + ${SQUARES}u] = squares;
  shares[at + ${MAX}u] = most.x;
  shares[at + ${MAX + 1}u] = most.y;
  workgroupBarrier();
  if (!known || lane >= ${COLUMNS}u) { return; }
  var total = 0.0;
  for (var other = 0u; other < ${LANES}u; other++) {
    let share = shares[other * ${COLUMNS}u + lane];
    total = select(total + share, max(total, share), lane >= ${MAX}u);
  }
  table[chunk * ${COLUMNS}u + lane] = total;
}`,
};
