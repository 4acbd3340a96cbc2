/** Memory of the engine: tensors out of tfjs's pool. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** A tensor out of the backend's pool, with whatever was in it. It belongs to the current tidy scope. */
export const allocate = (backend: WebGPUBackend, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Tensor =>
  engine().makeTensorFromTensorInfo(backend.makeTensorInfo([...shape], dtype));

/**
 * Refuses a batch whose activations the device cannot bind.
 * @param vectors vec4s of the arena
 * @throws RangeError with what to do about it
 */
export function checkArena(device: GPUDevice, vectors: number, { rows, length }: { rows: number; length: number }): void {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  const most = device.limits.maxStorageBufferBindingSize;
  if (vectors * 16 <= most) return;
  throw new RangeError(
    `A batch of ${rows} rows of ${length} tokens needs ${megabytes(vectors * 16)} MB for its activations, and this device allows ${megabytes(most)} MB. Use a smaller batch or more micro-batches.`,
  );
}
