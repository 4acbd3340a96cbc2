/**
 * The probability that at least one of k samples is right, from n samples of which c were: 1 - C(n - c, k) / C(n, k) (Chen et al.,
 * arXiv 2107.03374), as a product so that no binomial overflows.
 * @returns NaN where k > n: it cannot be estimated from fewer samples.
 */
export function passAtK(n: number, c: number, k: number): number {
  if (k > n) return Number.NaN;
  if (n - c < k) return 1;
  let allWrong = 1;
  for (let i = n - c + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}
