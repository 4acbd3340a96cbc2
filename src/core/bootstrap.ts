/** 95 % intervals of a mean by resampling: the percentile bootstrap (Efron 1979), seeded, so that equal values give equal intervals. */
import { createRng } from './rng';

const RESAMPLES = 2000;
/** Places of the two percentiles among the sorted means. */
const LOW = Math.floor(RESAMPLES * 0.025);
const HIGH = Math.ceil(RESAMPLES * 0.975) - 1;

/** Which values each resample draws, by how many there are: [RESAMPLES, n]. All sets of n values are resampled alike. */
const drawn = new Map<number, Uint16Array>();
/** Above this, nobody asks twice. */
const KEPT_UP_TO = 64;

const means = new Float64Array(RESAMPLES);

function draws(n: number): Uint16Array {
  const known = drawn.get(n);
  if (known !== undefined) return known;
  const rng = createRng(0).fork('bootstrap');
  const made = Uint16Array.from({ length: RESAMPLES * n }, () => rng.below(n));
  if (n <= KEPT_UP_TO) drawn.set(n, made);
  return made;
}

/**
 * Percentile interval of the mean over resampled values; the same for the same values in the same order.
 * @param values at most 65535; NaN twice for none
 */
export function bootstrap(values: ArrayLike<number>): [number, number] {
  const n = values.length;
  if (n === 0) return [Number.NaN, Number.NaN];
  const which = draws(n);
  for (let i = 0; i < RESAMPLES; i++) {
    let sum = 0;
    for (let k = i * n; k < (i + 1) * n; k++) sum += values[which[k] as number] as number;
    means[i] = sum / n;
  }
  const low = select(means, LOW);
  return [low, select(means, HIGH)];
}

/** The value that would stand at `place` if the values were sorted; moves them about (Hoare's selection). */
function select(values: Float64Array, place: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >>> 1] as number;
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i += 1;
      while ((values[j] as number) > pivot) j -= 1;
      if (i > j) break;
      const other = values[i] as number;
      values[i] = values[j] as number;
      values[j] = other;
      i += 1;
      j -= 1;
    }
    if (place <= j) right = j;
    else if (place >= i) left = i;
    else break;
  }
  return values[place] as number;
}
