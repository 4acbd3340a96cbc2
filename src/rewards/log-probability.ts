import { number } from '../core/params';
import { defineReward } from '../core/reward';
import { SPEAKER, spoken } from './speaker';

/**
 * A completion's own log-probability, for sharpening:
 *
 *     r = lambda sum_t log p(y_t | x, y_<t)
 *
 * the end token included. Under the reference and with a penalty of beta KL(pi || p), the best policy is the power distribution
 * pi*(y) ∝ p(y)^(1 + lambda/beta): what the reference does anyway, only more so. Beside a reward R, as a second reward of the stage, it is
 * pi* ∝ p^(1 + lambda/beta) e^(R/beta). Under the policy itself its expectation is -lambda times the policy's entropy.
 */
export const logProbability = defineReward({
  id: 'log-probability',
  title: 'Log-probability',
  summary: 'How probable the completion was to begin with. It teaches nothing new and sharpens what the reference does already.',
  source: 'Mittal, Gagnon and Lajoie, arXiv 2604.16259',
  params: {
    lambda: number({ title: 'lambda', help: 'Reward for each nat of log-probability.', default: 0.1, min: -10, max: 10, step: 0.01 }),
    under: SPEAKER,
  },
  anywhere: true,
  needs: ({ under }) => (under === 'reference' ? { reference: true } : { policy: true }),
  parts: {},
  score: ({ facts, params }) => ({ total: params.lambda * spoken(facts, params.under).reduce((sum, logp) => sum + logp, 0), parts: {} }),
});
