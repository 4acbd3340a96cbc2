/**
 * How far θ has moved, from the weights themselves: the plain arithmetic that the kernel `movement` does on the device. It works on the
 * bits of f32 words, so that denormals and numbers that are not finite are counted alike everywhere.
 */
import { type Layout, sliceSize } from '../core/layout';
import type { SliceMovement } from '../core/metric';

/**
 * Differences that count as none, ascending; the first counts every difference. Published figures use 0 and 1e-5
 * (arXiv 2505.11711) on bf16 weights; the rest shows how much hangs on that choice.
 */
export const TOLERANCES = [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1] as const;

/** Where 1e-5 stands among the tolerances. */
export const PUBLISHED = TOLERANCES.indexOf(1e-5);

const wordsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** The tolerances as f32 words: words of numbers >= 0 are ordered as the numbers are. */
export const TOLERANCE_WORDS: readonly number[] = [...wordsOf(Float32Array.from(TOLERANCES))];

/** The word of infinity: stands for the gap where one of two weights is not a finite number. */
const INFINITE = 0x7f800000;

/** An f32 word rounded to bf16: to nearest, ties to even. A NaN stays as it is. */
const toBf16 = (word: number): number =>
  (word & 0x7fffffff) > INFINITE ? word : ((word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000) >>> 0;

/** A copy of f32 values rounded to bf16: to nearest, ties to even. NaN and infinities stay what they are. */
export const roundedToBf16 = (values: Float32Array): Float32Array => new Float32Array(wordsOf(values).map(toBf16).buffer);

const scratch = new Float32Array(1);
const scratchWord = wordsOf(scratch);

function floatOf(word: number): number {
  scratchWord[0] = word;
  return scratch[0] as number;
}

/** The word of |b - a| in f32, both given as words; infinite where one is not a finite number, unless both are the same infinity. */
function gapOf(a: number, b: number): number {
  const isNumber = (a & 0x7fffffff) <= INFINITE && (b & 0x7fffffff) <= INFINITE;
  if (isNumber && (a === b || ((a | b) & 0x7fffffff) === 0)) return 0;
  if ((a & INFINITE) === INFINITE || (b & INFINITE) === INFINITE) return INFINITE;
  scratch[0] = Math.abs(floatOf(b) - floatOf(a));
  return scratchWord[0] as number;
}

/** Two vectors compared. */
export interface Compared {
  /** [TOLERANCES.length] weights that differ by more than each tolerance. */
  readonly f32: number[];
  readonly bf16: number[];
  /** Weights that are not finite, or so far apart that their difference is not. The sums leave them out. */
  readonly nonFinite: number;
  /** Sum of squared differences. */
  readonly squares: number;
  readonly max: number;
  readonly maxBf16: number;
}

/** Compares two vectors of one length. */
export function compare(start: Float32Array, now: Float32Array): Compared {
  const [before, after] = [wordsOf(start), wordsOf(now)];
  const [f32, bf16] = [TOLERANCES.map(() => 0), TOLERANCES.map(() => 0)];
  const totals = { nonFinite: 0, squares: 0, max: 0, maxBf16: 0 };
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [before[i] as number, after[i] as number];
    const gap = gapOf(a, b);
    const rounded = gapOf(toBf16(a), toBf16(b));
    count(f32, gap);
    count(bf16, rounded);
    if (gap >= INFINITE || rounded >= INFINITE) {
      totals.nonFinite += 1;
      continue;
    }
    const difference = floatOf(gap);
    totals.squares += difference * difference;
    totals.max = Math.max(totals.max, difference);
    totals.maxBf16 = Math.max(totals.maxBf16, floatOf(rounded));
  }
  return { f32, bf16, ...totals };
}

/** Adds one to every count whose tolerance a gap exceeds. */
function count(counts: number[], gap: number): void {
  for (let k = 0; k < counts.length && gap > (TOLERANCE_WORDS[k] as number); k++) counts[k] = (counts[k] as number) + 1;
}

/** The movement of one slice, from comparisons of all its parts. */
export function sliceMovement(name: string, size: number, parts: readonly Compared[]): SliceMovement {
  const total = (pick: (part: Compared) => number): number => parts.reduce((sum, part) => sum + pick(part), 0);
  const largest = (pick: (part: Compared) => number): number => parts.reduce((most, part) => Math.max(most, pick(part)), 0);
  const counts = (side: 'f32' | 'bf16'): number[] => TOLERANCES.map((_, k) => total((part) => part[side][k] as number));
  const finite = total(({ nonFinite }) => nonFinite) === 0;
  return {
    name,
    size,
    f32: counts('f32'),
    bf16: counts('bf16'),
    l2: finite ? Math.sqrt(total(({ squares }) => squares)) : Number.POSITIVE_INFINITY,
    max: finite ? largest(({ max }) => max) : Number.POSITIVE_INFINITY,
    maxBf16: finite ? largest(({ maxBf16 }) => maxBf16) : Number.POSITIVE_INFINITY,
  };
}

/** The movement of every slice from both vectors, each [layout.size], on the host. */
export function movementOf(layout: Layout, start: Float32Array, now: Float32Array): SliceMovement[] {
  return layout.slices.map((slice) => {
    const [from, size] = [slice.offset, sliceSize(slice)];
    return sliceMovement(slice.name, size, [compare(start.subarray(from, from + size), now.subarray(from, from + size))]);
  });
}

/** Fractions of all weights that differ by more than each tolerance. NaN for no weights. */
export function toleranceCurve(slices: readonly SliceMovement[], side: 'f32' | 'bf16'): number[] {
  const size = slices.reduce((sum, slice) => sum + slice.size, 0);
  return TOLERANCES.map((_, k) => slices.reduce((sum, slice) => sum + (slice[side][k] as number), 0) / size);
}
