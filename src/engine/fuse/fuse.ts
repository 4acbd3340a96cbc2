/**
 * A loss written in tfjs ops as one dispatch, its gradient included. The ops run once, without values, to see what they
 * are; from then on one shader does their work: at the sizes of a loss, the number of dispatches is the time.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { clone, backend as currentBackend, engine, keep, type Tensor, type Tensor1D, tensor1d, zeros } from '@tensorflow/tfjs-core';
import type { Shaped } from '../../kernels/kernel';
import { type DeviceKernel, dispatch } from '../../kernels/webgpu-backend';
import type { Autograd } from '../score';
import { type Buffers, gradientName, inputName, type Pack, SCALARS, SCRATCH, TABLES } from './buffers';
import { lossCode } from './code';
import { NotFusable } from './graph';
import { type Loss, type Traced, trace } from './trace';

/** What a loss is given. */
export interface LossInputs {
  /** Shapes of its tensors by name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Single numbers that change from call to call. */
  readonly counts: readonly string[];
  /** The tensors with respect to which it is differentiated. */
  readonly wrt: readonly string[];
}

/** A loss as one dispatch; where it has more inputs than a shader may bind, another one packs them. */
export interface FusedLoss {
  /**
   * @returns the loss and the other scalars [1 + others]. For tfjs's differentiation this is the loss alone, and
   *   whatever gradient arrives from above counts as 1.
   */
  run(tensors: Readonly<Record<string, Tensor>>, counts: Readonly<Record<string, number>>): Tensor1D;
  /** Frees what it keeps on the device. */
  release(): void;
}

/**
 * Compiles a loss for the WebGPU backend.
 * @returns null where it holds something that does not fit into one shader; it then has to run as the ops that it is
 */
export function fuse(loss: Loss, inputs: LossInputs): FusedLoss | null {
  const made = kernelOf(loss, inputs);
  if (made === null) return null;
  const { kernel, packs, buffers, gradients } = made;
  /** What is the same whatever the batch: the constants, and by name gradients that are 0. */
  const lasting = new Map<string, Tensor>();
  const lastingAs = (name: string, make: () => Tensor): Tensor => {
    const found = lasting.get(name) ?? keep(make());
    lasting.set(name, found);
    return found;
  };
  return {
    run(tensors, counts) {
      const backend = currentBackend() as WebGPUBackend;
      const autograd = engine() as unknown as Autograd;
      const [scalars] = autograd.runKernelFunc({
        inputs: Object.fromEntries(inputs.wrt.map((name) => [name, tensors[name] as Tensor])),
        forwardFunc(_backend, save) {
          const given: Record<string, Tensor> = {};
          for (const [name, binding] of buffers.direct) given[binding] = tensors[name] as Tensor;
          packs.forEach((pack, i) => {
            const parts = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [inputName(name), tensor]));
            const [packed] = dispatch(backend, pack, parts, undefined).map((info) => engine().makeTensorFromTensorInfo(info));
            given[(buffers.packs[i] as Pack).name] = packed as Tensor;
          });
          if (buffers.constants.length > 0) given[TABLES] = lastingAs(TABLES, () => tensor1d([...buffers.constants]));
          const [result, ...written] = dispatch(backend, kernel, given, counts).map((info) => engine().makeTensorFromTensorInfo(info));
          save(written.slice(0, gradients.length));
          return [result as Tensor];
        },
        backwardsFunc: (_above, saved) =>
          Object.fromEntries(
            inputs.wrt.map((name) => {
              const at = gradients.indexOf(name);
              // A copy of the handle: tfjs disposes of what was saved.
              return [
                name,
                () =>
                  at < 0 ? lastingAs(gradientName(name), () => zeros([...(inputs.shapes[name] as number[])])) : clone(saved[at] as Tensor),
              ];
            }),
          ),
      });
      return scalars as Tensor1D;
    },
    release() {
      for (const tensor of lasting.values()) tensor.dispose();
      lasting.clear();
    },
  };
}

type Counts = Readonly<Record<string, number>>;

interface Made {
  readonly kernel: DeviceKernel<string, string, Counts>;
  /** One for each of the buffers' packs. */
  readonly packs: readonly DeviceKernel<string, string, undefined>[];
  readonly buffers: Buffers;
  readonly gradients: readonly string[];
}

function kernelOf(loss: Loss, { shapes, counts, wrt }: LossInputs): Made | null {
  let traced: Traced;
  let made: ReturnType<typeof lossCode>;
  try {
    traced = trace(loss, shapes, counts, wrt);
    made = lossCode(traced, counts);
  } catch (error) {
    // tfjs says so of a kernel that the trace does not know.
    if (error instanceof NotFusable || (error instanceof Error && /^Kernel '.*' not registered/.test(error.message))) return null;
    throw error;
  }
  const { buffers, gradients, code } = made;
  const outputs: Record<string, Shaped> = { [SCALARS]: { shape: [traced.scalars.length], dtype: 'float32' } };
  for (const name of gradients) outputs[gradientName(name)] = { shape: shapes[name] as readonly number[], dtype: 'float32' };
  if (buffers.scratch > 0) outputs[SCRATCH] = { shape: [buffers.scratch], dtype: 'float32' };
  const tables = buffers.constants.length > 0 ? [TABLES] : [];
  return {
    buffers,
    gradients,
    packs: buffers.packs.map(packKernel),
    kernel: {
      name: 'LabLoss',
      inputs: [...buffers.direct.values(), ...buffers.packs.map(({ name }) => name), ...tables],
      outputs: Object.keys(outputs),
      outputShapes: () => outputs,
      webgpu: {
        workgroups: () => [1, 1, 1],
        uniforms: (_, values) => [Number.NaN, ...counts.map((name) => values[name] as number)].map((value) => ({ type: 'f32', value })),
        code,
      },
    },
  };
}

/** Threads of a workgroup that packs. */
const PACKING = 64;

/** Writes tensors one after another into one. */
function packKernel({ inputs }: Pack): DeviceKernel<string, string, undefined> {
  const total = inputs.reduce((sum, { size }) => sum + size, 0);
  let start = 0;
  const copies = inputs.map(({ name, size }) => {
    const line = `  if (i >= ${start}u && i < ${start + size}u) { packed[i] = ${inputName(name)}[i - ${start}u]; }`;
    start += size;
    return line;
  });
  return {
    name: 'LabPack',
    inputs: inputs.map(({ name }) => inputName(name)),
    outputs: ['packed'],
    outputShapes: () => ({ packed: { shape: [total], dtype: 'float32' } }),
    webgpu: {
      workgroups: () => [Math.ceil(total / PACKING), 1, 1],
      uniforms: () => [{ type: 'u32', value: total }],
      code: `
struct Uniforms { total: u32 }
@compute @workgroup_size(${PACKING})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= uniforms.total) { return; }
${copies.join('\n')}
}`,
    },
  };
}
