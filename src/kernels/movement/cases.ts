import { layoutOf } from '../../core/layout';
import { integers, normals, ODD_SIZES } from '../cases';
import type { HostTensor, KernelCase } from '../kernel';
import { CHUNK, chunksOf, type MovementInput } from './reference';

/** θ a random way from its start: differences of every size from 1e-10 to 10, and some of none. */
function moved(start: HostTensor): HostTensor {
  const steps = normals('steps', start.shape);
  const values = Float32Array.from(start.values, (x, i) => (i % 5 === 0 ? x : x + (steps.values[i] as number) * 10 ** (1 - (i % 12))));
  return { ...start, values };
}

function withSlices(title: string, sizes: readonly number[], start?: HostTensor, theta?: HostTensor): KernelCase<MovementInput, object> {
  const layout = layoutOf(sizes.map((size, i) => [`slice ${i}`, [size]]));
  const chunks = chunksOf(layout);
  const before = start ?? normals('start', [layout.size], 0.3);
  return {
    title,
    inputs: { theta: theta ?? moved(before), start: before, chunks: integers([chunks.length, 2], chunks.flat()) },
    attrs: {},
    // Finer than one in 2,048, so that every count is exact.
    tolerance: 1e-6,
  };
}

const fromWords = (...words: number[]): HostTensor => ({
  shape: [words.length],
  dtype: 'float32',
  values: new Float32Array(Uint32Array.from(words).buffer),
});

/** Word before, word after. */
const EDGES: readonly (readonly [number, number])[] = [
  [0x00000000, 0x80000000], // 0 and -0 are equal
  [0x00000001, 0x00000002], // denormals differ, whatever a device makes of them
  [0x7fc00000, 0x7fc00000], // NaN equals nothing
  [0x3f800000, 0x7f800001], // one that a rounding of its bits would make infinite
  [0x7f800000, 0x7f800000], // the same infinity
  [0x7f800000, 0xff800000],
  [0x3f800000, 0x7f800000],
  [0x7f7f0000, 0x7f7fffff], // finite, but infinite as bf16
  [0x3f800000, 0x3f808000], // 1 + 1/256: a tie, to even, which is 1
  [0x3f808000, 0x3f808001], // just above the tie
  [0x3f818000, 0x3f828000], // two ties with the even 1 + 1/64 between them
  [0xbf800000, 0xbf808001],
  [0x322bcc77, 0x00000000], // 1e-8 as f32 is not greater than itself
  [0x00000000, 0x322bcc78],
  [0x3727c5ac, 0x00000000], // 1e-5
  [0x00000000, 0x3727c5ad],
];

export const movementCases: KernelCase<MovementInput, object>[] = [
  ...ODD_SIZES.map((n) => withSlices(`n = ${n}`, [n])),
  withSlices('slices of odd sizes', [...ODD_SIZES]),
  withSlices('several chunks in a slice', [5, 2 * CHUNK + 3, CHUNK, 1]),
  withSlices('nothing moved', [257], normals('start', [257]), normals('start', [257])),
  withSlices(
    'zeros, denormals, ties and what is not finite',
    [EDGES.length],
    fromWords(...EDGES.map(([before]) => before)),
    fromWords(...EDGES.map(([, after]) => after)),
  ),
];
