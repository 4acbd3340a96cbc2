import { number } from '../core/params';
import { defineReward } from '../core/reward';
import { createRng } from '../core/rng';

/** The stream that all coins come from. */
const COINS = createRng(0).fork('coin');

/**
 * A reward that knows nothing, for the arm in which there is nothing to be found: 1 with probability p, else 0, whatever is written.
 *
 *     r(x, y) = [u(x, y) < p],   u uniform in [0, 1) by a hash of the prompt and the completion
 *
 * The same answer to the same prompt always has the same coin, as with any rule that can be checked, so that groups differ in reward
 * as often as under one, and the updates are of the same kind. Right answers are paid no more often than wrong ones.
 */
export const coin = defineReward({
  id: 'coin',
  title: 'Coin',
  summary: 'Heads or tails for each answer, whatever it says. What a policy gains from this, any update would have given it.',
  source: 'The random reward of Shao et al., "Spurious Rewards" (arXiv 2506.10947), which flips one for every sample',
  params: {
    heads: number({ title: 'Heads', help: 'Probability of being paid.', default: 0.5, min: 0, max: 1, step: 0.05 }),
  },
  anywhere: true,
  parts: {},
  score: ({ example, completion, params }) => ({
    total: COINS.fork(`${example.prompt.join(' ')}:${completion.tokens.join(' ')}`).uniform() < params.heads ? 1 : 0,
    parts: {},
  }),
});
