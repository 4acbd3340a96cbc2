/** Closed forms of what policy-gradient objectives converge to, over the completions of one prompt. Plain numbers. */

/**
 * All mass on the best completions that the reference can reach, in proportion to the reference: the limit of
 * pi_ref e^{r / beta} as beta goes to 0.
 * @param reference Probabilities, [completions].
 * @param reward [completions]
 */
export function bestReachable(reference: readonly number[], reward: readonly number[]): number[] {
  const best = Math.max(...reward.filter((_, i) => at(reference, i) > 0));
  const kept = reference.map((p, i) => (at(reward, i) === best ? p : 0));
  const total = kept.reduce((sum, p) => sum + p, 0);
  return kept.map((p) => p / total);
}

/**
 * argmax over pi of E_pi[r] - beta KL(pi_ref || pi), which is beta pi_ref / (Lambda - r) with Lambda above every reward and
 * set so that it sums to 1 (arXiv 2510.20817).
 * @param beta Above 0.
 */
export function forwardTilted(reference: readonly number[], reward: readonly number[], beta: number): number[] {
  const given = (lambda: number): number[] => reference.map((p, i) => (p > 0 ? (beta * p) / (lambda - at(reward, i)) : 0));
  const reachable = reference.map((p, i) => (p > 0 ? at(reward, i) : Number.NEGATIVE_INFINITY));
  // The mass falls as lambda grows. At `low` one completion alone has mass 1; at `high` each has at most its reference.
  let low = Math.max(...reachable.map((r, i) => r + beta * at(reference, i)));
  let high = Math.max(...reachable) + beta;
  for (let halving = 0; halving < 100; halving++) {
    const middle = (low + high) / 2;
    if (given(middle).reduce((sum, p) => sum + p, 0) > 1) low = middle;
    else high = middle;
  }
  return given(high);
}

const at = (values: readonly number[], i: number): number => values[i] as number;
