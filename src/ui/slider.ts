/** How a slider's place becomes a number: evenly, by powers, or densely near the small end where a range is wide. */
import type { NumberParam } from '../core/params';

/** Places of a slider. */
export const PLACES = 1000;

/** A range this many times wider than its default is easier to set near its small end. */
const WIDE = 20;

type Curve = 'linear' | 'log' | 'cubic';

function curveOf({ scale, min, max, default: usual }: NumberParam): Curve {
  if (scale === 'log' && min > 0) return 'log';
  return scale === 'log' || max - min > WIDE * Math.max(Math.abs(usual - min), (max - min) / 1000) ? 'cubic' : 'linear';
}

/** The place of a value, 0 to `PLACES`. */
export function placeOf(spec: NumberParam, value: number): number {
  const { min, max } = spec;
  const inside = Math.min(max, Math.max(min, value));
  const curve = curveOf(spec);
  const share =
    curve === 'log'
      ? Math.log(inside / min) / Math.log(max / min)
      : curve === 'cubic'
        ? Math.cbrt((inside - min) / (max - min))
        : (inside - min) / (max - min);
  return Math.round(PLACES * share);
}

/** The value at a place: whole where it must be, on its step where it has one, else of two significant digits. */
export function valueAt(spec: NumberParam, place: number): number {
  const { min, max } = spec;
  const share = place / PLACES;
  if (share <= 0) return min;
  if (share >= 1) return max;
  const curve = curveOf(spec);
  const raw = curve === 'log' ? min * (max / min) ** share : min + (max - min) * (curve === 'cubic' ? share ** 3 : share);
  return Math.min(max, Math.max(min, settle(spec, raw)));
}

function settle(spec: NumberParam, raw: number): number {
  const { min, max, step, integer } = spec;
  if (step !== undefined) return Number((min + Math.round((raw - min) / step) * step).toPrecision(10));
  if (integer === true) return raw < 100 ? Math.round(raw) : Number(raw.toPrecision(2));
  if (curveOf(spec) !== 'linear') return Number(raw.toPrecision(2));
  const unit = 10 ** (Math.floor(Math.log10(max - min)) - 2);
  return Number((Math.round(raw / unit) * unit).toPrecision(10));
}
