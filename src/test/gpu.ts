/** Opens the real WebGPU device for a test file; without an adapter the test fails. */
import { env, setBackend } from '@tensorflow/tfjs-core';
import { installNodeGpu } from '../cli/node-gpu';
import { type Device, openDevice } from '../worker/device';

let device: Promise<Device> | null = null;

/** The device of the test process, opened once. */
export async function gpuDevice(): Promise<Device> {
  device ??= installNodeGpu().then((installed) => {
    if (!installed) throw new Error('The optional package webgpu (Dawn) is not installed for this platform.');
    return openDevice({ strict: true });
  });
  const opened = await device;
  // All files share a process, and what one imports may have set tfjs up for the processor: with another backend, and with a
  // search for leaks inside of every op, in which what is saved for a gradient counts as one.
  env().set('IS_TEST', false);
  await setBackend('webgpu');
  return opened;
}

/** A device of its own, for a test that breaks it. */
export interface BreakableDevice {
  readonly device: Device;
  /** Loses it, as a driver does that has crashed: nothing works any more. */
  lose(message: string): void;
}

/**
 * Opens a device in place of the process's, which has a fresh one from the next `gpuDevice` on.
 * Dawn offers no way to lose a device but to destroy it, which is an act of our own and no failure; so the loss is told here.
 */
export async function withOwnDevice(work: (own: BreakableDevice) => Promise<void>): Promise<void> {
  await gpuDevice();
  const { requestDevice } = GPUAdapter.prototype;
  const [lost, tell] = promised<GPUDeviceLostInfo>();
  let opened: GPUDevice | null = null;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    opened = await requestDevice.call(this, descriptor);
    Object.defineProperty(opened, 'lost', { value: lost });
    return opened;
  };
  const own = await openDevice({ strict: true }).finally(() => {
    GPUAdapter.prototype.requestDevice = requestDevice;
  });
  try {
    await work({
      device: own,
      lose(message) {
        opened?.destroy();
        tell({ reason: 'unknown', message } as GPUDeviceLostInfo);
      },
    });
  } finally {
    device = null;
  }
}

function promised<T>(): [Promise<T>, (value: T) => void] {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return [promise, resolve];
}
