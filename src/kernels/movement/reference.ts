import { type Layout, sliceSize } from '../../core/layout';
import { type Compared, compare, TOLERANCES } from '../../metrics/movement';
import type { HostTensor, Values } from '../kernel';

export type MovementInput = 'theta' | 'start' | 'chunks';

/** Largest number of weights in a chunk: the table has 22 numbers for each, a hundredth of what it stands for. */
export const CHUNK = 2048;

/** Numbers in a row of the table: both counts by tolerance, weights that are not finite, sum of squares, both largest differences. */
export const COLUMNS = 2 * TOLERANCES.length + 4;

/** First weight and length of every chunk, [chunks][2]: each lies within one slice, and they cover all of θ in order. */
export function chunksOf(layout: Layout): [offset: number, length: number][] {
  return layout.slices.flatMap((slice) => {
    const size = sliceSize(slice);
    return Array.from({ length: Math.ceil(size / CHUNK) }, (_, i): [number, number] => [
      slice.offset + i * CHUNK,
      Math.min(CHUNK, size - i * CHUNK),
    ]);
  });
}

/** Compares θ with the θ of the start, chunk by chunk. */
export function movementReference(
  inputs: Readonly<Record<MovementInput, HostTensor>>,
  _attrs: object,
  outputs: Readonly<Record<'table', Values>>,
): void {
  const { theta, start, chunks } = inputs;
  const [now, before] = [theta.values as Float32Array, start.values as Float32Array];
  for (let row = 0; 2 * row < chunks.values.length; row++) {
    const from = chunks.values[2 * row] as number;
    const to = from + (chunks.values[2 * row + 1] as number);
    const { f32, bf16, nonFinite, squares, max, maxBf16 } = compare(before.subarray(from, to), now.subarray(from, to));
    outputs.table.set([...f32, ...bf16, nonFinite, squares, max, maxBf16], row * COLUMNS);
  }
}

/** A row of the table by its names. */
export function rowOf(table: ArrayLike<number>, row: number): Compared {
  const [at, half] = [row * COLUMNS, TOLERANCES.length];
  const counts = (from: number): number[] => TOLERANCES.map((_, k) => table[at + from + k] as number);
  const [nonFinite, squares, max, maxBf16] = [0, 1, 2, 3].map((i) => table[at + 2 * half + i]) as [number, number, number, number];
  return { f32: counts(0), bf16: counts(half), nonFinite, squares, max, maxBf16 };
}
