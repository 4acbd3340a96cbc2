import { choice, number } from '../core/params';
import { defineReward } from '../core/reward';

/**
 * A reward for length alone, its end token not counted:
 *
 *     longer   r = c |y|
 *     target   r = -c | |y| - target |
 *
 * Beside another reward it stands for what labellers and reward models give away for length unawares (Singhal et al., arXiv 2310.03716).
 * It says nothing about what is written, and is meant to be hacked.
 */
export const length = defineReward({
  id: 'length',
  title: 'Length',
  summary: 'Pays for the number of tokens and looks at nothing else, so that a policy can be watched gaming it.',
  source: 'Length as a confounder of reward: Singhal et al., arXiv 2310.03716',
  params: {
    towards: choice({
      title: 'Wanted',
      help: 'Every token more, or as many as the target says.',
      default: 'longer',
      options: [
        { value: 'longer', title: 'As long as possible' },
        { value: 'target', title: 'As long as the target' },
      ],
    }),
    perToken: number({
      title: 'Per token',
      help: 'Paid for each token, or lost for each token away from the target.',
      default: 0.1,
      min: 0,
      max: 10,
      step: 0.01,
    }),
    target: number({
      title: 'Target',
      help: 'Length that is wanted, where there is one.',
      default: 4,
      min: 0,
      max: 512,
      integer: true,
      unit: 'tokens',
    }),
  },
  anywhere: true,
  parts: {},
  score({ completion: { tokens }, params }) {
    const counted = params.towards === 'longer' ? tokens.length : -Math.abs(tokens.length - params.target);
    return { total: params.perToken * counted, parts: {} };
  },
});
