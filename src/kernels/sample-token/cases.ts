import { integers, normals, ODD_SIZES } from '../cases';
import type { KernelCase } from '../kernel';
import { FREE, type SampleTokenAttrs, type SampleTokenInput } from './reference';

const KEY: SampleTokenAttrs = { seed: 12345, step: 7, position: 3, temperature: 1, topK: 0, topP: 1 };

const free = (rows: number) =>
  integers(
    [rows],
    Array.from({ length: rows }, () => FREE),
  );

const drawn = (
  title: string,
  rows: number,
  vocab: number,
  attrs: Partial<SampleTokenAttrs>,
): KernelCase<SampleTokenInput, SampleTokenAttrs> => ({
  title,
  inputs: { logits: normals('logits', [rows, vocab]), forced: free(rows) },
  attrs: { ...KEY, ...attrs },
  tolerance: 0,
});

/** Whole logits, so that many are equal, and zeros of both signs. */
const spread = normals('ties', [65, 17], 2);
const tied = { ...spread, values: spread.values.map((x) => Math.round(x)) };

export const sampleTokenCases: KernelCase<SampleTokenInput, SampleTokenAttrs>[] = [
  ...ODD_SIZES.map((vocab) => drawn(`vocabulary ${vocab}`, 65, vocab, {})),
  drawn('one row', 1, 17, {}),
  drawn('low temperature', 64, 17, { temperature: 0.1 }),
  drawn('greedy', 65, 63, { temperature: 0, topK: 3, topP: 0.5 }),
  ...ODD_SIZES.map((vocab) => drawn(`vocabulary ${vocab}, top-k and top-p`, 65, vocab, { topK: 5, topP: 0.8, temperature: 1.5 })),
  drawn('top-k 1', 65, 17, { topK: 1 }),
  drawn('top-k beyond the vocabulary', 65, 17, { topK: 100 }),
  drawn('top-p, nearly nothing', 65, 17, { topP: 1e-6 }),
  drawn('top-p, nearly all', 65, 17, { topP: 0.999 }),
  { title: 'greedy among equal ones', inputs: { logits: tied, forced: free(65) }, attrs: { ...KEY, temperature: 0 }, tolerance: 0 },
  { title: 'top-k at equal ones', inputs: { logits: tied, forced: free(65) }, attrs: { ...KEY, topK: 3 }, tolerance: 0 },
  { title: 'top-p at equal ones', inputs: { logits: tied, forced: free(65) }, attrs: { ...KEY, topP: 0.7 }, tolerance: 0 },
  {
    title: 'every other row forced',
    inputs: { logits: normals('logits', [8, 17]), forced: integers([8], [0, FREE, 5, FREE, 16, FREE, 1, FREE]) },
    attrs: KEY,
    tolerance: 0,
  },
];
