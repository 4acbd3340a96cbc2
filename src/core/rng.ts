/**
 * Counter-based randomness. A draw is a pure function of (key, counter), so streams never interfere: sampling more
 * evaluation prompts cannot change the training data. The WGSL sampler (`kernels/sample-token`) uses the same hash.
 */

/**
 * pcg4d, the four-word hash of Jarzynski and Olano, "Hash Functions for GPU Rendering" (JCGT 2020).
 * Writes four u32 words into `out`.
 */
export function pcg4d(x: number, y: number, z: number, w: number, out: Uint32Array): Uint32Array {
  let a = (Math.imul(x, 1664525) + 1013904223) | 0;
  let b = (Math.imul(y, 1664525) + 1013904223) | 0;
  let c = (Math.imul(z, 1664525) + 1013904223) | 0;
  let d = (Math.imul(w, 1664525) + 1013904223) | 0;
  a = (a + Math.imul(b, d)) | 0;
  b = (b + Math.imul(c, a)) | 0;
  c = (c + Math.imul(a, b)) | 0;
  d = (d + Math.imul(b, c)) | 0;
  a ^= a >>> 16;
  b ^= b >>> 16;
  c ^= c >>> 16;
  d ^= d >>> 16;
  a = (a + Math.imul(b, d)) | 0;
  b = (b + Math.imul(c, a)) | 0;
  c = (c + Math.imul(a, b)) | 0;
  d = (d + Math.imul(b, c)) | 0;
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
  return out;
}

/** FNV-1a over UTF-16 units: a stable u32 for a name. */
export function hashText(value: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A stream of random numbers. Forks are independent of the order in which draws are made. */
export interface Rng {
  /** A stream keyed by this one and a purpose; the same purpose gives the same stream again. */
  fork(purpose: string | number): Rng;
  /** The next u32. */
  u32(): number;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** One of the items. @throws RangeError for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** An index drawn in proportion to non-negative weights. */
  weighted(weights: ArrayLike<number>): number;
}

/** A stream from a seed. */
export function createRng(seed: number): Rng {
  return stream(seed >>> 0, 0x9e3779b9);
}

function stream(key0: number, key1: number): Rng {
  const words = new Uint32Array(4);
  let counter = 0;
  let left = 0;
  const u32 = (): number => {
    if (left === 0) {
      pcg4d(key0, key1, counter, counter ^ 0x5bf03635, words);
      counter = (counter + 1) | 0;
      left = 4;
    }
    left -= 1;
    return words[3 - left] as number;
  };
  const uniform = (): number => u32() / 0x1_0000_0000;
  const below = (n: number): number => Math.floor(uniform() * n);
  return {
    fork(purpose) {
      const name = typeof purpose === 'number' ? purpose >>> 0 : hashText(purpose);
      // The marker keeps a numeric purpose apart from the name with the same hash.
      const out = pcg4d(key0, key1, name, typeof purpose === 'number' ? 1 : 2, new Uint32Array(4));
      return stream(out[0] as number, out[1] as number);
    },
    u32,
    uniform,
    below,
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new RangeError('pick: the list is empty');
      return items[below(items.length)] as T;
    },
    shuffle<T>(items: readonly T[]): T[] {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
      }
      return copy;
    },
    weighted(weights) {
      let total = 0;
      for (let i = 0; i < weights.length; i++) total += weights[i] as number;
      let left = uniform() * total;
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i] as number;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
  };
}
