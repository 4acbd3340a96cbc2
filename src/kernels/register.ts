/** Hands our kernels to tfjs's registry on every backend, and calls them. */
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  engine,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorMap,
  registerKernel,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { HostTensor, Kernel, Shaped, Values } from './kernel';
import { dispatch } from './webgpu-backend';

/** Runs a kernel on the current backend. The tensors belong to the current tidy scope, as with any tfjs op. */
export function runKernel<I extends string, O extends string, A extends object>(
  kernel: Kernel<I, O, A>,
  inputs: Readonly<Record<I, Tensor>>,
  attrs: A,
): Record<O, Tensor> {
  ensureRegistered(kernel, engine().backendName);
  const outputs: Tensor | Tensor[] = engine().runKernel(kernel.name, inputs as unknown as NamedTensorMap, attrs as NamedAttrMap);
  const list = Array.isArray(outputs) ? outputs : [outputs];
  return Object.fromEntries(kernel.outputs.map((name, i) => [name, list[i]])) as Record<O, Tensor>;
}

function ensureRegistered<I extends string, O extends string, A extends object>(kernel: Kernel<I, O, A>, backendName: string): void {
  if (getKernel(kernel.name, backendName) !== undefined) return;
  registerKernel({
    kernelName: kernel.name,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const given = inputs as unknown as Record<I, TensorInfo>;
      const settings = attrs as unknown as A;
      return backendName === 'webgpu'
        ? dispatch(backend as WebGPUBackend, kernel, given, settings)
        : onHost(backend as KernelBackend, backendName, kernel, given, settings);
    },
  });
}

function onHost<I extends string, O extends string, A>(
  backend: KernelBackend,
  backendName: string,
  kernel: Kernel<I, O, A>,
  inputs: Readonly<Record<I, TensorInfo>>,
  attrs: A,
): TensorInfo[] {
  const shapes = kernel.outputShapes(inputs as Readonly<Record<I, Shaped>>, attrs);
  const results = Object.fromEntries(
    kernel.outputs.map((name) => {
      const size = shapes[name].shape.reduce((product, n) => product * n, 1);
      return [name, shapes[name].dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)];
    }),
  ) as Record<O, Values>;
  const host = Object.fromEntries(
    kernel.inputs.map((name) => [
      name,
      { shape: inputs[name].shape, dtype: inputs[name].dtype, values: valuesOf(backend, backendName, inputs[name]) },
    ]),
  ) as unknown as Record<I, HostTensor>;
  kernel.reference(host, attrs, results);
  // Written only now: allocating in the wasm heap may move the memory that the inputs are views of.
  return kernel.outputs.map((name) => {
    const { shape, dtype } = shapes[name];
    return { dataId: backend.write(results[name], [...shape], dtype), shape: [...shape], dtype };
  });
}

/** A view of a tensor in host memory; never a copy, never a wait. */
function valuesOf(backend: KernelBackend, backendName: string, tensor: TensorInfo): Values {
  if (backendName === 'wasm') return (backend as BackendWasm).typedArrayFromHeap(tensor) as Values;
  return (backend as MathBackendCPU).data.get(tensor.dataId).values as Values;
}
