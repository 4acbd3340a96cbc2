/** Which scheme of `shaders/scheme` a device is faster with: measured, since names tell nothing about unknown adapters. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend } from '@tensorflow/tfjs-core';
import { type Axis, plainAxis, vectorsOf } from './model';
import { buildPlan, compileShaders, type Plan, recordPlan, type Shader } from './plan';
import { products } from './shaders/products';
import { SCHEMES, type Scheme } from './shaders/scheme';

/** The sizes of the product that is timed: those of a hidden layer, large enough to fill a small graphics card. */
const ROWS = 512;
const DEPTH = 128;
const COLUMNS = 512;
/** A measurement lasts about this long, so that the device's wake-up does not decide. */
const TARGET_MS = 6;
const MOST_REPEATS = 256;
const ROUNDS = 3;
/** How much faster the other scheme has to be to replace the plain one. */
const MARGIN = 0.9;

const chosen = new WeakMap<GPUDevice, Scheme>();
const measuring = new WeakMap<GPUDevice, Promise<void>>();

/** The scheme of a device; the one that needs no workgroup memory until `tune` has found another to be faster. */
export const schemeOf = (device: GPUDevice): Scheme => chosen.get(device) ?? 'registers';

/** Measures a device, once. A scheme that fails there, or that gives other bits, is not chosen. */
export function tune(device: GPUDevice): Promise<void> {
  const running = measuring.get(device) ?? measure(device).then((scheme) => void chosen.set(device, scheme));
  measuring.set(device, running);
  return running;
}

/**
 * Measures the current device and compiles shaders for the scheme that it gets.
 * @param report called with how many of how many shaders are ready
 */
export async function prepareDevice(
  shaders: (device: GPUDevice) => readonly Shader[],
  report: (done: number, total: number) => void,
): Promise<void> {
  const { device } = backend() as WebGPUBackend;
  await tune(device);
  await compileShaders(device, shaders(device), report);
}

async function measure(device: GPUDevice): Promise<Scheme> {
  // An adapter that cannot compile one scheme still has the other.
  device.pushErrorScope('validation');
  const bench = openBench(device);
  try {
    const trials = SCHEMES.map(trialOf);
    await compileShaders(
      device,
      trials.map(({ shader }) => shader),
    );
    const plans = trials.map(({ steps }) => buildPlan(device, steps));
    const results: Uint32Array[] = [];
    for (const plan of plans) results.push(await bench.result(plan));
    const same = results.every((words) => words.every((word, i) => word === results[0]?.[i]));
    const times = same ? await interleaved(bench, plans) : [];
    for (const { uniforms } of plans) uniforms.destroy();
    const [registers, workgroup] = times;
    return registers !== undefined && workgroup !== undefined && workgroup < MARGIN * registers ? 'workgroup' : 'registers';
  } catch {
    return 'registers';
  } finally {
    bench.close();
    await device.popErrorScope();
  }
}

/** Median milliseconds of each plan, taken in turns. */
async function interleaved(bench: Bench, plans: readonly Plan[]): Promise<number[]> {
  let repeats = 1;
  let slowest = 0;
  for (const plan of plans) slowest = Math.max(slowest, await bench.time(plan, 1));
  repeats = Math.max(1, Math.min(MOST_REPEATS, Math.round(TARGET_MS / slowest)));
  const times = plans.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, plan] of plans.entries()) times[i]?.push(await bench.time(plan, repeats));
  }
  return times.map((of) => of.sort((a, b) => a - b)[ROUNDS >> 1] as number);
}

/** One product in a scheme. */
function trialOf(scheme: Scheme) {
  const [k, n]: [Axis, Axis] = [plainAxis(DEPTH), plainAxis(COLUMNS)];
  const product = products(scheme, 'vec4f');
  const one = product.transposed({ rows: ROWS, x: 0, k, y: ROWS * vectorsOf(k), n, w: 0 });
  return { shader: one.shader, steps: [one] };
}

type Bench = ReturnType<typeof openBench>;

/** Buffers of a trial's own. */
function openBench(device: GPUDevice) {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const filled = (floats: number): GPUBuffer => {
    const buffer = device.createBuffer({ size: floats * 4, usage, mappedAtCreation: true });
    const values = new Float32Array(buffer.getMappedRange());
    for (let i = 0; i < values.length; i++) values[i] = ((i * 2654435761) % 1000) / 500 - 1;
    buffer.unmap();
    return buffer;
  };
  const theta = filled(COLUMNS * DEPTH);
  const arena = filled(ROWS * (DEPTH + COLUMNS));
  const bytes = ROWS * COLUMNS * 4;
  const copy = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const run = (plan: Plan, repeats: number, after: (encoder: GPUCommandEncoder) => void = () => {}): void => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < repeats; i++) recordPlan(device, pass, plan, theta, arena, []);
    pass.end();
    after(encoder);
    device.queue.submit([encoder.finish()]);
  };
  return {
    /** Milliseconds of one run, out of several. */
    async time(plan: Plan, repeats: number): Promise<number> {
      const start = performance.now();
      run(plan, repeats);
      await device.queue.onSubmittedWorkDone();
      return (performance.now() - start) / repeats;
    },
    /** The bits of the product. */
    async result(plan: Plan): Promise<Uint32Array> {
      run(plan, 1, (encoder) => encoder.copyBufferToBuffer(arena, ROWS * DEPTH * 4, copy, 0, bytes));
      await copy.mapAsync(GPUMapMode.READ);
      const words = new Uint32Array(copy.getMappedRange()).slice();
      copy.unmap();
      return words;
    },
    close(): void {
      for (const buffer of [theta, arena, copy]) buffer.destroy();
    },
  };
}
