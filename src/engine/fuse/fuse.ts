/**
 * A loss written in tfjs ops as one dispatch, its gradient included. The ops run once, without values, to see what they
 * are; from then on one shader does their work: at the sizes of a loss, the number of dispatches is the time.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { clone, backend as currentBackend, engine, keep, type Tensor, type Tensor1D, zeros } from '@tensorflow/tfjs-core';
import type { Shaped } from '../../kernels/kernel';
import { type DeviceKernel, dispatch } from '../../kernels/webgpu-backend';
import type { Autograd } from '../score';
import { gradientName, inputName, lossCode } from './code';
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

/** A loss as one dispatch. */
export interface FusedLoss {
  /**
   * @returns the loss and the other scalars [1 + others]. For tfjs's differentiation this is the loss alone, and
   *   whatever gradient arrives from above counts as 1.
   */
  run(tensors: Readonly<Record<string, Tensor>>, counts: Readonly<Record<string, number>>): Tensor1D;
  /** Frees what it keeps on the device. */
  release(): void;
}

/** Storage buffers of a shader that WebGPU guarantees. */
const BUFFERS = 8;

/**
 * Compiles a loss for the WebGPU backend.
 * @returns null where it holds something that does not fit into one shader; it then has to run as the ops that it is
 */
export function fuse(loss: Loss, inputs: LossInputs): FusedLoss | null {
  const made = kernelOf(loss, inputs);
  if (made === null) return null;
  const { kernel, gradients } = made;
  /** Gradients that are 0 whatever the batch, by name. */
  const nothing = new Map<string, Tensor>();
  const nothingFor = (name: string): Tensor => {
    const found = nothing.get(name) ?? keep(zeros([...(inputs.shapes[name] as number[])]));
    nothing.set(name, found);
    return found;
  };
  return {
    run(tensors, counts) {
      const backend = currentBackend() as WebGPUBackend;
      const autograd = engine() as unknown as Autograd;
      const given = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [inputName(name), tensor]));
      const [scalars] = autograd.runKernelFunc({
        inputs: Object.fromEntries(inputs.wrt.map((name) => [name, tensors[name] as Tensor])),
        forwardFunc(_backend, save) {
          const [result, ...written] = dispatch(backend, kernel, given, counts).map((info) => engine().makeTensorFromTensorInfo(info));
          save(written);
          return [result as Tensor];
        },
        backwardsFunc: (_above, saved) =>
          Object.fromEntries(
            inputs.wrt.map((name) => {
              const at = gradients.indexOf(name);
              // A copy of the handle: tfjs disposes of what was saved.
              return [name, () => (at < 0 ? nothingFor(name) : clone(saved[at] as Tensor))];
            }),
          ),
      });
      return scalars as Tensor1D;
    },
    release() {
      for (const tensor of nothing.values()) tensor.dispose();
      nothing.clear();
    },
  };
}

type Counts = Readonly<Record<string, number>>;

function kernelOf(
  loss: Loss,
  { shapes, counts, wrt }: LossInputs,
): { kernel: DeviceKernel<string, string, Counts>; gradients: readonly string[] } | null {
  let traced: Traced;
  let code: ReturnType<typeof lossCode>;
  try {
    traced = trace(loss, shapes, counts, wrt);
    code = lossCode(traced, counts);
  } catch (error) {
    // tfjs says so of a kernel that the trace does not know.
    if (error instanceof NotFusable || (error instanceof Error && /^Kernel '.*' not registered/.test(error.message))) return null;
    throw error;
  }
  const outputs: Record<string, Shaped> = { scalars: { shape: [traced.scalars.length], dtype: 'float32' } };
  for (const name of code.gradients) outputs[gradientName(name)] = { shape: shapes[name] as readonly number[], dtype: 'float32' };
  const inputs = code.inputs.map(inputName);
  if (inputs.length + Object.keys(outputs).length > BUFFERS) return null;
  return {
    gradients: code.gradients,
    kernel: {
      name: 'LabLoss',
      inputs,
      outputs: Object.keys(outputs),
      outputShapes: () => outputs,
      webgpu: {
        workgroups: () => [1, 1, 1],
        uniforms: (_, values) => [Number.NaN, ...counts.map((name) => values[name] as number)].map((value) => ({ type: 'f32', value })),
        code: code.code,
      },
    },
  };
}
