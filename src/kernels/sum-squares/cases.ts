import { normals, ODD_SIZES } from '../cases';
import type { KernelCase } from '../kernel';

export const sumSquaresCases: KernelCase<'x', object>[] = [...ODD_SIZES, 4096, 70_001].map((n) => ({
  title: `n = ${n}`,
  inputs: { x: normals('x', [n]) },
  attrs: {},
  tolerance: 1e-5,
}));
