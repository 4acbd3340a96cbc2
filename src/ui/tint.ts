/** The background of a reward: pale amber that deepens with it, so that text on it stays readable in both themes. */

/** Share of the amber in the background, 0 to 1, for a reward within the range of those beside it. */
export function tintShare(reward: number, low: number, high: number): number {
  if (!Number.isFinite(reward)) return 0;
  if (high <= low) return high > 0 ? 1 : 0;
  return Math.min(1, Math.max(0, (reward - low) / (high - low)));
}

/** A CSS colour for a share. */
export const tint = (share: number): string => `color-mix(in srgb, var(--lab-reward) ${Math.round(100 * share)}%, transparent)`;

/** The range that tints are spread over: at least 0 to 1, as most rewards are. */
export function tintRange(rewards: readonly number[]): [low: number, high: number] {
  const finite = rewards.filter(Number.isFinite);
  return [Math.min(0, ...finite), Math.max(1, ...finite)];
}
