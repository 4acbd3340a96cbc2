/** Numbers to and from the device, in the few ways in which a training step needs them. The same on every backend. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend, engine, getBackend, type Rank, type ShapeMap, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { freeUnused, readBack, submit, upload } from './webgpu-backend';

const webgpu = (): WebGPUBackend | null => (getBackend() === 'webgpu' ? (backend() as WebGPUBackend) : null);

/** A tensor of the current tidy scope with these values, which must not change afterwards. */
export function toDevice<R extends Rank>(values: Float32Array | Int32Array, shape: ShapeMap[R]): Tensor<R> {
  const device = webgpu();
  if (device === null || values.length === 0) return tensor(values, shape);
  return engine().makeTensorFromTensorInfo(upload(device, values as Float32Array<ArrayBuffer>, shape)) as Tensor<R>;
}

/**
 * The numbers of float tensors, one after another, in one transfer. The tensors may be disposed of at once.
 * @throws RunFailure where the device gives nothing back
 */
export async function readAll(tensors: readonly Tensor[]): Promise<Float32Array> {
  const device = webgpu();
  if (device !== null) return readBack(device, tensors);
  // These backends take the numbers when they are asked, not when they answer.
  const parts = await Promise.all(tensors.map((part) => part.data<'float32'>()));
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Lets the device begin with what was asked of it so far. */
export function submitRecorded(): void {
  const device = webgpu();
  if (device !== null) submit(device);
}

/** Frees the memory that tfjs keeps for tensors to come. */
export function freeUnusedMemory(): void {
  const device = webgpu();
  if (device !== null) freeUnused(device);
}
