import { describe, expect, it } from 'vitest';
import { createMeter, etaSeconds, markStep, rateOf, restMeter } from './eta';

describe('speed and remaining time', () => {
  it('is unknown before two marks', () => {
    const meter = createMeter();
    expect(rateOf(meter)).toBeNull();
    markStep(meter, 0, 0);
    expect(rateOf(meter)).toBeNull();
    expect(etaSeconds(meter, 100)).toBeNull();
  });

  it('is steps over time', () => {
    const meter = createMeter();
    // 10 steps every 100 ms are 100 steps per second; 400 steps remain of 500 after 100.
    for (let i = 0; i <= 10; i++) markStep(meter, i * 100, i * 10);
    expect(rateOf(meter)).toBeCloseTo(100, 6);
    expect(etaSeconds(meter, 500)).toBeCloseTo(4, 6);
  });

  it('follows a change of speed and forgets a rest', () => {
    const meter = createMeter(1000);
    for (let i = 0; i <= 20; i++) markStep(meter, i * 100, i * 10);
    for (let i = 1; i <= 20; i++) markStep(meter, 2000 + i * 100, 200 + i);
    expect(rateOf(meter)).toBeCloseTo(10, 0);
    restMeter(meter);
    expect(rateOf(meter)).toBeNull();
  });

  it('does not grow with the number of marks', () => {
    const meter = createMeter(1000);
    for (let i = 0; i < 10_000; i++) markStep(meter, i, i);
    expect(meter.marks.length).toBeLessThan(110);
    expect(rateOf(meter)).toBeCloseTo(1000, -1);
  });
});
