import { afterEach, describe, expect, it } from 'vitest';
import { crosshair, zoom } from './crosshair';
import { type Frame, keyAction, pan, xAt, zoomInto } from './pointing';
import { STEPS, xAxisOf } from './xaxis';

const frame = (from: number, to: number, axis = STEPS): Frame => ({ axis, shown: { domain: [from, to], ticks: [], log: false } });
const press = (key: string, shown: Frame, shift = false): void => keyAction(key, shift, shown, [0, 100], () => undefined)?.();

afterEach(() => {
  crosshair.set(null);
  zoom.set(null);
});

describe('pointing at a chart', () => {
  it('reads off whole steps, and anything of another axis', () => {
    expect(xAt(frame(0, 100), 0.333)).toBe(33);
    expect(xAt(frame(0, 1, xAxisOf('kl', [], {})), 0.333)).toBeCloseTo(0.333, 12);
    expect(xAt(frame(0, 100), 1.2)).toBe(100);
  });

  it('zooms into a stretch either way, and not into a slip of the hand', () => {
    zoomInto(frame(0, 100), 0.6, 0.2);
    expect(zoom.get()).toEqual({ axis: 'step', from: 20, to: 60 });
    zoomInto(frame(20, 60), 0.5, 0.505);
    expect(zoom.get()?.to).toBe(60);
  });

  it('moves along, and not below the first step', () => {
    pan(frame(0, 100), 0.1);
    expect(zoom.get()).toBeNull();
    zoomInto(frame(0, 100), 0.2, 0.6);
    pan(frame(20, 60), 0.25);
    expect(zoom.get()).toEqual({ axis: 'step', from: 30, to: 70 });
    pan(frame(30, 70), -2);
    expect(zoom.get()).toEqual({ axis: 'step', from: 0, to: 40 });
  });
});

describe('the keys of a chart', () => {
  it('read off in steps of at least one', () => {
    press('ArrowRight', frame(0, 100));
    expect(crosshair.get()).toBe(0);
    press('ArrowRight', frame(0, 100));
    expect(crosshair.get()).toBe(2);
    press('ArrowLeft', frame(0, 10));
    expect(crosshair.get()).toBe(1);
    press('End', frame(0, 100));
    expect(crosshair.get()).toBe(100);
  });

  it('zoom around what is read off, and out again', () => {
    crosshair.set(40);
    press('+', frame(0, 100));
    expect(zoom.get()).toEqual({ axis: 'step', from: 20, to: 70 });
    press('ArrowRight', frame(20, 70), true);
    expect(zoom.get()).toEqual({ axis: 'step', from: 25, to: 75 });
    press('-', frame(25, 75));
    expect(zoom.get()?.to).toBeGreaterThan(75);
    press('0', frame(25, 75));
    expect(zoom.get()).toBeNull();
    expect(keyAction('x', false, frame(0, 1), [0, 1], () => undefined)).toBeNull();
  });
});
