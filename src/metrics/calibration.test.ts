import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { aurocOf } from './auroc';
import { brierOf } from './brier';
import { debiasedEceOf, debiasedSquaredOf, eceOf } from './ece';
import { nllOf } from './nll';
import { erf, meanMagnitude } from './normal';
import { BINS, type Prediction, reliabilityBins } from './reliability';
import { aurcOf, riskCoverage } from './risk-coverage';

const predictions = (...pairs: [confidence: number, correct: 0 | 1][]): Prediction[] =>
  pairs.map(([confidence, correct]) => ({ confidence, correct: correct === 1 }));

/** Predictions that are right as often as `rate` of their confidence says; confidences on a grid, so that there are ties. */
function drawn(seed: number, count: number, rate: (confidence: number) => number = (confidence) => confidence): Prediction[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => {
    const confidence = rng.below(21) / 20;
    return { confidence, correct: rng.uniform() < rate(confidence) };
  });
}

const METRICS = {
  ece: (some: readonly Prediction[]) => eceOf(reliabilityBins(some)),
  debiased: (some: readonly Prediction[]) => debiasedEceOf(reliabilityBins(some)),
  brier: brierOf,
  auroc: aurocOf,
  aurc: aurcOf,
};

describe('all of them', () => {
  it.each(Object.entries(METRICS))('%s does not depend on the order of the predictions, nor of ties', (_name, of) => {
    const rng = createRng(6);
    for (let seed = 0; seed < 20; seed++) {
      const some = drawn(seed, 40);
      expect(of(rng.shuffle(some))).toBeCloseTo(of(some), 12);
    }
  });

  it.each(Object.entries(METRICS))('%s stays at most 1, and has no value for nothing', (_name, of) => {
    for (let seed = 0; seed < 20; seed++) expect(of(drawn(seed, 40))).toBeLessThanOrEqual(1);
    expect(of([])).toBeNaN();
  });
});

describe('the reliability diagram', () => {
  it('has bins of equal mass', () => {
    const bins = reliabilityBins(drawn(1, 100));
    expect(bins).toHaveLength(BINS);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    for (const { count } of bins) expect([6, 7]).toContain(count);
    for (const [i, bin] of bins.entries()) {
      expect(bin.from).toBeLessThanOrEqual(bin.confidence);
      expect(bin.confidence).toBeLessThanOrEqual(bin.to);
      expect(bin.from).toBeGreaterThanOrEqual(bins[i - 1]?.to ?? 0);
    }
  });

  it('shares the accuracy of a tie out over the bins that it spans', () => {
    // Four predictions of one confidence, three right, in two bins: 3/4 in both.
    const bins = reliabilityBins(predictions([0.5, 1], [0.5, 1], [0.5, 1], [0.5, 0]), 2);
    expect(bins.map(({ count, accuracy }) => [count, accuracy])).toEqual([
      [2, 0.75],
      [2, 0.75],
    ]);
  });

  it('has no empty bins where there are fewer predictions than bins', () => {
    expect(reliabilityBins(predictions([0.2, 0], [0.9, 1])).map(({ count }) => count)).toEqual([1, 1]);
    expect(reliabilityBins([])).toEqual([]);
  });
});

describe('ECE', () => {
  it('has its hand-derived value', () => {
    // Two bins: (.15 against 1/2) and (.85 against 1), half of the mass each: (.35 + .15) / 2.
    const some = predictions([0.1, 0], [0.2, 1], [0.8, 1], [0.9, 1]);
    expect(eceOf(reliabilityBins(some, 2))).toBeCloseTo(0.25, 12);
    // One bin: mean confidence .5 against 3/4.
    expect(eceOf(reliabilityBins(some, 1))).toBeCloseTo(0.25, 12);
  });

  it('is 1 where all is certain and wrong, 0 where certain and right', () => {
    expect(eceOf(reliabilityBins(predictions([1, 0], [0, 1])))).toBe(1);
    expect(eceOf(reliabilityBins(predictions([1, 1], [0, 0])))).toBe(0);
  });

  it('loses what chance adds: debiased, a fair pair at 1/2 is as far below 0 as |z| would be above', () => {
    // No gap, accuracy 1/2 of two: deviation sqrt(1/8), and E|z| = sqrt(2 / pi) of it: sqrt(1 / (4 pi)).
    const bins = reliabilityBins(predictions([0.5, 1], [0.5, 0]), 1);
    expect(eceOf(bins)).toBe(0);
    expect(debiasedEceOf(bins)).toBeCloseTo(-Math.sqrt(1 / (4 * Math.PI)), 12);
    // Nothing to correct where a bin is all right.
    expect(debiasedEceOf(reliabilityBins(predictions([0.7, 1], [0.7, 1]), 1))).toBeCloseTo(0.3, 12);
  });

  it('debiased, is nearer the truth for calibrated and for biased predictions', () => {
    const over = (rate: (confidence: number) => number, of: (some: readonly Prediction[]) => number): number =>
      Array.from({ length: 200 }, (_, seed) => of(drawn(seed, 150, rate))).reduce((sum, value) => sum + value, 0) / 200;
    // Calibrated: the truth is 0. The gap g is normal around it with deviation s, so E|g| = .8 s and E|g + s z| = sqrt 2 * .8 s:
    // 2 - sqrt 2 of ECE is left, a little more because bins that are all right or all wrong are not corrected.
    const same = (confidence: number): number => confidence;
    expect(over(same, METRICS.ece)).toBeGreaterThan(0.06);
    expect(Math.abs(over(same, METRICS.debiased))).toBeLessThan(0.65 * over(same, METRICS.ece));
    // Right half as often as it says: the truth is half the mean confidence, 1/4.
    const half = (confidence: number): number => confidence / 2;
    expect(Math.abs(over(half, METRICS.debiased) - 0.25)).toBeLessThan(Math.abs(over(half, METRICS.ece) - 0.25));
  });
});

describe('the squared calibration error', () => {
  it('has its hand-derived value', () => {
    // Gap 1/4, accuracy 3/4 of four: 1/16 - (3/4 * 1/4) / 3 = 0.
    const bins = reliabilityBins(predictions([0.5, 1], [0.5, 1], [0.5, 1], [0.5, 0]), 1);
    expect(debiasedSquaredOf(bins)).toBeCloseTo(0, 12);
    expect(debiasedSquaredOf(reliabilityBins(predictions([0.7, 1]), 1))).toBeNaN();
  });

  it('has no bias: its mean over draws of one confidence is the squared gap', () => {
    // Held for .6, right with .3: .09.
    const rng = createRng(12);
    const values = Array.from({ length: 4000 }, () => {
      const some = Array.from({ length: 8 }, () => ({ confidence: 0.6, correct: rng.uniform() < 0.3 }));
      return debiasedSquaredOf(reliabilityBins(some, 1));
    });
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 4000 - 0.09)).toBeLessThan(0.008);
  });
});

describe('the normal distribution', () => {
  it('has its tabled values', () => {
    // Abramowitz and Stegun, table 7.1.
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(-1)).toBeCloseTo(-0.8427007929, 10);
    expect(erf(2)).toBeCloseTo(0.995322265, 9);
    expect(erf(0)).toBe(0);
    expect(erf(9)).toBe(1);
  });

  it('folds to the mean magnitude', () => {
    // E|z| = sqrt(2 / pi); far from 0 the sign never changes; no deviation, no chance.
    expect(meanMagnitude(0, 1)).toBeCloseTo(Math.sqrt(2 / Math.PI), 12);
    expect(meanMagnitude(-50, 1)).toBeCloseTo(50, 12);
    expect(meanMagnitude(-0.3, 0)).toBe(0.3);
    const rng = createRng(7);
    const draws = Array.from({ length: 40_000 }, () => Math.abs(0.4 + 0.8 * rng.normal()));
    expect(meanMagnitude(0.4, 0.8)).toBeCloseTo(draws.reduce((sum, value) => sum + value, 0) / draws.length, 1.5);
  });
});

describe('Brier and log score', () => {
  it('have their hand-derived values', () => {
    // (.2^2 + .3^2) / 2, and -(log .8 + log .7) / 2.
    const some = predictions([0.8, 1], [0.3, 0]);
    expect(brierOf(some)).toBeCloseTo(0.065, 12);
    expect(nllOf(some)).toBeCloseTo(-(Math.log(0.8) + Math.log(0.7)) / 2, 12);
    expect(brierOf(predictions([0.5, 1], [0.5, 0]))).toBe(0.25);
  });

  it('are 0 for certainty that is right, 1 and infinite for certainty that is wrong', () => {
    expect(brierOf(predictions([1, 1], [0, 0]))).toBe(0);
    expect(nllOf(predictions([1, 1], [0, 0]))).toBeCloseTo(0, 12);
    expect(brierOf(predictions([1, 0]))).toBe(1);
    expect(nllOf(predictions([1, 0]))).toBe(Number.POSITIVE_INFINITY);
    expect(nllOf(predictions([0, 1]))).toBe(Number.POSITIVE_INFINITY);
    expect(nllOf([])).toBeNaN();
  });

  it('are proper: the true rate scores best', () => {
    // 3 of 4 right: no constant confidence beats 3/4.
    const at = (confidence: number): Prediction[] => predictions([confidence, 1], [confidence, 1], [confidence, 1], [confidence, 0]);
    for (let i = 1; i < 20; i++) {
      if (i === 15) continue;
      expect(brierOf(at(i / 20))).toBeGreaterThan(brierOf(at(0.75)));
      expect(nllOf(at(i / 20))).toBeGreaterThan(nllOf(at(0.75)));
    }
  });
});

describe('AUROC', () => {
  it('counts pairs of right and wrong, ties half', () => {
    // Right: .8 .6. Wrong: .6 .2. Pairs: .8 > .6, .8 > .2, .6 = .6, .6 > .2: 3.5 of 4.
    expect(aurocOf(predictions([0.8, 1], [0.6, 1], [0.6, 0], [0.2, 0]))).toBe(0.875);
    expect(aurocOf(predictions([0.9, 1], [0.1, 0]))).toBe(1);
    expect(aurocOf(predictions([0.1, 1], [0.9, 0]))).toBe(0);
    expect(aurocOf(predictions([0.5, 1], [0.5, 0], [0.5, 0]))).toBe(0.5);
    expect(aurocOf(predictions([0.5, 1]))).toBeNaN();
  });

  it('agrees with counting every pair, hangs on the order alone, and turns over with the verdicts', () => {
    for (let seed = 0; seed < 20; seed++) {
      const some = drawn(seed, 30);
      const [right, wrong] = [some.filter(({ correct }) => correct), some.filter(({ correct }) => !correct)];
      const won = right.flatMap((a) => wrong.map((b) => (Math.sign(a.confidence - b.confidence) + 1) / 2));
      const value = aurocOf(some);
      expect(value).toBeCloseTo(won.reduce((sum, one) => sum + one, 0) / won.length, 12);
      expect(aurocOf(some.map((one) => ({ ...one, confidence: one.confidence ** 3 })))).toBe(value);
      expect(aurocOf(some.map((one) => ({ ...one, correct: !one.correct })))).toBeCloseTo(1 - value, 12);
    }
  });
});

describe('risk and coverage', () => {
  it('have their hand-derived curve and area', () => {
    // Surest first: right, wrong, right. Risks 0, 1/2, 1/3, mean 5/18.
    const some = predictions([0.9, 1], [0.7, 0], [0.4, 1]);
    expect(riskCoverage(some)).toEqual([
      { coverage: expect.closeTo(1 / 3, 12), risk: 0, confidence: 0.9 },
      { coverage: expect.closeTo(2 / 3, 12), risk: 0.5, confidence: 0.7 },
      { coverage: 1, risk: expect.closeTo(1 / 3, 12), confidence: 0.4 },
    ]);
    expect(aurcOf(some)).toBeCloseTo(5 / 18, 12);
  });

  it('take the mean over the orders of a tie', () => {
    // Right first: 0, 1/2. Wrong first: 1, 1/2. Mean of 1/4 and 3/4.
    expect(aurcOf(predictions([0.5, 1], [0.5, 0]))).toBe(0.5);
  });

  it('end at the error rate; the area is least for errors at the end, and the rate itself where confidence says nothing', () => {
    for (let seed = 0; seed < 20; seed++) {
      const some = drawn(seed, 30);
      const rate = some.filter(({ correct }) => !correct).length / 30;
      expect(riskCoverage(some).at(-1)).toMatchObject({ coverage: 1, risk: expect.closeTo(rate, 12) });
      expect(aurcOf(some.map((one) => ({ ...one, confidence: 0.5 })))).toBeCloseTo(rate, 12);
      const oracle = aurcOf(some.map((one) => ({ ...one, confidence: one.correct ? 1 : 0 })));
      expect(oracle).toBeLessThanOrEqual(aurcOf(some) + 1e-12);
    }
  });
});
