/** Opens the real WebGPU device for a test file; without an adapter the test fails. */
import { installNodeGpu } from '../cli/node-gpu';
import { type Device, openDevice } from '../worker/device';

let device: Promise<Device> | null = null;

/** The device of the test process, opened once. */
export function gpuDevice(): Promise<Device> {
  device ??= installNodeGpu().then((installed) => {
    if (!installed) throw new Error('The optional package webgpu (Dawn) is not installed for this platform.');
    return openDevice({ strict: true });
  });
  return device;
}
