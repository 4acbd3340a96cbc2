/** Every reward that samples can be scored by. */
import type { Reward } from '../core/reward';
import type { World } from '../core/world';
import { exactMatch } from './exact-match';
import { ndcg } from './ndcg';
import { recall } from './recall';
import { rlagStyle } from './rlag-style';
import { worldReward } from './world-reward';

/** Ids of the rewards that make sense in a world, the world's own choice first. */
export const rewardsIn = (world: World): readonly string[] => [
  ...new Set([...world.rewards, ...Object.values<Reward>(REWARDS).flatMap(({ id, anywhere }) => (anywhere ? [id] : []))]),
];

export const REWARDS = {
  'exact-match': exactMatch,
  world: worldReward,
  ndcg,
  recall,
  'rlag-style': rlagStyle,
} as const satisfies Record<string, Reward>;
