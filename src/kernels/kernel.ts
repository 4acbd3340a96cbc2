/**
 * The contract of a kernel. Each lives in a folder of its own: `webgpu.ts` (WGSL), `reference.ts` (plain loops over
 * typed arrays, which also serves the wasm and cpu backends), `cases.ts` (inputs for the conformance suite) and `op.ts`
 * (the function that the rest of the lab calls).
 */

/** What a kernel needs to know of a tensor. */
export interface Shaped {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export type Values = Float32Array | Int32Array;

/** A tensor on the host. */
export interface HostTensor extends Shaped {
  readonly values: Values;
}

/** The WGSL side. The shader reads every size from its uniforms, so one compilation serves all shapes. */
export interface WebgpuKernel<I extends string, A> {
  /** Workgroups per dimension. */
  workgroups(inputs: Readonly<Record<I, Shaped>>, attrs: A): readonly [number, number, number];
  /** Words of the uniform struct `uniforms: Uniforms`, in declaration order. */
  uniforms(inputs: Readonly<Record<I, Shaped>>, attrs: A): readonly { readonly type: 'u32' | 'f32'; readonly value: number }[];
  /** WGSL after the bindings: `struct Uniforms`, helpers and `@compute fn main`. */
  readonly code: string;
}

/** A kernel of our own behind tfjs's registry. `I` names its inputs, `O` its outputs, `A` its attributes. */
export interface Kernel<I extends string = string, O extends string = string, A = unknown> {
  readonly name: string;
  readonly inputs: readonly I[];
  readonly outputs: readonly O[];
  outputShapes(inputs: Readonly<Record<I, Shaped>>, attrs: A): Readonly<Record<O, Shaped>>;
  /** Fills the outputs. The oracle of the conformance suite, and the kernel itself where there is no WebGPU. */
  reference(inputs: Readonly<Record<I, HostTensor>>, attrs: A, outputs: Readonly<Record<O, Values>>): void;
  readonly webgpu: WebgpuKernel<I, A>;
}

/** One input set of the conformance suite. */
export interface KernelCase<I extends string = string, A = unknown> {
  readonly title: string;
  readonly inputs: Readonly<Record<I, HostTensor>>;
  readonly attrs: A;
  /** Largest |device - reference| allowed, relative to max(1, |reference|); 0 asks for equality. */
  readonly tolerance: number;
}

/** Gives a kernel its literal types where it is written. */
export const defineKernel = <const I extends string, const O extends string, A>(kernel: Kernel<I, O, A>): Kernel<I, O, A> => kernel;
