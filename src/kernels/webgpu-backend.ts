/**
 * The one place that reaches into tfjs's WebGPU backend. `runWebGPUProgram` allows a single output and bakes shapes into
 * every shader; recording a dispatch into the backend's own encoder ourselves lifts both limits and keeps the order of
 * operations. Written against tfjs 4.22.0, which is pinned for that reason.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import { env } from '@tensorflow/tfjs-core';
import type { Kernel, Shaped } from './kernel';

/** Fields of the backend that its typings hide. */
interface Internals {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<DataId>;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** Compiled shaders, by kernel. A shader reads its sizes from uniforms, so the kernel name is the whole key. */
const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

/** Runs a kernel on the WebGPU backend: allocates its outputs, records one dispatch. */
export function dispatch<I extends string, O extends string, A>(
  backend: WebGPUBackend,
  kernel: Kernel<I, O, A>,
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

  const pipeline = pipelineFor(backend.device, kernel, shapes, outputShapes);
  const bindGroup = backend.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...buffers, uniforms].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    })),
  });
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

function pipelineFor<I extends string, O extends string, A>(
  device: GPUDevice,
  kernel: Kernel<I, O, A>,
  inputs: Readonly<Record<I, Shaped>>,
  outputs: Readonly<Record<O, Shaped>>,
): GPUComputePipeline {
  let cache = pipelines.get(device);
  if (cache === undefined) {
    cache = new Map();
    pipelines.set(device, cache);
  }
  const found = cache.get(kernel.name);
  if (found !== undefined) return found;
  const source = `${bindings(kernel, inputs, outputs)}\n${kernel.webgpu.code}`;
  const module = device.createShaderModule({ code: source, label: kernel.name });
  const pipeline = device.createComputePipeline({ compute: { module, entryPoint: 'main' }, label: kernel.name, layout: 'auto' });
  cache.set(kernel.name, pipeline);
  return pipeline;
}

/** Outputs first, then inputs, then the uniforms, under their own names. */
function bindings<I extends string, O extends string, A>(
  kernel: Kernel<I, O, A>,
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
