import type { Score } from '../core/reward';

/** What one of several rewards says of a completion. */
export interface Summand {
  readonly id: string;
  readonly weight: number;
  readonly score: Score;
}

/**
 * Several rewards as one, as TRL adds its `reward_funcs` by `reward_weights`:
 *
 *     total = sum of weight x total
 *
 * A single reward keeps its parts as they are. Of several, every reward's own total, before its weight, is a part called by the reward's
 * id; their parts stand beside these under their own names, or as `<id>/<part>` where another reward claims the name too.
 */
export function weightedSum(summands: readonly Summand[]): Score {
  const total = summands.reduce((sum, { weight, score }) => sum + weight * score.total, 0);
  const [only] = summands;
  if (summands.length === 1 && only !== undefined) return { total, parts: only.score.parts };
  const claims = new Map(summands.map(({ id }) => [id, 1]));
  for (const { score } of summands) for (const part of Object.keys(score.parts)) claims.set(part, (claims.get(part) ?? 0) + 1);
  const parts: Record<string, number> = {};
  for (const { id, score } of summands) {
    parts[id] = score.total;
    for (const [part, value] of Object.entries(score.parts)) parts[claims.get(part) === 1 ? part : `${id}/${part}`] = value;
  }
  return { total, parts };
}
