/**
 * Estimators of KL(policy || reference) from samples of the policy, after J. Schulman, "Approximating KL divergence" (2020). With
 * rho = log policy - log reference of a sample: k1 is unbiased and can be negative, k2 is biased and low in variance, k3 is unbiased
 * and never negative. Each takes two arrays of one length, in nats, and returns the mean; NaN for empty arrays.
 */

/** Mean of rho. */
export const k1 = (logp: ArrayLike<number>, refLogp: ArrayLike<number>): number => mean(logp, refLogp, (rho) => rho);

/** Mean of rho^2 / 2. */
export const k2 = (logp: ArrayLike<number>, refLogp: ArrayLike<number>): number => mean(logp, refLogp, (rho) => rho ** 2 / 2);

/** Mean of e^-rho - 1 + rho. */
export const k3 = (logp: ArrayLike<number>, refLogp: ArrayLike<number>): number => mean(logp, refLogp, (rho) => Math.expm1(-rho) + rho);

function mean(logp: ArrayLike<number>, refLogp: ArrayLike<number>, of: (rho: number) => number): number {
  let sum = 0;
  for (let i = 0; i < logp.length; i++) sum += of((logp[i] as number) - (refLogp[i] as number));
  return sum / logp.length;
}
