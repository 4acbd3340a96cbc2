/**
 * The one place that reaches into tfjs's WebGPU backend. `runWebGPUProgram` allows a single output and bakes shapes into
 * every shader; recording a dispatch into the backend's own encoder ourselves lifts both limits and keeps the order of
 * operations. Written against tfjs 4.22.0, which is pinned for that reason.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import { env } from '@tensorflow/tfjs-core';
import { RunFailure } from '../core/events';
import { entriesOf, type GroupCache, groupCache } from './bind-groups';
import type { Kernel, Shaped } from './kernel';

/** Fields of the backend that its typings hide. */
interface Internals {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<DataId>;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** Fields of its pool of buffers. */
interface Pool {
  readonly freeBuffers: ReadonlyMap<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

/** What the device needs of a kernel. */
export type DeviceKernel<I extends string, O extends string, A> = Omit<Kernel<I, O, A>, 'reference'>;

/** A compiled shader, and what its bind groups are made with. */
interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: GroupCache<GPUBindGroup>;
}

/** Compiled shaders, by kernel. A shader reads its sizes from uniforms, so there is one for all shapes. */
const compiled = new WeakMap<GPUDevice, WeakMap<object, Compiled>>();

/** Runs a kernel on the WebGPU backend: allocates its outputs, records one dispatch. */
export function dispatch<I extends string, O extends string, A>(
  backend: WebGPUBackend,
  kernel: DeviceKernel<I, O, A>,
  inputs: Readonly<Record<I, TensorInfo>>,
  attrs: A,
): TensorInfo[] {
  const internals = backend as unknown as Internals;
  const shapes = inputs as Readonly<Record<I, Shaped>>;
  const outputShapes = kernel.outputShapes(shapes, attrs);
  const outputs = kernel.outputs.map((name) => backend.makeTensorInfo([...outputShapes[name].shape], outputShapes[name].dtype));
  const operands = [...outputs, ...kernel.inputs.map((name) => inputs[name])];
  const buffers = operands.map((operand) => bufferOf(backend, operand));
  const uniforms = writeUniforms(backend, kernel.webgpu.uniforms(shapes, attrs));

  const { pipeline, layout, groups } = compiledFor(backend.device, kernel, shapes, outputShapes);
  const bound = [...buffers, uniforms];
  const bindGroup = groups(bound, () =>
    backend.device.createBindGroup({ layout, entries: entriesOf(bound.map((buffer) => ({ buffer }))) }),
  );
  holdUntilSubmit(backend, operands);
  const pass = computePass(backend);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...kernel.webgpu.workgroups(shapes, attrs));
  internals.dispatchCountInPass += 1;
  if (internals.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  return outputs;
}

/**
 * The compute pass that tfjs is recording into, for dispatches of our own: they run in order with tfjs's and are submitted
 * with them. Upload every operand before asking for it, since an upload may end the pass.
 */
export function computePass(backend: WebGPUBackend): GPUComputePassEncoder {
  const internals = backend as unknown as Internals;
  backend.ensureCommandEncoderReady();
  const encoder = internals.commandEncoder;
  if (encoder === null) throw new Error('the WebGPU backend has no command encoder');
  internals.computePassEncoder ??= encoder.beginComputePass();
  return internals.computePassEncoder;
}

/** Keeps the memory of tensors that are disposed of from being given away before what is recorded has been submitted. */
export function holdUntilSubmit(backend: WebGPUBackend, tensors: readonly TensorInfo[]): void {
  const { commandQueueOwnedIds } = backend as unknown as Internals;
  for (const { dataId } of tensors) commandQueueOwnedIds.add(dataId);
}

/** The buffer of a tensor, uploaded where it was not yet. */
export function bufferOf(backend: WebGPUBackend, { dataId }: TensorInfo): GPUBuffer {
  backend.uploadToGPU(dataId);
  const { resource } = backend.tensorMap.get(dataId);
  if (!(resource instanceof GPUBuffer)) throw new Error('a kernel operand is not in a GPU buffer');
  return resource;
}

/**
 * A tensor with these values. They go to the device at once and without a copy of their own, where tfjs maps a new buffer
 * and ends the pass. At once is before what is recorded and not submitted, so the buffer is of a usage of its own: what
 * the pool hands out for it is waited for by nothing that is still to be submitted.
 */
export function upload(
  backend: WebGPUBackend,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
  shape: readonly number[],
): TensorInfo {
  const dtype = values instanceof Int32Array ? 'int32' : 'float32';
  const dataId = backend.write(values, [...shape], dtype);
  const buffer = backend.bufferManager.acquireBuffer(values.byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
  backend.queue.writeBuffer(buffer, 0, values);
  backend.tensorMap.get(dataId).resource = buffer;
  return { dataId, shape: [...shape], dtype };
}

/** Hands what is recorded to the device. */
export function submit(backend: WebGPUBackend): void {
  backend.endComputePassEncoder();
  if ((backend as unknown as Internals).commandEncoder !== null) backend.submitQueue();
}

/**
 * The numbers of tensors one after another, copied and read in one go; what is recorded is submitted with it.
 * @throws RunFailure where the device gives nothing back
 */
export async function readBack(backend: WebGPUBackend, tensors: readonly TensorInfo[]): Promise<Float32Array> {
  const parts = tensors.map((tensor) => ({ buffer: bufferOf(backend, tensor), bytes: 4 * tensor.shape.reduce((n, m) => n * m, 1) }));
  const bytes = parts.reduce((total, part) => total + part.bytes, 0);
  // Of a size that the next reading can use too.
  const room = 2 ** Math.ceil(Math.log2(Math.max(256, bytes)));
  const staging = backend.bufferManager.acquireBuffer(room, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  const { commandEncoder } = backend as unknown as Internals;
  let at = 0;
  for (const part of parts) {
    commandEncoder?.copyBufferToBuffer(part.buffer, 0, staging, at, part.bytes);
    at += part.bytes;
  }
  backend.submitQueue();
  try {
    await staging.mapAsync(GPUMapMode.READ, 0, bytes);
  } catch (error) {
    backend.bufferManager.releaseBuffer(staging, false);
    throw new RunFailure('device-lost', `The graphics device gave no results back: ${error instanceof Error ? error.message : error}`);
  }
  const values = new Float32Array(staging.getMappedRange(0, bytes).slice(0));
  staging.unmap();
  backend.bufferManager.releaseBuffer(staging);
  return values;
}

/** Frees the memory that tfjs keeps for tensors to come. */
export function freeUnused(backend: WebGPUBackend): void {
  // What is recorded may use memory that was given back already.
  submit(backend);
  const pool = backend.bufferManager as unknown as Pool;
  for (const buffers of pool.freeBuffers.values()) {
    for (const buffer of buffers) {
      pool.numBytesAllocated -= buffer.size;
      pool.numFreeBuffers -= 1;
      buffer.destroy();
    }
    // The list itself stays: without any list the pool takes nothing back.
    buffers.length = 0;
  }
}

/** A uniform buffer with these words, which goes back to the pool at the next submission. */
export function writeUniforms(backend: WebGPUBackend, words: readonly { type: 'u32' | 'f32'; value: number }[]): GPUBuffer {
  const bytes = Math.max(16, Math.ceil(words.length / 4) * 16);
  const view = new DataView(new ArrayBuffer(bytes));
  words.forEach(({ type, value }, i) => {
    if (type === 'u32') view.setUint32(i * 4, value >>> 0, true);
    else view.setFloat32(i * 4, value, true);
  });
  const buffer = backend.bufferManager.acquireBuffer(bytes, GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM);
  backend.queue.writeBuffer(buffer, 0, view.buffer);
  (backend as unknown as Internals).uniformPendingDisposal.push(buffer);
  return buffer;
}

function compiledFor<I extends string, O extends string, A>(
  device: GPUDevice,
  kernel: DeviceKernel<I, O, A>,
  inputs: Readonly<Record<I, Shaped>>,
  outputs: Readonly<Record<O, Shaped>>,
): Compiled {
  const cache = compiled.get(device) ?? new WeakMap<object, Compiled>();
  compiled.set(device, cache);
  const found = cache.get(kernel);
  if (found !== undefined) return found;
  const source = `${bindings(kernel, inputs, outputs)}\n${kernel.webgpu.code}`;
  const module = device.createShaderModule({ code: source, label: kernel.name });
  const pipeline = device.createComputePipeline({ compute: { module, entryPoint: 'main' }, label: kernel.name, layout: 'auto' });
  const made = { pipeline, layout: pipeline.getBindGroupLayout(0), groups: groupCache<GPUBindGroup>() };
  cache.set(kernel, made);
  return made;
}

/** Outputs first, then inputs, then the uniforms, under their own names. */
function bindings<I extends string, O extends string, A>(
  kernel: DeviceKernel<I, O, A>,
  inputs: Readonly<Record<I, Shaped>>,
  outputs: Readonly<Record<O, Shaped>>,
): string {
  const element = (shaped: Shaped): string => (shaped.dtype === 'int32' ? 'i32' : 'f32');
  const lines = [
    ...kernel.outputs.map((name) => `var<storage, read_write> ${name}: array<${element(outputs[name])}>;`),
    ...kernel.inputs.map((name) => `var<storage, read> ${name}: array<${element(inputs[name])}>;`),
    'var<uniform> uniforms: Uniforms;',
  ];
  return lines.map((line, binding) => `@group(0) @binding(${binding}) ${line}`).join('\n');
}
