/** Every reward that samples can be scored by. */
import type { Reward } from '../core/reward';
import type { World } from '../core/world';
import { answerConfidence } from './answer-confidence';
import { checklist } from './checklist';
import { coin } from './coin';
import { ensemble } from './ensemble';
import { exactMatch } from './exact-match';
import { format } from './format';
import { length } from './length';
import { logProbability } from './log-probability';
import { mrr } from './mrr';
import { ndcg } from './ndcg';
import { recall } from './recall';
import { rewardModel } from './reward-model';
import { rlagStyle } from './rlag-style';
import { worldReward } from './world-reward';

export const REWARDS = {
  'exact-match': exactMatch,
  world: worldReward,
  ndcg,
  recall,
  mrr,
  'rlag-style': rlagStyle,
  checklist,
  'answer-confidence': answerConfidence,
  'log-probability': logProbability,
  'reward-model': rewardModel,
  ensemble,
  length,
  format,
  coin,
} as const satisfies Record<string, Reward>;

/** Ids of the rewards that make sense in a world, the world's own choice first. */
export const rewardsIn = (world: World): readonly string[] => [
  ...new Set([...world.rewards, ...Object.values<Reward>(REWARDS).flatMap(({ id, anywhere }) => (anywhere ? [id] : []))]),
];
