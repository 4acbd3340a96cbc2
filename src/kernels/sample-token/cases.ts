import { integers, normals, ODD_SIZES } from '../cases';
import type { KernelCase } from '../kernel';
import { FREE, type SampleTokenAttrs, type SampleTokenInput } from './reference';

const KEY: SampleTokenAttrs = { seed: 12345, step: 7, position: 3, temperature: 1 };

const free = (rows: number) =>
  integers(
    [rows],
    Array.from({ length: rows }, () => FREE),
  );

export const sampleTokenCases: KernelCase<SampleTokenInput, SampleTokenAttrs>[] = [
  ...ODD_SIZES.map((vocab) => ({
    title: `vocabulary ${vocab}`,
    inputs: { logits: normals('logits', [65, vocab]), forced: free(65) },
    attrs: KEY,
    tolerance: 0,
  })),
  { title: 'one row', inputs: { logits: normals('logits', [1, 17]), forced: free(1) }, attrs: KEY, tolerance: 0 },
  {
    title: 'low temperature',
    inputs: { logits: normals('logits', [64, 17]), forced: free(64) },
    attrs: { ...KEY, temperature: 0.1 },
    tolerance: 0,
  },
  {
    title: 'every other row forced',
    inputs: { logits: normals('logits', [8, 17]), forced: integers([8], [0, FREE, 5, FREE, 16, FREE, 1, FREE]) },
    attrs: KEY,
    tolerance: 0,
  },
];
