import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { countWork, timeWork } from './measure';

/** WebGPU as far as the bench looks at it. */
function fakes() {
  return {
    GPUMapMode: { READ: 1, WRITE: 2 },
    GPUComputePassEncoder: class {
      dispatchWorkgroups(): void {}
      dispatchWorkgroupsIndirect(): void {}
    },
    GPUQueue: class {
      submit(): void {}
      writeBuffer(): void {}
      async onSubmittedWorkDone(): Promise<void> {}
    },
    GPUDevice: class {
      createBuffer(): string {
        return 'a buffer';
      }
    },
    GPUBuffer: class {
      readonly size = 64;
      async mapAsync(): Promise<void> {}
    },
  };
}

let gpu = fakes();
beforeEach(() => {
  gpu = fakes();
  for (const [name, value] of Object.entries(gpu)) vi.stubGlobal(name, value);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const make = () => ({
  pass: new GPUComputePassEncoder(),
  queue: new GPUQueue(),
  device: new GPUDevice(),
  buffer: new GPUBuffer(),
});

/** Every method of every prototype. */
const methods = () =>
  Object.values(gpu).flatMap((one) => (typeof one === 'function' ? Object.values(Object.getOwnPropertyDescriptors(one.prototype)) : []));

describe('counting', () => {
  it('sees dispatches, submissions, uploads in all three ways, and read-backs', async () => {
    const { pass, queue, device, buffer } = make();
    const { work, value } = await countWork(async () => {
      pass.dispatchWorkgroups(1);
      pass.dispatchWorkgroups(2, 3);
      pass.dispatchWorkgroupsIndirect(buffer, 0);
      queue.submit([]);
      queue.writeBuffer(buffer, 0, new Float32Array(3));
      // The offset and the size of a typed array count its elements, those of a plain buffer bytes.
      queue.writeBuffer(buffer, 0, new Float32Array(8), 2);
      queue.writeBuffer(buffer, 0, new Float32Array(8), 2, 1);
      queue.writeBuffer(buffer, 0, new ArrayBuffer(8), 2, 5);
      expect(device.createBuffer({ size: 100, usage: 0, mappedAtCreation: true })).toBe('a buffer');
      device.createBuffer({ size: 1000, usage: 0 });
      await buffer.mapAsync(GPUMapMode.READ);
      await buffer.mapAsync(GPUMapMode.READ, 16);
      await buffer.mapAsync(GPUMapMode.WRITE, 0, 7);
      return 'done';
    });
    expect(value).toBe('done');
    expect(work).toEqual({
      dispatches: 3,
      submits: 1,
      bytesUploaded: 12 + 24 + 4 + 5 + 100 + 7,
      bytesReadBack: 64 + 48,
      readBacks: 2,
    });
  });

  it('leaves the prototypes as they were, also where the work fails', async () => {
    const before = methods();
    await countWork(async () => {});
    await timeWork(async () => {});
    await expect(countWork(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(timeWork(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(methods()).toEqual(before);
  });
});

describe('timing', () => {
  it('ends encoding at the last submission and leaves waits out of it', async () => {
    const now = vi.spyOn(performance, 'now');
    let clock = 0;
    now.mockImplementation(() => clock);
    const { queue, buffer } = make();
    gpu.GPUBuffer.prototype.mapAsync = async () => {
      await Promise.resolve();
      clock += 100;
    };
    gpu.GPUQueue.prototype.onSubmittedWorkDone = async () => {
      await Promise.resolve();
      clock += 1000;
    };
    const { ms, encodeMs, value } = await timeWork(async () => {
      clock += 2;
      queue.submit([]);
      await buffer.mapAsync(GPUMapMode.READ);
      clock += 3;
      queue.submit([]);
      clock += 4;
      await queue.onSubmittedWorkDone();
      return 5;
    });
    now.mockRestore();
    expect({ ms, encodeMs, value }).toEqual({ ms: 1109, encodeMs: 5, value: 5 });
  });
});
