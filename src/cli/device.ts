import { createRequire } from 'node:module';
import { type Device, openDevice } from '../worker/device';
import type { DeviceInfo } from '../worker/protocol';
import { installNodeGpu } from './node-gpu';

/** Opens the device that was asked for, or the best there is. @throws RunFailure where it cannot be had. */
export async function deviceFor(backend: DeviceInfo['backend'] | undefined): Promise<Device> {
  if (backend === undefined || backend === 'webgpu') await installNodeGpu();
  const require = createRequire(import.meta.url);
  // The loader of the wasm backend is CommonJS, and looks for this when it finds itself in Node.
  Object.assign(globalThis, { require });
  const wasmPaths = `${require.resolve('@tensorflow/tfjs-backend-wasm').replace(/[^/\\]*$/, '')}`;
  return openDevice({ wasmPaths, ...(backend === undefined ? {} : { prefer: backend, strict: true }) });
}
