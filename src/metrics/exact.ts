/**
 * Exact quantities of distributions over enumerated completions: arrays of probabilities of one length [K], in nats.
 */

/** E_p[value]. */
export function expectedValue(p: readonly number[], values: readonly number[]): number {
  return p.reduce((sum, probability, k) => sum + (probability === 0 ? 0 : probability * (values[k] as number)), 0);
}

/** H(p) = -sum p log p, with 0 log 0 = 0. */
export function entropy(p: readonly number[]): number {
  return p.reduce((sum, probability) => (probability === 0 ? sum : sum - probability * Math.log(probability)), 0);
}

/** KL(p || q) = sum p log(p / q). Infinite where p has mass and q has none. */
export function kl(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, probability, k) => (probability === 0 ? sum : sum + probability * Math.log(probability / (q[k] as number))), 0);
}

/** Total variation, half of sum |p - q|: 0 for equal distributions, 1 for disjoint ones. */
export function totalVariation(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, probability, k) => sum + Math.abs(probability - (q[k] as number)), 0) / 2;
}

/**
 * The maximiser of E[reward] - beta KL(p || reference): p ∝ reference e^(reward / beta). The largest exponent is subtracted, so that
 * small beta does not overflow.
 * @param beta above 0.
 */
export function tilted(reference: readonly number[], reward: readonly number[], beta: number): number[] {
  const top = reference.reduce((max, p, k) => (p > 0 ? Math.max(max, (reward[k] as number) / beta) : max), Number.NEGATIVE_INFINITY);
  const weights = reference.map((p, k) => (p === 0 ? 0 : p * Math.exp((reward[k] as number) / beta - top)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * The distribution of the best of n independent draws from the reference. With F the probability of a reward of at most r, all
 * completions of reward r together get F(r)^n - F(r-)^n, shared out in proportion to the reference: draws that tie are exchangeable.
 */
export function bestOfN(reference: readonly number[], reward: readonly number[], n: number): number[] {
  const order = reference.map((_, k) => k).sort((i, j) => (reward[i] as number) - (reward[j] as number));
  const best = reference.map(() => 0);
  let below = 0;
  for (let start = 0; start < order.length; ) {
    const level = reward[order[start] as number];
    let end = start;
    let mass = 0;
    while (end < order.length && reward[order[end] as number] === level) mass += reference[order[end++] as number] as number;
    // The last level ends at exactly 1, so that the result sums to 1 whatever was lost to rounding.
    const upTo = end === order.length ? 1 : below + mass;
    const won = upTo ** n - below ** n;
    for (const k of order.slice(start, end)) best[k] = mass === 0 ? 0 : (won * (reference[k] as number)) / mass;
    below = upTo;
    start = end;
  }
  return best;
}
