import type { HostTensor, Values } from '../kernel';

/** Number of partial sums. More would lengthen the sum that every reader of them repeats. */
export const PARTIALS = 64;

/** Partial sums of squares: element i goes to sum floor(i / 64) mod 64, whatever the device. */
export function sumSquaresReference(
  inputs: Readonly<Record<'x', HostTensor>>,
  _attrs: object,
  outputs: Readonly<Record<'partials', Values>>,
): void {
  const sums = new Float64Array(PARTIALS);
  const { values } = inputs.x;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const at = Math.floor(i / PARTIALS) % PARTIALS;
    sums[at] = (sums[at] as number) + value * value;
  }
  outputs.partials.set(sums);
}
