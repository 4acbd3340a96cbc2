/** Every kernel with its conformance cases. */
import { adamwCases } from './adamw/cases';
import { adamwKernel } from './adamw/op';
import { gramCases } from './gram/cases';
import { gramKernel } from './gram/op';
import type { Kernel, KernelCase } from './kernel';
import { movementCases } from './movement/cases';
import { movementKernel } from './movement/op';
import { sampleTokenCases } from './sample-token/cases';
import { sampleTokenKernel } from './sample-token/op';
import { sumSquaresCases } from './sum-squares/cases';
import { sumSquaresKernel } from './sum-squares/op';

const row = <I extends string, O extends string, A extends object>(kernel: Kernel<I, O, A>, cases: readonly KernelCase<I, A>[]) => ({
  kernel: kernel as unknown as Kernel<string, string, object>,
  cases: cases as unknown as readonly KernelCase<string, object>[],
});

/** Read by the conformance suite; a new kernel is one line here. */
export const KERNELS = [
  row(sumSquaresKernel, sumSquaresCases),
  row(adamwKernel, adamwCases),
  row(sampleTokenKernel, sampleTokenCases),
  row(movementKernel, movementCases),
  row(gramKernel, gramCases),
];
