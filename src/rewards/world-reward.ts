/** The world's own score: the true reward, unchanged. */
import { defineReward } from '../core/reward';

export const worldReward = defineReward({
  id: 'world',
  title: "The world's own score",
  summary: 'What the world itself says a completion is worth, such as the reward of a bin; 1 or 0 where there is only right and wrong.',
  source: 'The verifier of the world.',
  anywhere: true,
  params: {},
  parts: {},
  score: ({ world, example, completion }) => ({ total: world.verify(example, completion).score, parts: {} }),
});
