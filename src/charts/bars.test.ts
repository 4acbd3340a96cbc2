import { describe, expect, it } from 'vitest';
import type { Histogram } from '../core/diagnosis';
import { histogramPicture, planePicture } from './bars';

const BOX = { left: 10, top: 20, width: 100, height: 50 };
const of = (counts: number[]): Histogram => ({ edges: [0, 1, 2], counts, count: 0, mean: 0 });

describe('histograms in a box', () => {
  it('stand in front of each other on one scale', () => {
    const { bars, contours, place } = histogramPicture([of([2, 0]), of([1, 4])], BOX, false);
    // The axis goes from 0 to 4 over 50 pixels: 2 is 25 high.
    expect(bars[0]).toEqual([{ x: 10, y: 45, width: 50, height: 25 }]);
    expect(bars[1]).toEqual([
      { x: 10, y: 57.5, width: 50, height: 12.5 },
      { x: 60, y: 20, width: 50, height: 50 },
    ]);
    expect(contours[0]).toBe('M10.0 70.0L10.0 45.0L60.0 45.0L60.0 70.0L110.0 70.0L110.0 70.0');
    expect([place(0.5), place(-7), place(7)]).toEqual([35, 10, 110]);
  });

  it('stand upon each other where they are parts of a whole', () => {
    const { bars } = histogramPicture([of([2, 0]), of([2, 4])], BOX, true);
    expect(bars[1]?.[0]).toEqual({ x: 10, y: 20, width: 50, height: 25 });
  });

  it('of nothing have axes all the same', () => {
    const { bars, yTicks } = histogramPicture([of([0, 0])], BOX, false);
    expect([bars, yTicks.map(({ value }) => value)]).toEqual([[[]], [0, 1]]);
  });
});

describe('points in a box', () => {
  it('have 0 on the x axis and higher values higher up', () => {
    const { points, xTicks } = planePicture(
      [
        { x: 1, y: 0 },
        { x: 2, y: 1 },
      ],
      BOX,
    );
    expect(points).toEqual([
      { x: 60, y: 70 },
      { x: 110, y: 20 },
    ]);
    expect(xTicks[0]).toEqual({ at: 10, value: 0 });
  });
});
