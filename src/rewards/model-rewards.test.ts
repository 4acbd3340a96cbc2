import { describe, expect, it } from 'vitest';
import { defaultsOf, SpecError } from '../core/params';
import type { Facts, Judged } from '../core/reward';
import { BOS, EOS } from '../core/world';
import { bins } from '../worlds/bins';
import { facts as elements } from '../worlds/facts';
import { sums } from '../worlds/sums';
import { completionOf, encode } from '../worlds/text';
import { answerConfidence } from './answer-confidence';
import { ensemble } from './ensemble';
import { logProbability } from './log-probability';
import { rewardModel } from './reward-model';
import { NO_FACTS } from './testing';

const context = { dataset: () => undefined };
const world = sums.create({ format: 'angle' }, context);

function judged<P>(text: string, facts: Partial<Facts>, params: P, given = world): Judged<P> {
  const completion = completionOf(given.vocab, [...encode(given.vocab, text), EOS], true);
  return { world: given, example: { prompt: [BOS] }, completion, facts: { ...NO_FACTS, ...facts }, params };
}

describe('the reward of a model', () => {
  it('is the last model there is', () => {
    expect(rewardModel.needs?.({})).toEqual({ models: 1 });
    expect(rewardModel.score(judged('', { models: [3, -1.5] }, {})).total).toBe(-1.5);
  });
});

describe('an ensemble', () => {
  const score = (models: number[], params: Partial<ReturnType<typeof defaultsOf<typeof ensemble.params>>>) =>
    ensemble.score(judged('', { models }, { ...defaultsOf(ensemble.params), ...params }));

  it('is their mean, their minimum, or the mean less k standard deviations', () => {
    // Of 1, 2, 6: mean 3, deviations -2, -1, 3, variance 14/3, standard deviation 2.160247.
    expect(score([1, 2, 6], { models: 3, combine: 'mean' }).total).toBe(3);
    expect(score([1, 2, 6], { models: 3, combine: 'minimum' }).total).toBe(1);
    expect(score([1, 2, 6], { models: 3, combine: 'cautious', k: 2 }).total).toBeCloseTo(3 - 2 * 2.160247, 5);
    expect(score([1, 2, 6], { models: 3 }).parts).toEqual({
      ensemble_mean: 3,
      ensemble_minimum: 1,
      ensemble_std: expect.closeTo(2.160247, 5),
    });
  });

  it('is of the last ones only', () => {
    expect(ensemble.needs?.({ ...defaultsOf(ensemble.params), models: 2 })).toEqual({ models: 2 });
    expect(score([100, 2, 6], { models: 2 }).total).toBe(4);
  });
});

describe('log-probability', () => {
  const heard = { logp: [-1, -2, -3], refLogp: [-0.5, -0.25, -0.25] };

  it('is summed over the tokens, of the reference or of the policy', () => {
    expect(logProbability.score(judged('', heard, { lambda: 0.5, under: 'reference' })).total).toBe(-0.5);
    expect(logProbability.score(judged('', heard, { lambda: 0.5, under: 'policy' })).total).toBe(-3);
  });

  it('asks for what it goes by', () => {
    expect(logProbability.needs?.({ lambda: 1, under: 'reference' })).toEqual({ reference: true });
    expect(logProbability.needs?.({ lambda: 1, under: 'policy' })).toEqual({ policy: true });
  });
});

describe('answer confidence', () => {
  const [half, quarter] = [Math.log(0.5), Math.log(0.25)];
  // <, 0, 1, 9, >, end: the answer is the third to fifth.
  const heard = { logp: [-9, half, quarter, 0, -9, -9], refLogp: [-9, quarter, quarter, quarter, -9, -9] };

  it("is the mean probability of the answer's tokens alone", () => {
    // (1/2 + 1/4 + 1) / 3
    const ours = answerConfidence.score(judged('<019>', heard, { under: 'policy' }));
    expect(ours.total).toBeCloseTo(1.75 / 3, 12);
    expect(ours.parts).toEqual({ answered: 1 });
    expect(answerConfidence.score(judged('<019>', heard, { under: 'reference' })).total).toBeCloseTo(0.25, 12);
  });

  it('is 0 where nothing is answered', () => {
    expect(answerConfidence.score(judged('<>', heard, { under: 'policy' }))).toEqual({ total: 0, parts: { answered: 0 } });
  });

  it('reads the last word of an explained answer', () => {
    const given = elements.create({}, context);
    const logp = [-1, -1, -1, -1, -1, half, -1];
    expect(answerConfidence.score(judged('because iron symbol Fe so Fe', { logp }, { under: 'policy' }, given)).total).toBeCloseTo(0.5, 12);
    expect(answerConfidence.score(judged('Fe', { logp: [quarter, -1] }, { under: 'policy' }, given)).total).toBeCloseTo(0.25, 12);
  });

  it('says so where a world has no answers', () => {
    expect(() => answerConfidence.score(judged('', heard, { under: 'policy' }, bins.create({}, context)))).toThrow(SpecError);
  });
});
