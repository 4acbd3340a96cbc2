/** What a pointer or a key asks of a chart: reading off, zooming in and out, moving along, going to a step. */
import { crosshair, type Zoom, zoom } from './crosshair';
import { type Axis, shareOn, valueOn } from './scale';
import type { XAxis } from './xaxis';

/** Where on the x axis, in shares of what is shown. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Frame {
  readonly axis: XAxis;
  readonly shown: Axis;
}

/** The x at a share of what is shown; a whole number where steps are. */
export function xAt({ axis, shown }: Frame, share: number): number {
  const x = valueOn(shown, Math.min(1, Math.max(0, share)));
  return axis.id === 'step' ? Math.round(x) : x;
}

const zoomOf = (frame: Frame, { from, to }: Stretch): Zoom => ({
  axis: frame.axis.id,
  from: valueOn(frame.shown, from),
  to: valueOn(frame.shown, to),
});

/** A stretch so short is a slip of the hand. */
const SHORTEST = 0.015;

/** Shows a stretch alone. Of steps it has at least one. */
export function zoomInto(frame: Frame, a: number, b: number): void {
  const next = zoomOf(frame, { from: Math.max(0, Math.min(a, b)), to: Math.min(1, Math.max(a, b)) });
  const least = frame.axis.id === 'step' ? 1 : 0;
  if (Math.abs(a - b) >= SHORTEST && next.to - next.from > least) zoom.set(next);
}

/** Moves what is shown by a share of it; not below 0, where nothing is. */
export function pan(frame: Frame, by: number): void {
  if (zoom.get()?.axis !== frame.axis.id) return;
  const next = zoomOf(frame, { from: by, to: 1 + by });
  const tooFar = frame.axis.ordered && !frame.shown.log && next.from < 0;
  zoom.set(tooFar ? { ...next, from: 0, to: next.to - next.from } : next);
}

/** Twice or half as much, around where it is read off. */
function scaleBy(frame: Frame, factor: number, all: readonly [number, number]): void {
  const at = crosshair.get();
  const centre = at === null ? 0.5 : shareOn(frame.shown)(at);
  const next = zoomOf(frame, { from: centre - factor * centre, to: centre + factor * (1 - centre) });
  const wide = next.from <= all[0] && next.to >= all[1];
  if (factor > 1 && (zoom.get() === null || wide)) zoom.set(null);
  else if (factor > 1 || frame.axis.id !== 'step' || next.to - next.from > 1) zoom.set({ ...next, from: Math.max(next.from, all[0]) });
}

const FINE = 0.02;
const COARSE = 0.1;

function moveTo(frame: Frame, share: number): void {
  crosshair.set(xAt(frame, share));
}

/** Moves where it is read off. Of steps it moves by one at least. */
function move(frame: Frame, by: number): void {
  const at = crosshair.get();
  const share = shareOn(frame.shown);
  if (at === null) {
    moveTo(frame, by > 0 ? 0 : 1);
    return;
  }
  const next = xAt(frame, share(at) + by);
  crosshair.set(next === at ? xAt(frame, share(at + Math.sign(by))) : next);
}

/**
 * What a key does; null for a key that does nothing here. Arrows read off, with shift they move along, plus and minus zoom, 0 and
 * escape show all again, Enter goes to where it is read off.
 * @param all the ends of the axis as it is without a zoom
 */
export function keyAction(key: string, shift: boolean, frame: Frame, all: readonly [number, number], go: () => void): (() => void) | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const way = key === 'ArrowLeft' ? -1 : 1;
      return shift ? () => pan(frame, way * COARSE) : () => move(frame, way * FINE);
    }
    case 'Home':
      return () => moveTo(frame, 0);
    case 'End':
      return () => moveTo(frame, 1);
    case '+':
    case '=':
      return () => scaleBy(frame, 0.5, all);
    case '-':
      return () => scaleBy(frame, 2, all);
    case '0':
    case 'Escape':
      return () => zoom.set(null);
    case 'Enter':
      return go;
    default:
      return null;
  }
}
