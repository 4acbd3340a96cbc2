import { normals, ODD_SIZES } from '../cases';
import type { KernelCase } from '../kernel';
import { PARTIALS, sumSquaresReference } from '../sum-squares/reference';
import type { AdamwAttrs, AdamwInput } from './reference';

const PLAIN: AdamwAttrs = {
  lr: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
  correction1: 0.1,
  correction2: 0.001,
};

function withSize(n: number, title: string, attrs: AdamwAttrs): KernelCase<AdamwInput, AdamwAttrs> {
  const grad = normals('grad', [n]);
  const partials = new Float32Array(PARTIALS);
  sumSquaresReference({ x: grad }, {}, { partials });
  const v = normals('v', [n], 0.1);
  return {
    title,
    inputs: {
      theta: normals('theta', [n]),
      grad,
      m: normals('m', [n], 0.1),
      v: { ...v, values: Float32Array.from(v.values, (x) => x * x) },
      gradSquares: { shape: [PARTIALS], dtype: 'float32', values: partials },
    },
    attrs,
    tolerance: 1e-5,
  };
}

export const adamwCases: KernelCase<AdamwInput, AdamwAttrs>[] = [
  ...ODD_SIZES.map((n) => withSize(n, `n = ${n}`, PLAIN)),
  withSize(257, 'clipped', { ...PLAIN, clipNorm: 0.5 }),
  withSize(257, 'decoupled weight decay', { ...PLAIN, weightDecay: 0.1 }),
  withSize(257, 'late in training', { ...PLAIN, correction1: 1, correction2: 1 - 0.999 ** 5000 }),
  // More workgroups than one dimension takes.
  withSize(65_535 * 64 + 1, 'two rows of workgroups', PLAIN),
];
