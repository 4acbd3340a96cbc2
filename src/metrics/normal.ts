/** The normal distribution, as far as the metrics need it. */

/** Beyond this the error function is 1 in a double. */
const FLAT = 6;

/** The error function, to about 1e-15: e^{-x^2} times a series of terms of one sign, so nothing cancels. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > FLAT) return Math.sign(x);
  let term = size;
  let sum = size;
  for (let n = 1; term > sum * Number.EPSILON; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum;
}

/** E|X| of a normal X: the mean of the folded normal distribution (Leone, Nelson and Nottingham, 1961). */
export function meanMagnitude(mean: number, deviation: number): number {
  if (deviation === 0) return Math.abs(mean);
  const scaled = mean / (deviation * Math.SQRT2);
  return deviation * Math.sqrt(2 / Math.PI) * Math.exp(-scaled * scaled) + mean * erf(scaled);
}
