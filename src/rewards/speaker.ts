/** Whose probabilities a reward goes by. */
import { choice } from '../core/params';
import type { Facts } from '../core/reward';

export const SPEAKER = choice({
  title: 'Probabilities of',
  help: 'The reference says the same of a completion throughout; the policy says something else as it learns.',
  default: 'reference',
  options: [
    { value: 'reference', title: 'The reference' },
    { value: 'policy', title: 'The policy that wrote it' },
  ],
});

/** The log-probability of each token of a completion, its end token included. */
export const spoken = ({ logp, refLogp }: Facts, under: 'reference' | 'policy'): readonly number[] =>
  under === 'reference' ? refLogp : logp;
