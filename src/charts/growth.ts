/** Growth curves as a picture: milliseconds over a size, both on logarithmic axes, with a line in proportion to the FLOPs. */
import type { GrowthPoint } from '../core/bench';
import type { Box } from './distribution';
import { spreadLabels } from './scale';

export interface GrowthTrace {
  readonly key: string;
  /** The smallest value first. */
  readonly points: readonly GrowthPoint[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Tick {
  /** Pixels along its axis. */
  readonly at: number;
  readonly value: number;
}

export interface DrawnTrace {
  readonly key: string;
  /** As an SVG path takes it. */
  readonly path: string;
  readonly dots: readonly Point[];
  /** Milliseconds of the largest size, and where they are written. */
  readonly last: number;
  readonly labelTop: number;
}

export interface GrowthPicture {
  readonly traces: readonly DrawnTrace[];
  /** Through the last point of the first trace: what its time would be if it grew with the floating-point operations alone. */
  readonly flops: string;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

const LABEL_GAP = 13;
/** How far below the fastest step the line of the FLOPs is still in the picture, as a factor. */
const ROOM_BELOW = 4;

/** Lays the curves of one size out in a box. The FLOPs are compared with the first curve; no curve is empty. */
export function growthPicture(traces: readonly GrowthTrace[], box: Box): GrowthPicture {
  const all = traces.flatMap(({ points }) => points);
  const first = traces[0]?.points ?? [];
  const end = first.at(-1);
  const flops = end === undefined ? [] : first.map((point) => ({ ...point, stepMs: (end.stepMs * point.flops) / end.flops }));
  const fastest = Math.min(...all.map(({ stepMs }) => stepMs));
  const lowest = Math.max(fastest / ROOM_BELOW, Math.min(fastest, ...flops.map(({ stepMs }) => stepMs)));
  const slowest = Math.max(...all.map(({ stepMs }) => stepMs));
  const values = [...new Set(all.map(({ value }) => value))].sort((a, b) => a - b);
  const x = logarithmic(values[0] ?? 1, values.at(-1) ?? 1, box.left, box.left + box.width);
  const y = logarithmic(lowest / 1.1, slowest * 1.1, box.top + box.height, box.top);
  const place = ({ value, stepMs }: GrowthPoint): Point => ({ x: x(value), y: y(stepMs) });
  const drawn = traces.map(({ key, points }) => ({ key, dots: points.map(place), last: points.at(-1)?.stepMs ?? Number.NaN }));
  const tops = spreadLabels(
    drawn.map(({ dots }) => dots.at(-1)?.y ?? box.top),
    LABEL_GAP,
    box.top,
    box.top + box.height,
  );
  return {
    traces: drawn.map((trace, i) => ({ ...trace, path: pathOf(trace.dots), labelTop: tops[i] as number })),
    flops: pathOf(flops.map(place)),
    xTicks: values.map((value) => ({ at: x(value), value })),
    yTicks: logTicks(lowest / 1.1, slowest * 1.1).map((value) => ({ at: y(value), value })),
  };
}

/** Where a positive value stands between two pixels; in their middle where there is only one value. */
function logarithmic(low: number, high: number, from: number, to: number): (value: number) => number {
  if (low === high) return () => (from + to) / 2;
  return (value) => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
}

/** Powers of ten in a range, with 2 and 5 times them where there are fewer than three. */
export function logTicks(low: number, high: number): number[] {
  const decades = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const ticks = (factors: readonly number[]): number[] =>
    decades.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`))).filter((value) => value >= low && value <= high);
  const few = ticks([1]);
  return few.length >= 3 ? few : ticks([1, 2, 5]);
}

const pathOf = (points: readonly Point[]): string =>
  points.length === 0 ? '' : `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
