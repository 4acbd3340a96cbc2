import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { completionEntropy, completionEntropyOf } from './completion-entropy';
import { effectiveDiversity, effectiveDiversityOf, type Outcome } from './effective-diversity';
import { completion, randomSamples, setOf } from './sample-set.fixture';
import { uniqueFraction } from './unique-completions';

const good = (outcome: string): Outcome => ({ outcome, good: true });
const bad = (outcome: string): Outcome => ({ outcome, good: false });

describe('effective semantic diversity', () => {
  it('counts different outcomes of good samples over all samples', () => {
    // Good: 6 6 7. Two outcomes of four samples; of the six pairs, 6-7 twice are good and apart.
    const { distinct, pairs } = effectiveDiversityOf([good('6'), good('6'), good('7'), bad('8')]);
    expect(distinct).toBe(0.5);
    expect(pairs).toBeCloseTo(2 / 6, 12);
  });

  it('is 0 where nothing is good, and 1 where all is good and different', () => {
    expect(effectiveDiversityOf([bad('a'), bad('b')])).toEqual({ distinct: 0, pairs: 0 });
    expect(effectiveDiversityOf([good('a'), good('b'), good('c')])).toEqual({ distinct: 1, pairs: 1 });
    expect(effectiveDiversityOf([good('a')])).toEqual({ distinct: 1, pairs: Number.NaN });
    expect(effectiveDiversityOf([]).distinct).toBeNaN();
  });

  it('never falls when a sample becomes good, and never exceeds the share that is good', () => {
    const rng = createRng(5);
    for (let i = 0; i < 100; i++) {
      const samples = Array.from({ length: 6 }, () => ({ outcome: String(rng.below(4)), good: rng.below(2) === 0 }));
      const before = effectiveDiversityOf(samples);
      const which = rng.below(6);
      const after = effectiveDiversityOf(samples.map((sample, j) => (j === which ? { ...sample, good: true } : sample)));
      expect(after.distinct).toBeGreaterThanOrEqual(before.distinct);
      expect(after.pairs).toBeGreaterThanOrEqual(before.pairs);
      expect(before.distinct).toBeLessThanOrEqual(samples.filter((sample) => sample.good).length / 6);
      expect(effectiveDiversityOf(rng.shuffle(samples))).toEqual(before);
    }
  });

  it('is the share of unique completions where all are right', () => {
    for (let seed = 0; seed < 20; seed++) {
      const samples = randomSamples(seed, 5);
      const set = setOf([samples.map(({ tokens }) => tokens)]);
      expect(effectiveDiversity.compute(set)).toBeCloseTo(uniqueFraction(samples), 12);
      expect(effectiveDiversity.compute({ ...set, correct: [samples.map(() => false)] })).toBe(0);
    }
  });
});

describe('the entropy of completions', () => {
  it('is that of their frequencies', () => {
    // 1/2, 1/4, 1/4: 1.5 bits.
    expect(completionEntropyOf([[3], [3], [4], [5]].map(completion))).toBeCloseTo(1.5 * Math.log(2), 12);
    expect(completionEntropyOf([[3], [3]].map(completion))).toBe(0);
    expect(completionEntropyOf([])).toBeNaN();
  });

  it('lies between 0 and the logarithm of the number of samples', () => {
    for (let seed = 0; seed < 30; seed++) {
      const samples = randomSamples(seed, 1 + (seed % 9), 2);
      const value = completionEntropyOf(samples);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(Math.log(samples.length) + 1e-12);
    }
    expect(
      completionEntropy.compute(
        setOf([
          [[3], [4]],
          [[3], [3]],
        ]),
      ),
    ).toBeCloseTo(Math.log(2) / 2, 12);
  });
});
