import { describe, expect, it } from 'vitest';
import { addFrame, createFrames, dropAfter } from './frames';

describe('frames', () => {
  it('stays within its limit, keeps the first and the last, and thins out the older ones', () => {
    const frames = createFrames<number>(100);
    for (let step = 0; step < 5000; step++) addFrame(frames, step, step);
    const steps = frames.items.map((frame) => frame.step);
    expect(steps.length).toBeLessThanOrEqual(100);
    expect(steps[0]).toBe(0);
    expect(steps.at(-1)).toBe(4999);
    const gaps = steps.slice(1).map((step, i) => step - (steps[i] as number));
    expect(Math.min(...gaps)).toBe(1);
    expect(gaps[0]).toBeGreaterThan(gaps.at(-1) as number);
  });

  it('replaces a frame of the same step and forgets what came after it', () => {
    const frames = createFrames<string>(10);
    addFrame(frames, 0, 'a');
    addFrame(frames, 10, 'b');
    addFrame(frames, 20, 'c');
    addFrame(frames, 10, 'd');
    expect(frames.items).toEqual([
      { step: 0, value: 'a' },
      { step: 10, value: 'd' },
    ]);
    dropAfter(frames, 5);
    expect(frames.items.map((frame) => frame.value)).toEqual(['a']);
  });
});
