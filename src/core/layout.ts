/** How a policy's parameters lie in θ, the one flat vector. */

/** One named tensor inside θ. */
export interface Slice {
  readonly name: string;
  /** First element, counted in floats. */
  readonly offset: number;
  readonly shape: readonly number[];
}

/** All slices, in order and without gaps. */
export interface Layout {
  /** Number of floats in θ. */
  readonly size: number;
  readonly slices: readonly Slice[];
}

/** Number of floats in a slice. */
export const sliceSize = (slice: Slice): number => slice.shape.reduce((product, n) => product * n, 1);

/** Lays named shapes end to end. */
export function layoutOf(shapes: readonly (readonly [name: string, shape: readonly number[]])[]): Layout {
  let offset = 0;
  const slices = shapes.map(([name, shape]) => {
    const slice: Slice = { name, offset, shape };
    offset += sliceSize(slice);
    return slice;
  });
  return { size: offset, slices };
}
