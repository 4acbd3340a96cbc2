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
