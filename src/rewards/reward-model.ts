import { defineReward } from '../core/reward';

/**
 * The score that a learned reward model gives a completion: the head of the policy that an earlier stage of the run trained with the
 * objective `reward-model`, read at the last token. Bradley-Terry scores have no zero: only their differences mean anything.
 *
 * The model has learned from what the policy wrote then. The further the policy moves, the less the score has to do with the true
 * reward (Gao, Schulman and Hilton, arXiv 2210.10760): watch the two together.
 */
export const rewardModel = defineReward({
  id: 'reward-model',
  title: 'Reward model',
  summary: 'The score of the reward model that an earlier stage has trained. It can be fooled: watch the true reward beside it.',
  source: 'InstructGPT, arXiv 2203.02155; the reward model of TRL, OpenRLHF and verl',
  params: {},
  anywhere: true,
  needs: () => ({ models: 1 }),
  parts: {},
  score: ({ facts }) => ({ total: facts.models.at(-1) as number, parts: {} }),
});
