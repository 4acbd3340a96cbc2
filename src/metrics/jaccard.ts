/**
 * How much two updates of the same weights overlap: the Jaccard index of the sets of weights that they touch, beside what independent
 * sets of the same sizes would give (Mukherjee et al., arXiv 2505.11711, compare seeds and data in this way).
 */
import { roundedToBf16 } from './movement';

/** Which weights an update touches: one byte for each weight, 1 where it differs by more than the tolerance. */
export type Touched = Uint8Array;

/**
 * @param tolerance 0 counts every difference; published figures have 1e-5
 * @param as bf16 compares both once they are rounded, as published figures do
 */
export function touched(before: Float32Array, after: Float32Array, tolerance: number, as: 'f32' | 'bf16'): Touched {
  const [from, to] = as === 'bf16' ? [roundedToBf16(before), roundedToBf16(after)] : [before, after];
  const limit = Math.fround(tolerance);
  // A weight that is no longer a number is touched: hence not "greater than".
  return Uint8Array.from(from, (start, i) => (Math.abs(Math.fround((to[i] as number) - start)) <= limit ? 0 : 1));
}

/** Share of all weights that a set holds. */
export const density = (set: Touched): number => set.reduce((sum, one) => sum + one, 0) / set.length;

/** |A and B| / |A or B|, in [0, 1]. NaN where both are empty. @throws RangeError for sets over different numbers of weights. */
export function jaccard(a: Touched, b: Touched): number {
  if (a.length !== b.length) throw new RangeError(`sets over ${a.length} and ${b.length} weights cannot be compared`);
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 1 && b[i] === 1) both += 1;
    if (a[i] === 1 || b[i] === 1) either += 1;
  }
  return both / either;
}

/** The index of independent sets that hold shares p and q of many weights: p q / (p + q - p q), which is p / (2 - p) for p = q. */
export const chanceJaccard = (p: number, q: number): number => (p * q) / (p + q - p * q);
