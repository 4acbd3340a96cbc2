/** Histograms and planes as geometry: from counts and points to places in a box of pixels. */
import type { Histogram } from '../core/diagnosis';
import type { Box } from './distribution';
import { niceAxis } from './scale';

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface HistogramPicture {
  /** Of each histogram, its bars that hold anything. */
  readonly bars: readonly (readonly Bar[])[];
  /** Of each histogram, its upper contour as an SVG path. */
  readonly contours: readonly string[];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  /** Where a value stands; beyond the edges, at the nearer one. */
  readonly place: (value: number) => number;
}

export interface Tick {
  readonly at: number;
  readonly value: number;
}

/**
 * Lays histograms of the same edges out in a box: one in front of another, or one upon another.
 * @param stacked whether the counts of a bin are added up
 */
export function histogramPicture(histograms: readonly Histogram[], box: Box, stacked: boolean): HistogramPicture {
  const edges = histograms[0]?.edges ?? [0, 1];
  const [first, last] = [edges[0] as number, edges.at(-1) as number];
  const place = (value: number): number => box.left + (box.width * (Math.min(last, Math.max(first, value)) - first)) / (last - first);
  const below = edges.slice(1).map(() => 0);
  const spans = histograms.map(({ counts }) =>
    counts.map((count, bin) => {
      const from = below[bin] as number;
      if (stacked) below[bin] = from + count;
      return { from, to: from + count };
    }),
  );
  const most = Math.max(1, ...spans.flat().map(({ to }) => to));
  const { domain, ticks } = niceAxis(0, most, true, 3);
  const height = (count: number): number => box.top + box.height * (1 - count / domain[1]);
  const bars = spans.map((bins) =>
    bins.flatMap(({ from, to }, bin): Bar[] => {
      if (to === from) return [];
      const x = place(edges[bin] as number);
      return [{ x, y: height(to), width: place(edges[bin + 1] as number) - x, height: height(from) - height(to) }];
    }),
  );
  const contours = spans.map((bins) => {
    const corners = bins.flatMap(({ to }, bin) => {
      const y = height(to).toFixed(1);
      return [`${place(edges[bin] as number).toFixed(1)} ${y}`, `${place(edges[bin + 1] as number).toFixed(1)} ${y}`];
    });
    const base = (box.top + box.height).toFixed(1);
    return `M${place(first).toFixed(1)} ${base}L${corners.join('L')}L${place(last).toFixed(1)} ${base}`;
  });
  const count = Math.max(2, Math.floor(box.width / 56));
  return {
    bars,
    contours,
    xTicks: niceAxis(first, last, false, count)
      .ticks.filter((value) => value >= first && value <= last)
      .map((value) => ({ at: place(value), value })),
    // A third of a completion is nothing that could be counted.
    yTicks: ticks.filter(Number.isInteger).map((value) => ({ at: height(value), value })),
    place,
  };
}

export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

export interface PlanePicture {
  readonly points: readonly PlanePoint[];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

/** Lays points out in a box, with 0 on the x axis. */
export function planePicture(points: readonly PlanePoint[], box: Box): PlanePicture {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  // What rounding leaves below 0 asks for no room there.
  const x = niceAxis(low > -0.01 * high ? Math.max(0, low) : low, high, true, Math.max(2, Math.floor(box.width / 64)));
  const y = niceAxis(Math.min(...ys), Math.max(...ys), false, 3);
  const across = (value: number): number => box.left + (box.width * (value - x.domain[0])) / (x.domain[1] - x.domain[0]);
  const up = (value: number): number => box.top + box.height * (1 - (value - y.domain[0]) / (y.domain[1] - y.domain[0]));
  return {
    points: points.map((point) => ({ x: across(point.x), y: up(point.y) })),
    xTicks: x.ticks.map((value) => ({ at: across(value), value })),
    yTicks: y.ticks.map((value) => ({ at: up(value), value })),
  };
}
