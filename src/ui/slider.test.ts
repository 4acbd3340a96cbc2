import { describe, expect, it } from 'vitest';
import { number } from '../core/params';
import { EVALUATION, TRAINING } from '../core/spec';
import { PLACES, placeOf, valueAt } from './slider';

describe('sliders', () => {
  it('reach both ends of every range', () => {
    for (const spec of [...Object.values(TRAINING), ...Object.values(EVALUATION)]) {
      if (spec.kind !== 'number') continue;
      expect(valueAt(spec, 0)).toBe(spec.min);
      expect(valueAt(spec, PLACES)).toBe(spec.max);
      const there = valueAt(spec, placeOf(spec, spec.default));
      expect(Math.abs(there - spec.default)).toBeLessThanOrEqual(0.06 * Math.max(spec.default, 0.2));
      if (spec.integer === true) for (let place = 0; place <= PLACES; place += 7) expect(Number.isInteger(valueAt(spec, place))).toBe(true);
    }
  });

  it('move learning rates by powers', () => {
    const lr = number({ title: '', help: '', default: 1e-3, min: 1e-6, max: 1, scale: 'log' });
    expect(placeOf(lr, 1e-3)).toBe(500);
    expect(valueAt(lr, 500)).toBeCloseTo(1e-3, 9);
  });

  it('stay on their step', () => {
    const temperature = number({ title: '', help: '', default: 1, min: 0.05, max: 5, step: 0.05 });
    expect(valueAt(temperature, 333)).toBe(1.7);
  });

  it('rise from end to end', () => {
    const warmup = number({ title: '', help: '', default: 0, min: 0, max: 10_000, integer: true });
    let before = -1;
    for (let place = 0; place <= PLACES; place++) {
      const value = valueAt(warmup, place);
      expect(value).toBeGreaterThanOrEqual(before);
      before = value;
    }
  });
});
