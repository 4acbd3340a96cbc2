/** What a run showed at some of its steps. Bounded: older frames are thinned out, so the recent past stays dense. */

export interface Frame<T> {
  readonly step: number;
  readonly value: T;
}

export interface Frames<T> {
  readonly limit: number;
  items: Frame<T>[];
}

export const createFrames = <T>(limit: number): Frames<T> => ({ limit, items: [] });

/**
 * Adds a frame after all others; one of the same step replaces it. Past the limit every second frame of the older half
 * goes; the first stays.
 */
export function addFrame<T>(frames: Frames<T>, step: number, value: T): void {
  const last = frames.items.at(-1);
  if (last !== undefined && last.step >= step) frames.items = frames.items.filter((frame) => frame.step < step);
  frames.items.push({ step, value });
  if (frames.items.length <= frames.limit) return;
  const half = frames.items.length / 2;
  frames.items = frames.items.filter((_, i) => i >= half || i % 2 === 0);
}

/** Drops frames after a step, for a run that goes on from an earlier checkpoint. */
export function dropAfter<T>(frames: Frames<T>, step: number): void {
  frames.items = frames.items.filter((frame) => frame.step <= step);
}
