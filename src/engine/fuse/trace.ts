/** Runs a function of tfjs ops on tensors without values and keeps what it did as a graph. */
import {
  type BackendValues,
  type DataId,
  engine,
  KernelBackend,
  keep,
  registerBackend,
  registerKernel,
  type Scalar,
  scalar,
  type Tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { constant, leaf, type Node, NotFusable } from './graph';
import { OPERATIONS } from './operations';

/** The tfjs backend that computes nothing. */
const NAME = 'lab-trace';

class TraceBackend extends KernelBackend {
  private readonly nodes = new Map<DataId, Node>();

  override write(values: BackendValues, shape: number[]): DataId {
    const numbers = Array.from(values ?? [], Number);
    const [first] = numbers;
    if (first === undefined) throw new NotFusable('a tensor without values');
    if (numbers.every((value) => Object.is(value, first))) return this.put(constant(first, shape));
    return this.put(leaf(shape, { kind: 'table', values: numbers }));
  }

  put(node: Node): DataId {
    const dataId = {};
    this.nodes.set(dataId, node);
    return dataId;
  }

  nodeOf({ dataId }: TensorInfo): Node {
    const node = this.nodes.get(dataId);
    if (node === undefined) throw new NotFusable('a tensor from outside of the loss');
    return node;
  }

  /** A tensor of the current tidy scope that stands for a node. */
  tensorOf(node: Node): Tensor {
    return engine().makeTensorFromTensorInfo({ dataId: this.put(node), shape: [...node.shape], dtype: node.dtype }, this);
  }

  override disposeData(dataId: DataId): boolean {
    return this.nodes.delete(dataId);
  }

  override numDataIds(): number {
    return this.nodes.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override readSync(): never {
    throw new NotFusable('a loss that looks at its own numbers');
  }
}

let backend: TraceBackend | null = null;

/** The backend with its kernels, registered at the first use. */
function traceBackend(): TraceBackend {
  if (backend !== null) return backend;
  const made = new TraceBackend();
  registerBackend(NAME, () => made, 0);
  // tfjs takes it up now, so that changing to it needs no waiting.
  engine().findBackend(NAME);
  for (const [kernelName, operation] of Object.entries(OPERATIONS)) {
    registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, attrs }) => {
        // An object in the order of the arguments, or an array.
        const args = Object.values(inputs).filter((input) => input !== undefined && input !== null);
        const results = operation(
          args.map((input) => made.nodeOf(input)),
          attrs ?? {},
        );
        const info = (node: Node): TensorInfo => ({ dataId: made.put(node), shape: [...node.shape], dtype: node.dtype });
        return Array.isArray(results) ? results.map(info) : info(results);
      },
    });
  }
  backend = made;
  return made;
}

/** A loss on tensors by name: what to minimise, and other numbers to report. */
export type Loss = (tensors: Readonly<Record<string, Tensor>>) => { readonly loss: Scalar; readonly others: readonly Scalar[] };

/** A loss as a graph. */
export interface Traced {
  /** The loss, then the others. */
  readonly scalars: readonly Node[];
  /** Gradients of the loss by what they are taken with respect to; null where the loss does not depend on it. */
  readonly gradients: Readonly<Record<string, Node | null>>;
}

/**
 * The graph of a loss and of its gradient, by tfjs's own differentiation.
 * @param shapes of the tensors that the loss is given
 * @param counts names of those that are single numbers and change from call to call
 * @param wrt names of those to differentiate with respect to
 * @throws NotFusable, or tfjs's error about a kernel that `operations` does not know
 */
export function trace(
  loss: Loss,
  shapes: Readonly<Record<string, readonly number[]>>,
  counts: readonly string[],
  wrt: readonly string[],
): Traced {
  const traced = traceBackend();
  const before = engine().backendName;
  // Nothing is awaited: a backend that is initialised is taken up at once.
  void engine().setBackend(NAME);
  try {
    return tidyPlain(() => {
      const tensors: Record<string, Tensor> = {};
      for (const [name, shape] of Object.entries(shapes)) tensors[name] = traced.tensorOf(leaf(shape, { kind: 'input', name }));
      for (const name of counts) tensors[name] = traced.tensorOf(leaf([], { kind: 'count', name }));
      const kept: Scalar[] = [];
      const { value, grads } = engine().gradients(
        () => {
          const { loss: minimised, others } = loss(tensors);
          kept.push(...others.map((other) => keep(other)));
          return minimised;
        },
        wrt.map((name) => tensors[name] as Tensor),
        scalar(1),
        // A loss need not depend on all.
        true,
      );
      const nodes = (list: readonly (Tensor | undefined)[]) => list.map((tensor) => (tensor === undefined ? null : traced.nodeOf(tensor)));
      const scalars = nodes([value, ...kept]) as Node[];
      const gradients = nodes(grads);
      for (const other of kept) other.dispose();
      return { scalars, gradients: Object.fromEntries(wrt.map((name, i) => [name, gradients[i] ?? null])) };
    });
  } finally {
    void engine().setBackend(before);
  }
}

/** A tidy scope that gives back something else than tensors, which tfjs would search for some. */
function tidyPlain<T extends object>(work: () => T): T {
  const results: T[] = [];
  tidy(() => {
    results.push(work());
  });
  return results[0] as T;
}
