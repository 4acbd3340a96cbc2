/**
 * A fixed plan: dispatches whose sizes and offsets are known before the first one runs. They are written once into one
 * uniform buffer; running the plan binds the buffers of the call and records the dispatches into tfjs's own encoder.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { entriesOf, type GroupCache, groupCache } from '../kernels/bind-groups';
import { computePass } from '../kernels/webgpu-backend';

/** Threads of a workgroup, in every shader of the engine. */
export const LANES = 64;
/** Workgroups per dimension that WebGPU guarantees; more go into a second dimension. */
export const MAX_GROUPS = 65_535;
/** Alignment of dynamic uniform offsets that WebGPU guarantees. */
const UNIFORM_STRIDE = 256;

/** How a shader uses a binding of group 1. */
export type Access = 'read' | 'write' | 'uniform';

/**
 * A compiled unit. Group 0 is the same for all: binding 0 is θ, 1 the arena, 2 the dispatch's fields, a struct of u32
 * called `u`. Group 1 is whatever the plan's call binds. Nothing but what the name tells is baked into the code.
 */
export interface Shader<F extends string = string> {
  readonly name: string;
  readonly fields: readonly F[];
  /** Bindings of group 1; none where the shader only needs θ and the arena. */
  readonly extras: readonly Access[];
  readonly code: string;
}

/** One dispatch. */
export interface Step {
  readonly shader: Shader;
  readonly fields: Readonly<Record<string, number>>;
  /** Workgroups of `LANES` threads. */
  readonly groups: number;
}

/** A dispatch with every field of its shader given. */
export const step = <F extends string>(shader: Shader<F>, groups: number, fields: Readonly<Record<F, number>>): Step => ({
  shader,
  groups,
  fields,
});

/** A plan on a device. Its only buffer is freed with it. */
export interface Plan {
  readonly steps: readonly { readonly pipeline: GPUComputePipeline; readonly offset: number; readonly grid: readonly [number, number] }[];
  readonly uniforms: GPUBuffer;
  readonly extras: GPUBindGroupLayout | null;
  readonly groups: GroupCache<BoundBuffers>;
}

interface BoundBuffers {
  readonly core: GPUBindGroup;
  readonly extras: GPUBindGroup | null;
}

interface Compiled {
  readonly core: GPUBindGroupLayout;
  readonly extras: Map<string, GPUBindGroupLayout>;
  readonly pipelines: Map<string, GPUComputePipeline>;
}

const compiled = new WeakMap<GPUDevice, Compiled>();

/** Compiles what is not compiled yet and writes the fields of all dispatches. */
export function buildPlan(device: GPUDevice, steps: readonly Step[]): Plan {
  const words = new Uint32Array((steps.length * UNIFORM_STRIDE) / 4);
  steps.forEach(({ shader, fields }, i) => {
    shader.fields.forEach((field, j) => {
      words[(i * UNIFORM_STRIDE) / 4 + j] = fields[field] as number;
    });
  });
  const uniforms = device.createBuffer({ size: words.byteLength, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
  new Uint32Array(uniforms.getMappedRange()).set(words);
  uniforms.unmap();
  const kinds = steps.find(({ shader }) => shader.extras.length > 0)?.shader.extras;
  return {
    uniforms,
    extras: kinds === undefined ? null : extrasLayout(device, kinds),
    groups: groupCache(),
    steps: steps.map(({ shader, groups }, i) => {
      const rows = Math.ceil(groups / MAX_GROUPS);
      return { pipeline: pipelineFor(device, shader), offset: i * UNIFORM_STRIDE, grid: [Math.min(groups, MAX_GROUPS), rows] };
    }),
  };
}

/**
 * Records all dispatches of a plan into tfjs's encoder; nothing is submitted.
 * @param extras buffers of group 1, in the order in which its shaders declare them
 */
export function runPlan(backend: WebGPUBackend, plan: Plan, theta: GPUBuffer, arena: GPUBuffer, extras: readonly GPUBuffer[]): void {
  recordPlan(backend.device, computePass(backend), plan, theta, arena, extras);
}

/** Records all dispatches of a plan. */
export function recordPlan(
  device: GPUDevice,
  pass: GPUComputePassEncoder,
  plan: Plan,
  theta: GPUBuffer,
  arena: GPUBuffer,
  extras: readonly GPUBuffer[],
): void {
  const { core, extras: others } = boundBuffers(device, plan, theta, arena, extras);
  if (others !== null) pass.setBindGroup(1, others);
  for (const { pipeline, offset, grid } of plan.steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, core, [offset]);
    pass.dispatchWorkgroups(...grid);
  }
}

function boundBuffers(
  device: GPUDevice,
  { uniforms, extras: layout, groups }: Plan,
  theta: GPUBuffer,
  arena: GPUBuffer,
  extras: readonly GPUBuffer[],
): BoundBuffers {
  return groups([theta, arena, ...extras], () => {
    const fields = { buffer: uniforms, size: UNIFORM_STRIDE };
    const entries = entriesOf([{ buffer: theta }, { buffer: arena }, fields]);
    return {
      core: device.createBindGroup({ layout: cacheOf(device).core, entries }),
      extras: layout === null ? null : device.createBindGroup({ layout, entries: entriesOf(extras.map((buffer) => ({ buffer }))) }),
    };
  });
}

/** Shapes whose plans are kept; a run has a handful. */
const KEPT_PLANS = 32;

/** Plans by device and shape. */
export interface PlanCache<P> {
  (device: GPUDevice, key: string, make: () => P): P;
  /** Frees all of them. What is being recorded must have been submitted. */
  release(): void;
}

/** @param free destroys the buffers of a plan */
export function planCache<P>(free: (plan: P) => void): PlanCache<P> {
  let owner: GPUDevice | null = null;
  const plans = new Map<string, P>();
  const release = (): void => {
    for (const plan of plans.values()) free(plan);
    plans.clear();
  };
  const find = (device: GPUDevice, key: string, make: () => P): P => {
    // Dropped and not destroyed: what was recorded may still need them.
    if (device !== owner || plans.size >= KEPT_PLANS) plans.clear();
    owner = device;
    const found = plans.get(key);
    if (found !== undefined) return found;
    const made = make();
    plans.set(key, made);
    return made;
  };
  return Object.assign(find, { release });
}

/** Each shader once. */
export const uniqueShaders = (shaders: readonly Shader[]): Shader[] => [
  ...new Map(shaders.map((shader) => [shader.name, shader])).values(),
];

/** The shaders of some dispatches, each once. */
export const shadersOf = (steps: readonly Step[]): Shader[] => uniqueShaders(steps.map(({ shader }) => shader));

/**
 * Compiles what is not compiled yet, all at the same time and off the thread that asks.
 * @param report called after each with how many of how many are ready
 * @throws GPUPipelineError where a shader does not compile
 */
export async function compileShaders(
  device: GPUDevice,
  shaders: readonly Shader[],
  report: (done: number, total: number) => void = () => {},
): Promise<void> {
  const { pipelines } = cacheOf(device);
  const missing = shaders.filter(({ name }) => !pipelines.has(name));
  let done = 0;
  report(done, missing.length);
  await Promise.all(
    missing.map(async (shader) => {
      pipelines.set(shader.name, await device.createComputePipelineAsync(descriptorOf(device, shader)));
      done += 1;
      report(done, missing.length);
    }),
  );
}

function cacheOf(device: GPUDevice): Compiled {
  const found = compiled.get(device);
  if (found !== undefined) return found;
  const visibility = GPUShaderStage.COMPUTE;
  const core = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility, buffer: { type: 'read-only-storage' } },
      { binding: 1, visibility, buffer: { type: 'storage' } },
      { binding: 2, visibility, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ],
  });
  const made: Compiled = { core, extras: new Map(), pipelines: new Map() };
  compiled.set(device, made);
  return made;
}

const BUFFER_TYPES = { read: 'read-only-storage', write: 'storage', uniform: 'uniform' } as const satisfies Record<
  Access,
  GPUBufferBindingType
>;

function extrasLayout(device: GPUDevice, kinds: readonly Access[]): GPUBindGroupLayout {
  const { extras } = cacheOf(device);
  const key = kinds.join();
  const found = extras.get(key);
  if (found !== undefined) return found;
  const entries = kinds.map((kind, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: BUFFER_TYPES[kind] } }));
  const layout = device.createBindGroupLayout({ entries });
  extras.set(key, layout);
  return layout;
}

function pipelineFor(device: GPUDevice, shader: Shader): GPUComputePipeline {
  const { pipelines } = cacheOf(device);
  const found = pipelines.get(shader.name);
  if (found !== undefined) return found;
  const pipeline = device.createComputePipeline(descriptorOf(device, shader));
  pipelines.set(shader.name, pipeline);
  return pipeline;
}

function descriptorOf(device: GPUDevice, shader: Shader): GPUComputePipelineDescriptor {
  const { core } = cacheOf(device);
  const struct = `struct Fields { ${shader.fields.map((field) => `${field}: u32`).join(', ')} }`;
  const module = device.createShaderModule({ code: `${shader.code}\n${struct}`, label: shader.name });
  const bindGroupLayouts = shader.extras.length > 0 ? [core, extrasLayout(device, shader.extras)] : [core];
  const layout = device.createPipelineLayout({ bindGroupLayouts });
  return { layout, compute: { module, entryPoint: 'main' }, label: shader.name };
}
