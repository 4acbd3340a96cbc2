/** WGSL that every shader of the engine begins with. */
import type { Access } from '../plan';
import { LANES, MAX_GROUPS } from '../plan';

/** Stands for minus infinity: WebGPU may assume that there are no infinities. */
export const LOWEST = '-1e9';

/**
 * WGSL's name for what θ is bound as. It is packed, so it is only bound as vec4s where every run of weights that is read
 * begins at a multiple of four. The 16-bit ones are copies of θ that `engine/half` makes.
 */
export type Element = 'vec4f' | 'f32' | 'vec4h' | 'f16';

/** What tells shaders apart that read θ differently. */
export const elementSuffix = (element: Element): string => (element === 'vec4f' ? '' : `-${element}`);

const READ: Record<Element, string> = {
  vec4f: 'theta[at >> 2u]',
  vec4h: 'vec4f(theta[at >> 2u])',
  f32: 'vec4f(theta[at], theta[at + 1u], theta[at + 2u], theta[at + 3u])',
  f16: 'vec4f(vec4h(theta[at], theta[at + 1u], theta[at + 2u], theta[at + 3u]))',
};

/** Numbers of a workgroup and a thread, over both dimensions. */
export const threads = /* wgsl */ `
fn groupOf(id: vec3u) -> u32 { return id.y * ${MAX_GROUPS}u + id.x; }

fn threadOf(id: vec3u, lane: u32) -> u32 { return groupOf(id) * ${LANES}u + lane; }
`;

/** θ, the arena and the fields of the dispatch, with what reads them. The arena is made of vec4s and padded with zeros. */
export const common = (element: Element = 'vec4f'): string => /* wgsl */ `${/h$|16/.test(element) ? 'enable f16;' : ''}
@group(0) @binding(0) var<storage, read> theta: array<${element}>;
@group(0) @binding(1) var<storage, read_write> arena: array<vec4f>;
@group(0) @binding(2) var<uniform> u: Fields;

// Four weights from a float offset on. Behind the end of a run they are those of the next, to be met by a zero or dropped.
fn weight(at: u32) -> vec4f {
  return ${READ[element]};
}

fn sum4(x: vec4f) -> f32 { return x.x + x.y + x.z + x.w; }

// Which of four components from \`left\` remaining ones exist.
fn present(left: u32) -> vec4<bool> { return vec4u(0u, 1u, 2u, 3u) < vec4u(left); }

${threads}`;

/** Declares group 1. */
export const extras = (bindings: readonly (readonly [name: string, access: Access, type: string])[]): string =>
  bindings
    .map(([name, access, type], i) => {
      const space = { read: 'storage, read', write: 'storage, read_write', uniform: 'uniform' }[access];
      return `@group(1) @binding(${i}) var<${space}> ${name}: ${type};`;
    })
    .join('\n');

/** Parameters of an entry point that all shaders share. */
export const MAIN = /* wgsl */ `
@compute @workgroup_size(${LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32)`;

/** Weights as θ holds them: [K, N], or [N, K] where the product is with their transpose. */
export type Orientation = 'plain' | 'transposed';

/** y += x times a 4 x 4 block of weights w0 to w3. All schemes have the same expression, and so the same bits. */
export const MULTIPLY: Record<Orientation, (y: string, x: string) => string> = {
  plain: (y, x) => `${y} += ${x}.x * w0 + ${x}.y * w1 + ${x}.z * w2 + ${x}.w * w3;`,
  transposed: (y, x) => `${y} += vec4f(dot(${x}, w0), dot(${x}, w1), dot(${x}, w2), dot(${x}, w3));`,
};
