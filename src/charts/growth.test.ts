import { describe, expect, it } from 'vitest';
import { growthPicture, logTicks } from './growth';

const BOX = { left: 10, top: 20, width: 200, height: 100 };
const point = (value: number, stepMs: number, flops: number) => ({ value, stepMs, flops });

describe('growth picture', () => {
  it('draws a time that grows with the FLOPs on their line', () => {
    const picture = growthPicture([{ key: 'a', points: [point(1, 1, 10), point(2, 2, 20), point(4, 4, 40)] }], BOX);
    expect(picture.flops).toBe(picture.traces[0]?.path);
    // Both axes are logarithmic: equal factors are equal distances.
    const [first, second, third] = picture.traces[0]?.dots ?? [];
    expect(first?.x).toBeCloseTo(10);
    expect(second?.x).toBeCloseTo(110);
    expect(third?.x).toBeCloseTo(210);
    expect((second?.y ?? 0) - (first?.y ?? 0)).toBeCloseTo((third?.y ?? 0) - (second?.y ?? 0));
  });

  it('lets the line of the FLOPs pass below a curve that does not fall, through its last point', () => {
    const { flops, traces } = growthPicture([{ key: 'a', points: [point(1, 5, 10), point(64, 5, 640)] }], BOX);
    const [, start, end] = /M\S+ (\S+)L\S+ (\S+)/.exec(flops) ?? [];
    const [first, last] = traces[0]?.dots ?? [];
    expect(Number(end)).toBeCloseTo(last?.y ?? 0, 0);
    expect(Number(start)).toBeGreaterThan((first?.y ?? 0) + 10);
  });

  it('keeps every curve in the box, and the labels at their ends apart', () => {
    const curve = (key: string, factor: number) => ({ key, points: [point(8, factor, 1), point(16, 1.01 * factor, 2)] });
    const { traces, xTicks } = growthPicture([curve('a', 1), curve('b', 1.001), curve('c', 90)], BOX);
    for (const { dots } of traces) {
      for (const { x, y } of dots) {
        expect(x).toBeGreaterThanOrEqual(10);
        expect(x).toBeLessThanOrEqual(210);
        expect(y).toBeGreaterThanOrEqual(20);
        expect(y).toBeLessThanOrEqual(120);
      }
    }
    expect(Math.abs((traces[0]?.labelTop ?? 0) - (traces[1]?.labelTop ?? 0))).toBeGreaterThanOrEqual(13);
    expect(xTicks.map(({ value }) => value)).toEqual([8, 16]);
  });

  it('puts a single point into the middle', () => {
    const { traces } = growthPicture([{ key: 'a', points: [point(3, 7, 1)] }], BOX);
    expect(traces[0]?.dots[0]?.x).toBeCloseTo(110);
  });
});

describe('logTicks', () => {
  it('takes powers of ten, and more where there are few', () => {
    expect(logTicks(0.5, 2000)).toEqual([1, 10, 100, 1000]);
    expect(logTicks(3, 60)).toEqual([5, 10, 20, 50]);
    expect(logTicks(0.02, 0.3)).toEqual([0.02, 0.05, 0.1, 0.2]);
  });
});
