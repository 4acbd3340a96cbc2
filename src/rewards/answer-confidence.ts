import { SpecError } from '../core/params';
import { defineReward } from '../core/reward';
import { SPEAKER, spoken } from './speaker';

/**
 * How sure a model is of the answer that was given: the mean probability of the answer's tokens,
 *
 *     r = 1/|a| sum over t in a of p(y_t | x, y_<t)
 *
 * and 0 where no answer is given. RLSF ranks completions by it, pairs the best with the worst and trains DPO or PPO; its confidence is
 * the mean margin p(1st) - p(2nd) between the two most probable tokens at each place, under the frozen model. Ours is the probability of
 * the token that was sampled, because that is what a policy's `score` says of a row, without the whole distribution at every place.
 * Where the sampled token is the most probable one, the margin lies between max(0, 2p - 1) and p, so the two agree as p nears 1. Where
 * it is not, ours is small while the margin praises a token that was not written.
 *
 * Nothing in it knows what is right: of a badly calibrated model it rewards errors that are made with confidence.
 */
export const answerConfidence = defineReward({
  id: 'answer-confidence',
  title: 'Answer confidence',
  summary: 'How probable the model itself finds the answer that was written. It needs no right answer, and learns to be sure.',
  source: "RLSF, arXiv 2507.21931, with the sampled tokens' probability in place of the margin between the two most probable ones",
  params: { under: SPEAKER },
  needs: ({ under }) => (under === 'reference' ? { reference: true } : { policy: true }),
  parts: { answered: 'Whether an answer is given at all' },
  score({ world, completion, facts, params }) {
    if (world.answerSpan === undefined)
      throw new SpecError('rewards', "this reward reads the answer's tokens, and the world does not say which they are");
    const span = world.answerSpan(completion);
    if (span === null) return { total: 0, parts: { answered: 0 } };
    const answer = spoken(facts, params.under).slice(span.start, span.end);
    return { total: answer.reduce((sum, logp) => sum + Math.exp(logp), 0) / answer.length, parts: { answered: 1 } };
  },
});
