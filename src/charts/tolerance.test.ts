import { describe, expect, it } from 'vitest';
import { tolerancePicture } from './tolerance';

const CURVE = {
  tolerances: [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
  f32: [1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0],
  bf16: [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0, 0, 0],
};
// A decade is 10 wide: eight of them from 0, which stands at 1e-9, to 1e-1.
const BOX = { left: 30, top: 10, width: 80, height: 40 };

describe('the tolerance curve', () => {
  const picture = tolerancePicture(CURVE, BOX);

  it('has a decade for each power of ten, and one for 0', () => {
    expect(picture.f32).toBe('M30.0 10.0L40.0 10.0L50.0 10.0L60.0 20.0L70.0 30.0L80.0 40.0L90.0 50.0L100.0 50.0L110.0 50.0');
    expect(picture.bf16.startsWith('M30.0 30.0L40.0 30.0')).toBe(true);
  });

  it('marks any difference in f32 and 1e-5 in bf16', () => {
    expect(picture.marks).toEqual({ f32: { x: 30, y: 10 }, bf16: { x: expect.closeTo(70, 9), y: 40 } });
  });

  it('labels 0 and every second decade, 1e-5 among them', () => {
    expect(picture.ticks.map(({ words }) => words)).toEqual(['0', '1e−7', '1e−5', '1e−3', '1e−1']);
    expect(picture.ticks.map(({ x }) => Math.round(x))).toEqual([30, 50, 70, 90, 110]);
  });

  it('marks nothing that was not measured', () => {
    expect(tolerancePicture({ tolerances: [0, 1e-2], f32: [1, 0], bf16: [1, 0] }, BOX).marks.bf16).toBeNull();
  });
});
