/**
 * The GPU, owned by the lab and lent to tfjs: only the owner of a GPUDevice can ask for features and limits, and hear of
 * its loss and of invalid commands.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { type FailureKind, RunFailure } from '../core/events';
import type { DeviceInfo } from './protocol';

/** Where the lab computes, and what has gone wrong with it. */
export interface Device {
  readonly info: DeviceInfo;
  /** The failure that ended the device, once there is one. Whoever trains looks at this before trusting a number. */
  failure(): RunFailure | null;
  /** Bytes of memory in use and allocated, and live tensors. */
  memory(): { bytes: number; tensors: number };
}

export interface DeviceOptions {
  /** The backend to try first; the next are tried in the order webgpu, wasm, cpu. */
  readonly prefer?: DeviceInfo['backend'];
  /** Refuse to fall back: a test or a bench asked for this one. */
  readonly strict?: boolean;
  /** Prefix of the .wasm files. */
  readonly wasmPaths?: string | Record<string, string>;
  /** Called once when the device is lost or reports an error that no caller sees. */
  readonly onFailure?: (failure: RunFailure) => void;
}

/**
 * Opens the best device there is.
 * @throws RunFailure where `strict` and the preferred backend cannot be had, or nothing works at all.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const order = ['webgpu', 'wasm', 'cpu'] as const;
  const first = options.prefer ?? 'webgpu';
  const candidates = options.strict === true ? [first] : order.slice(order.indexOf(first));
  let reason: string | null = null;
  for (const backend of candidates) {
    try {
      if (backend === 'webgpu') return await openWebgpu(options);
      return await openHost(backend, reason, options);
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      reason ??= sentence;
    }
  }
  throw new RunFailure('internal', `No ${candidates.join(', ')} device could be opened: ${reason ?? 'unknown reason'}`);
}

/** Limits that the lab uses beyond the guaranteed ones, as far as the adapter grants them. */
const WANTED_LIMITS = [
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

async function openWebgpu(options: DeviceOptions): Promise<Device> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (gpu === undefined) throw new Error('This browser does not offer WebGPU.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('This browser offers WebGPU but found no usable graphics adapter.');
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  let failure: RunFailure | null = null;
  const fail = (kind: FailureKind, message: string): void => {
    if (failure !== null) return;
    failure = new RunFailure(kind, message);
    options.onFailure?.(failure);
  };
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') fail('device-lost', sentence('The graphics device was lost', message));
  });
  device.onuncapturederror = ({ error }) => {
    const kind = 'GPUOutOfMemoryError' in globalThis && error instanceof GPUOutOfMemoryError ? 'out-of-memory' : 'gpu-error';
    fail(kind, sentence('The graphics device refused a command', error.message));
  };
  if (tf.findBackendFactory('webgpu') !== null) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
  if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js could not start on this graphics adapter.');
  // tfjs would run small ops on the CPU and wait for the round trip.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  // A submission costs more than a dispatch: a step and its objective's ops go out together.
  tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 256);
  const { info } = adapter;
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed graphics adapter';
  return {
    info: {
      backend: 'webgpu',
      name,
      fallbackReason: null,
      software: /swiftshader|llvmpipe|lavapipe|software/i.test(`${name} ${info.vendor} ${info.device}`),
    },
    failure: () => failure,
    memory() {
      const { numBytesAllocatedInGPU } = tf.backend().memory() as { numBytesAllocatedInGPU?: number };
      return { bytes: numBytesAllocatedInGPU ?? 0, tensors: tf.memory().numTensors };
    },
  };
}

/** `what: why.`, whether or not the reason ends in a full stop. Of a report of several lines the first says what is wrong. */
const sentence = (what: string, why: string): string =>
  `${what}: ${
    why
      .trim()
      .replace(/\n[\s\S]*$/, '')
      .replace(/\.+$/, '') || 'no reason was given'
  }.`;

async function openHost(backend: 'wasm' | 'cpu', reason: string | null, options: DeviceOptions): Promise<Device> {
  if (backend === 'wasm' && options.wasmPaths !== undefined) setWasmPaths(options.wasmPaths);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start on ${backend}.`);
  const name = backend === 'wasm' ? 'processor (WebAssembly)' : 'processor (JavaScript)';
  return {
    info: { backend, name, fallbackReason: reason, software: true },
    failure: () => null,
    memory: () => ({ bytes: tf.memory().numBytes, tensors: tf.memory().numTensors }),
  };
}
