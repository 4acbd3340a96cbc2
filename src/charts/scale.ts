/** Axes: domains that include what they should, and ticks at round numbers. */

/** The step of 1, 2 or 5 times a power of ten that cuts a span into at most `count` parts. */
export function niceStep(span: number, count: number): number {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const part = raw / power;
  return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

/**
 * A domain with ticks for values from `low` to `high`: at least 0 where `zero` is set, and never empty. The ends stand
 * on ticks, so the axis does not jitter while a curve grows.
 */
export function niceAxis(
  low: number,
  high: number,
  zero: boolean,
  count = 4,
): { readonly domain: [number, number]; readonly ticks: number[] } {
  if (low > high) return niceAxis(0, 1, zero, count);
  let from = zero ? Math.min(0, low) : low;
  let to = zero ? Math.max(0, high) : high;
  if (from === to) {
    const around = Math.abs(from) * 0.5;
    if (from === 0) to = 1;
    else if (zero) [from, to] = from < 0 ? [from, 0] : [0, from];
    else [from, to] = [from - around, to + around];
  }
  const step = niceStep(to - from, count);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * step, step));
  return { domain: [ticks[0] as number, ticks.at(-1) as number], ticks };
}

/** Room around a plot of curves, in pixels. */
export const EDGES = { top: 18, bottom: 20, left: 52, right: 10 } as const;

/** An axis as a chart draws it. */
export interface Axis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly log: boolean;
}

export const sameAxis = (a: Axis, b: Axis): boolean =>
  a.log === b.log && a.domain[0] === b.domain[0] && a.domain[1] === b.domain[1] && a.ticks.length === b.ticks.length;

/** What lies further below the largest value than this is rounding as often as not. */
const MOST_DECADES = 8;

/** A logarithmic axis for values above 0 up to `high`, its ends on ticks; from 0.1 to 1 for none. */
export function logAxis(lowest: number, high: number, count = 4): Axis {
  if (!(lowest > 0) || lowest > high) return logAxis(0.1, 1, count);
  const low = Math.max(lowest, high / 10 ** MOST_DECADES);
  const decades = Math.log10(high / low);
  // Within one power of ten there are too few round numbers to choose from.
  const marks = decades > count ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const every = Math.max(1, Math.ceil(decades / (count + 1)));
  const candidates: number[] = [];
  for (let power = Math.floor(Math.log10(low) / every) * every; power <= Math.log10(high) + every; power += every) {
    for (const mark of marks) candidates.push(Number((mark * 10 ** power).toPrecision(6)));
  }
  const from = candidates.findLast((value) => value <= low * (1 + 1e-9)) ?? low;
  let to = candidates.find((value) => value >= high * (1 - 1e-9)) ?? high;
  if (from === to) to = candidates.find((value) => value > from) ?? from * 10;
  return { domain: [from, to], ticks: candidates.filter((value) => value >= from && value <= to), log: true };
}

/** An axis that ends where it is told to, with the round numbers between its ends. */
export function exactAxis(from: number, to: number, log: boolean, count: number): Axis {
  if (log && from > 0) {
    const { ticks } = logAxis(from, to, count);
    const inside = ticks.filter((tick) => tick >= from && tick <= to);
    return { domain: [from, to], ticks: inside.length > 1 ? inside : exactAxis(from, to, false, count).ticks, log };
  }
  const { ticks } = niceAxis(from, to, false, count);
  return { domain: [from, to], ticks: ticks.filter((tick) => tick >= from && tick <= to), log: false };
}

/** Where a value stands between the ends of an axis: 0 to 1, and not finite where it has no place on it. */
export function shareOn({ domain: [from, to], log }: Axis): (value: number) => number {
  if (!log) return (value) => (value - from) / (to - from);
  const [low, span] = [Math.log(from), Math.log(to / from)];
  return (value) => (value > 0 ? (Math.log(value) - low) / span : Number.NEGATIVE_INFINITY);
}

/** The value at a share of an axis. */
export const valueOn = ({ domain: [from, to], log }: Axis, share: number): number =>
  log ? from * (to / from) ** share : from + share * (to - from);

/** Takes off the digits that a product of a step brings in. */
const round = (value: number, step: number): number => {
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + 1);
  return Number(value.toFixed(Math.min(20, digits)));
};

/** A tick as short as its axis allows. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5))
    return value
      .toExponential(size < 1e-3 ? 0 : 1)
      .replace('e+', 'e')
      .replace('-', '−');
  return String(Number(value.toPrecision(4))).replace(/^-/, '−');
}

/**
 * Moves label centres apart so that none is closer to the next than `gap`, within [low, high], and changes their
 * order nowhere. Returns them in the order in which they came.
 */
export function spreadLabels(centres: readonly number[], gap: number, low: number, high: number): number[] {
  const order = centres.map((_, i) => i).sort((a, b) => (centres[a] as number) - (centres[b] as number));
  const placed = [...centres];
  let floor = low;
  for (const i of order) {
    placed[i] = Math.max(placed[i] as number, floor);
    floor = (placed[i] as number) + gap;
  }
  let ceiling = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i] as number, ceiling);
    ceiling = (placed[i] as number) - gap;
  }
  return placed;
}
