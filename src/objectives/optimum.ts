/** Closed forms of what policy-gradient objectives converge to, over the completions of one prompt. Plain numbers. */
import { tilted } from '../metrics/exact';

/**
 * All mass on the best completions that the reference can reach, in proportion to the reference: the limit of
 * pi_ref e^{r / beta} as beta goes to 0.
 * @param reference Probabilities, [completions].
 * @param reward [completions]
 */
export function bestReachable(reference: readonly number[], reward: readonly number[]): number[] {
  const best = Math.max(...reward.filter((_, i) => at(reference, i) > 0));
  const kept = reference.map((p, i) => (at(reward, i) === best ? p : 0));
  return normalised(kept);
}

/**
 * argmax over pi of E_pi[r] - beta KL(pi || pi_ref) + c H(pi), which is (pi_ref^beta e^r)^{1 / (beta + c)}: pi_ref e^{r / beta}
 * without the entropy, e^{r / c} without the KL, and the best that the reference can reach without both.
 * @param beta at least 0
 * @param c at least 0
 */
export function regularised(reference: readonly number[], reward: readonly number[], beta: number, c: number): number[] {
  const held = beta + c;
  if (held === 0) return bestReachable(reference, reward);
  const flattened = reference.map((p) => (beta === 0 ? 1 : p ** (beta / held)));
  return tilted(flattened, reward, held);
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

/**
 * MARA's target (arXiv 2510.20817): pi_ref e^{R' / beta}, R' = r below tau, and from tau on
 * R' = r(anchor) + beta log(pi_ref(anchor) / pi_ref), which makes all of these equally likely. The anchor is the likeliest of them.
 * @param beta Above 0.
 */
export function anchored(reference: readonly number[], reward: readonly number[], beta: number, tau: number): number[] {
  const good = reference.flatMap((p, i) => (p > 0 && at(reward, i) >= tau ? [i] : []));
  const anchor = good.reduce<number | null>((best, i) => (best === null || at(reference, i) > at(reference, best) ? i : best), null);
  if (anchor === null) return tilted(reference, reward, beta);
  const raised = reward.map((r, i) =>
    good.includes(i) ? at(reward, anchor) + beta * Math.log(at(reference, anchor) / at(reference, i)) : r,
  );
  return tilted(reference, raised, beta);
}

/**
 * prod_k q_k^{w_k}, normalised: the closest to the distributions q_k in the weighted mean of KL(pi || q_k).
 * @param weights one for each distribution; they sum to 1
 */
export function geometricMixture(distributions: readonly (readonly number[])[], weights: readonly number[]): number[] {
  const [first = []] = distributions;
  return normalised(first.map((_, i) => distributions.reduce((product, q, k) => product * at(q, i) ** at(weights, k), 1)));
}

/**
 * The policy that is its own best answer when completions are compared by their reward:
 * pi ∝ pi_ref e^{P(y beats y') / beta}, y' drawn from pi^{1 - w} pi_ref^w, a tie counting half. With w = 0 that is the Nash
 * equilibrium of the game regularised by beta (arXiv 2312.00886).
 * @param beta Above 0.
 * @param w 0 plays against itself, 1 against the reference.
 */
export function equilibrium(reference: readonly number[], reward: readonly number[], beta: number, w: number): number[] {
  let policy: number[] = [...reference];
  // Each step goes a part of the way to the best answer: mirror descent, which contracts where the answer itself would circle.
  const part = Math.min(0.2, beta / 4);
  for (let step = 0; step < 4000; step++) {
    const opponent = geometricMixture([policy, reference], [1 - w, w]);
    const answer = tilted(reference, winRates(opponent, reward), beta);
    const next = geometricMixture([policy, answer], [1 - part, part]);
    const moved = Math.max(...next.map((p, i) => Math.abs(p - at(policy, i))));
    policy = next;
    if (moved < 1e-10) break;
  }
  return policy;
}

/** How often each completion beats one of the opponent's, a tie counting half. */
function winRates(opponent: readonly number[], reward: readonly number[]): number[] {
  return reward.map((own) => opponent.reduce((sum, q, i) => sum + (q * (1 + Math.sign(own - at(reward, i)))) / 2, 0));
}

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const at = (values: readonly number[], i: number): number => values[i] as number;
