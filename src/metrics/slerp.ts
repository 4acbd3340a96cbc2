/** Spherical linear interpolation of weights (Shoemake, 1985), as model merging has it. */

/** Angles below this (in radians), and as near to a half turn, leave no direction to turn in. */
const SMALL = 1e-3;

/** The angle between two tensors as vectors, in [0, pi] radians. NaN where one is zero. Exact for small angles, unlike acos of the cosine. */
export function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [lengthA, lengthB] = [norm(a), norm(b)];
  let [apart, along] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] as number) / lengthA, (b[i] as number) / lengthB];
    apart += (x - y) ** 2;
    along += (x + y) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(along));
}

/**
 * Turns one tensor into another: a sin((1 - t) angle) / sin(angle) + b sin(t angle) / sin(angle), the angle being that between the
 * whole tensors. Applied to each scalar, as CPI-FT (arXiv 2508.21741) writes it, the angle is 0 or pi and the formula means nothing:
 * call this once for each tensor. Lengths are not normalised, so between tensors of different lengths the length changes on the way.
 * Falls back to (1 - t) a + t b where the angle is below 1e-3 or within that of pi, or a tensor is zero: there sin(angle) vanishes.
 * @param a [n] at t = 0
 * @param b [n] at t = 1
 * @returns [n]
 * @throws RangeError for different lengths.
 */
export function slerp(a: ArrayLike<number>, b: ArrayLike<number>, t: number): Float64Array {
  if (a.length !== b.length) throw new RangeError(`tensors of ${a.length} and ${b.length} entries cannot be interpolated`);
  const angle = angleBetween(a, b);
  const turns = angle >= SMALL && angle <= Math.PI - SMALL;
  const [fromA, fromB] = turns ? [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)] : [1 - t, t];
  return Float64Array.from({ length: a.length }, (_, i) => fromA * (a[i] as number) + fromB * (b[i] as number));
}

function norm(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2;
  return Math.sqrt(squares);
}
