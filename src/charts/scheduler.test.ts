import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler';

/** A clock that tests move by hand; every frame takes 16 ms, every drawing as long as it says. */
function bench() {
  let time = 0;
  let callback: (() => void) | null = null;
  const scheduler = createScheduler({
    now: () => time,
    nextFrame: (next) => {
      callback = next;
    },
  });
  return {
    scheduler,
    spend: (ms: number) => {
      time += ms;
    },
    frame: (): void => {
      time += 16;
      const run = callback;
      callback = null;
      run?.();
    },
    isWaiting: () => callback !== null,
  };
}

describe('scheduler', () => {
  it('draws at most ten times a second however often something changes', () => {
    const { scheduler, frame } = bench();
    let drawn = 0;
    const drawing = scheduler.add(() => {
      drawn += 1;
    });
    // 125 frames of 16 ms are 2 seconds.
    for (let i = 0; i < 125; i++) {
      drawing.invalidate();
      frame();
    }
    expect(drawn).toBeGreaterThan(15);
    expect(drawn).toBeLessThanOrEqual(20);
  });

  it('asks for no frame while nothing has changed, and for none after it is disposed of', () => {
    const { scheduler, frame, isWaiting } = bench();
    const drawing = scheduler.add(() => undefined);
    expect(isWaiting()).toBe(false);
    drawing.invalidate();
    frame();
    expect(isWaiting()).toBe(false);
    drawing.dispose();
    drawing.invalidate();
    expect(isWaiting()).toBe(false);
  });

  it('spreads drawings over frames and leaves nobody out', () => {
    const { scheduler, spend, frame } = bench();
    const drawn = [0, 0, 0];
    let inFrame = 0;
    let most = 0;
    const drawings = drawn.map((_, i) =>
      scheduler.add(() => {
        drawn[i] = (drawn[i] ?? 0) + 1;
        inFrame += 1;
        spend(10);
      }),
    );
    for (let i = 0; i < 60; i++) {
      for (const drawing of drawings) drawing.invalidate();
      inFrame = 0;
      frame();
      most = Math.max(most, inFrame);
    }
    expect(most).toBe(1);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeLessThanOrEqual(1);
  });

  it('draws less often when drawing is slow', () => {
    const { scheduler, spend, frame } = bench();
    let drawn = 0;
    let busy = 0;
    const drawing = scheduler.add(() => {
      drawn += 1;
      busy += 100;
      spend(100);
    });
    for (let i = 0; i < 200; i++) {
      drawing.invalidate();
      frame();
    }
    // At 100 ms a drawing and a share of .3, one every 333 ms: of 200 frames of 16 ms plus the time spent.
    expect(busy / (200 * 16 + busy)).toBeLessThan(0.35);
    expect(drawn).toBeGreaterThan(3);
  });
});
