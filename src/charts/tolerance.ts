/** The tolerance curve as points: the fraction of weights that changed by more than a tolerance, over its logarithm. */
import type { ToleranceCurve } from '../core/events';
import type { Box } from './distribution';

/** Position of a tolerance along its axis, in decades. */
interface Axis {
  /** Where 0 stands: a decade before the smallest of the others. */
  readonly first: number;
  readonly last: number;
}

export interface TolerancePicture {
  /** Corners of the lines, as an SVG path takes them. */
  readonly f32: string;
  readonly bf16: string;
  readonly ticks: readonly { readonly x: number; readonly words: string }[];
  /** What the panel's numbers count: any difference in f32, and more than 1e-5 in bf16. */
  readonly marks: { readonly f32: Point; readonly bf16: Point | null };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The tolerance of the published figures (arXiv 2505.11711). */
const PUBLISHED = 1e-5;

/** A tolerance as the exponent of ten that stands for it. */
const decade = (tolerance: number, axis: Axis): number => (tolerance === 0 ? axis.first : Math.log10(tolerance));

/** A power of ten as one, also where a number would be shorter; the axis is logarithmic. */
export const inWords = (tolerance: number): string => (tolerance === 0 ? '0' : `1e${Math.round(Math.log10(tolerance))}`.replace('-', '−'));

/** Lays a curve out in a box. Its tolerances ascend, 0 first, and there are others. */
export function tolerancePicture({ tolerances, f32, bf16 }: ToleranceCurve, box: Box): TolerancePicture {
  const axis: Axis = { first: Math.log10(tolerances[1] ?? 1) - 1, last: Math.log10(tolerances.at(-1) ?? 1) };
  const place = (i: number, values: readonly number[]): Point => ({
    x: box.left + (box.width * (decade(tolerances[i] ?? 0, axis) - axis.first)) / (axis.last - axis.first),
    y: box.top + box.height * (1 - (values[i] ?? 0)),
  });
  const path = (values: readonly number[]): string => {
    const corners = tolerances.map((_, i) => place(i, values));
    return `M${corners.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
  };
  const published = tolerances.indexOf(PUBLISHED);
  return {
    f32: path(f32),
    bf16: path(bf16),
    // Every second decade from the last down, so that 1e-5 is one of them, and 0.
    ticks: tolerances.flatMap((tolerance, i) =>
      tolerance === 0 || (tolerances.length - 1 - i) % 2 === 0 ? [{ x: place(i, f32).x, words: inWords(tolerance) }] : [],
    ),
    marks: { f32: place(0, f32), bf16: published < 0 ? null : place(published, bf16) },
  };
}
