/** Every reward that samples can be scored by. */
import type { Reward } from '../core/reward';
import { exactMatch } from './exact-match';
import { ndcg } from './ndcg';
import { recall } from './recall';
import { rlagStyle } from './rlag-style';
import { worldReward } from './world-reward';

export const REWARDS = {
  'exact-match': exactMatch,
  world: worldReward,
  ndcg,
  recall,
  'rlag-style': rlagStyle,
} as const satisfies Record<string, Reward>;
