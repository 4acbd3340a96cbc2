/** The texts that TypeScript reads: the lab's modules, the tensor operations, and the language's library. */

type Texts = Readonly<Record<string, string>>;

const LAB: Texts = import.meta.glob(
  [
    '../../core/*.ts',
    '../../objectives/*.ts',
    '../../rewards/*.ts',
    '../../metrics/*.ts',
    '!../../**/*.{test,fixture}.ts',
    '!../../**/testing.ts',
    '!../../**/index.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
);

const LIBRARY: Texts = import.meta.glob(
  [
    '/node_modules/typescript-browser/lib/lib.es5.d.ts',
    '/node_modules/typescript-browser/lib/lib.decorators*.d.ts',
    '/node_modules/typescript-browser/lib/lib.es20{15,16,17,18,19,20,21,22,23}*.d.ts',
    '!/node_modules/typescript-browser/lib/*.full.d.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
);

const TENSORS: Texts = import.meta.glob(
  [
    '/node_modules/@tensorflow/tfjs-core/dist/{tensor,types,tensor_types,tensor_info,engine,gradients,globals}.d.ts',
    '/node_modules/@tensorflow/tfjs-core/dist/ops/*.d.ts',
    '!/node_modules/@tensorflow/tfjs-core/dist/ops/*_test*.d.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
);

/** What of tfjs an objective has a use for; its own index also declares backends, models and optimisers. */
const TENSOR_INDEX = `
export { DataType, NumericDataType, Rank, ShapeMap, TensorLike, ScalarLike, TypedArray, RecursiveArray } from './dist/types';
export { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from './dist/tensor';
export { GradSaveFunc, NamedTensorMap, TensorContainer } from './dist/tensor_types';
export { customGrad, grad, grads, valueAndGrad, valueAndGrads, variableGrads } from './dist/gradients';
export { dispose, keep, tidy } from './dist/globals';
export * from './dist/ops/ops';
`;

const renamed = (texts: Texts, rename: (path: string) => string): [string, string][] =>
  Object.entries(texts).map(([path, text]) => [rename(path), text]);

/** All of them by their path in TypeScript's eyes. */
export const FILES: Texts = Object.fromEntries([
  ...renamed(LAB, (path) => path.replace('../../', '/src/')),
  ...renamed(LIBRARY, (path) => path.replace('/node_modules/typescript-browser/', '/')),
  ...renamed(TENSORS, (path) => path),
  ['/node_modules/@tensorflow/tfjs-core/index.d.ts', TENSOR_INDEX],
]);
