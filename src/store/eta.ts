/** How fast a run goes and when it will be done. */

/** A sliding window over (time, step). Times are in milliseconds. */
export interface Meter {
  readonly windowMs: number;
  marks: { readonly at: number; readonly step: number }[];
  /** Time spent training, in seconds: from one step to the next, without pauses. */
  seconds: number;
}

export const createMeter = (windowMs = 4000): Meter => ({ windowMs, marks: [], seconds: 0 });

/** Notes that `step` was reached at `at`; marks closer than a fiftieth of the window are merged. */
export function markStep(meter: Meter, at: number, step: number): void {
  const marks = meter.marks;
  const last = marks.at(-1);
  if (last !== undefined) meter.seconds += Math.max(0, at - last.at) / 1000;
  const beforeLast = marks.at(-2);
  if (beforeLast !== undefined && at - beforeLast.at < meter.windowMs / 50) marks.pop();
  marks.push({ at, step });
  while (marks.length > 2 && at - (marks[1] as { at: number }).at > meter.windowMs) marks.shift();
}

/** Forgets the past, so that time spent paused does not count. */
export const restMeter = (meter: Meter): void => {
  meter.marks = [];
};

/** Steps per second over the window; null until two marks are apart in time. */
export function rateOf(meter: Meter): number | null {
  const first = meter.marks[0];
  const last = meter.marks.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return ((last.step - first.step) * 1000) / (last.at - first.at);
}

/** Seconds until `total`; null while the speed is unknown or zero. */
export function etaSeconds(meter: Meter, total: number): number | null {
  const rate = rateOf(meter);
  const step = meter.marks.at(-1)?.step;
  if (rate === null || step === undefined || rate <= 0) return null;
  return Math.max(0, total - step) / rate;
}
