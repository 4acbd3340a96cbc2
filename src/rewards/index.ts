/** Every reward that samples can be scored by. */
import type { Reward } from '../core/reward';
import { exactMatch } from './exact-match';
import { worldReward } from './world-reward';

export const REWARDS = {
  'exact-match': exactMatch,
  world: worldReward,
} as const satisfies Record<string, Reward>;
