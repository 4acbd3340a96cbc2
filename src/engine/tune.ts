/** With which scheme of `shaders/scheme` a device is fastest: measured, since names tell nothing about unknown adapters. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend } from '@tensorflow/tfjs-core';
import { type Axis, plainAxis, vectorsOf } from './model';
import { buildPlan, compileShaders, type Plan, recordPlan, type Shader, type Step } from './plan';
import { products } from './shaders/products';
import { type Scheme, schemesOf } from './shaders/scheme';

/** The sizes of the product that is timed, as of the second half of an MLP: enough to fill a small graphics card. */
const ROWS = 256;
const DEPTH = 256;
const COLUMNS = 128;
/** A measurement lasts about this long, so that the device's wake-up does not decide. */
const TARGET_MS = 6;
const MOST_REPEATS = 256;
const ROUNDS = 3;
/** A scheme that takes so many times as long as the plain one, in a run this long at least, needs no second look. */
const HOPELESS = 1.5;
const CERTAIN_MS = 2;
/** How much faster another scheme has to be to replace the plain one. */
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
  const plain: Scheme = 'registers';
  const schemes = schemesOf(device);
  // An adapter that cannot compile one scheme still has the others.
  device.pushErrorScope('validation');
  const bench = openBench(device);
  try {
    const trials = schemes.map(trialOf);
    await compileShaders(
      device,
      trials.map(({ shader }) => shader),
    );
    const plans = trials.map((trial) => buildPlan(device, [trial]));
    const results: Uint32Array[] = [];
    for (const plan of plans) results.push(await bench.result(plan));
    const same = plans.filter((_, i) => results[i]?.every((word, j) => word === results[0]?.[j]));
    const best = await fastest(bench, same);
    for (const { uniforms } of plans) uniforms.destroy();
    return schemes[plans.indexOf(best)] ?? plain;
  } catch {
    return plain;
  } finally {
    bench.close();
    await device.popErrorScope();
  }
}

/** The plan that takes the least time; the first, where no other is clearly faster. */
async function fastest(bench: Bench, plans: readonly Plan[]): Promise<Plan> {
  const once: number[] = [];
  for (const plan of plans) once.push(await bench.time(plan, 1));
  const [plain = 0] = once;
  const left = plans.filter((_, i) => i === 0 || plain < CERTAIN_MS || (once[i] as number) < HOPELESS * plain);
  const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.round(TARGET_MS / Math.max(...once))));
  const times = left.map((): number[] => []);
  for (let round = 0; round < ROUNDS && left.length > 1; round++) {
    for (const [i, plan] of left.entries()) times[i]?.push(await bench.time(plan, repeats));
  }
  const medians = times.map((of) => of.sort((a, b) => a - b)[ROUNDS >> 1] as number);
  const best = medians.indexOf(Math.min(...medians));
  return left[best > 0 && (medians[best] as number) < MARGIN * (medians[0] as number) ? best : 0] as Plan;
}

/** One product in a scheme, with the LayerNorm that follows it, from an arena whose first floats are inputs. */
function trialOf(scheme: Scheme): Step {
  const [k, n]: [Axis, Axis] = [plainAxis(DEPTH), plainAxis(COLUMNS)];
  const [x, y] = [0, ROWS * vectorsOf(k)];
  const normed = y + ROWS * vectorsOf(n);
  const norm = { stream: y, normed, stats: normed + ROWS * vectorsOf(n), gain: 0, bias: 0 };
  return products(scheme, 'vec4f').residual({ rows: ROWS, x, k, y, n, w: 0 }, 0, x, norm);
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
  const arena = filled(ROWS * (DEPTH + 2 * COLUMNS + 4));
  const inputs = ROWS * DEPTH * 4;
  const bytes = ROWS * (2 * COLUMNS + 4) * 4;
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
    /** The bits of what it writes. */
    async result(plan: Plan): Promise<Uint32Array> {
      run(plan, 1, (encoder) => encoder.copyBufferToBuffer(arena, inputs, copy, 0, bytes));
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
