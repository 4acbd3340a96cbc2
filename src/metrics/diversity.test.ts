import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import type { Completion } from '../core/world';
import { distinct1, distinct2, distinct3, distinct4, distinctN } from './distinct';
import { ead, eadOf, expectationAdjusted } from './ead';
import { modeCoverage } from './mode-coverage';
import { atMost, gated, rightOnly } from './pick';
import { randomSamples, setOf, world } from './sample-set.fixture';
import { uniqueCompletions, uniqueFraction } from './unique-completions';

describe('distinct-n', () => {
  it('counts unique n-grams within the samples of a prompt', () => {
    // Tokens 3 4 3 | 3 4: unigrams {3, 4} of 5, bigrams {34, 43} of 3, trigrams {343} of 1.
    const set = setOf([
      [
        [3, 4, 3],
        [3, 4],
      ],
    ]);
    expect(distinct1.compute(set)).toBeCloseTo(2 / 5, 12);
    expect(distinct2.compute(set)).toBeCloseTo(2 / 3, 12);
    expect(distinct3.compute(set)).toBe(1);
  });

  it('is the mean over prompts, not affected by what other prompts get', () => {
    // 1 for the first prompt, 1/2 for the second, although both use the same tokens.
    expect(
      distinct1.compute(
        setOf([
          [[3], [4]],
          [[3], [3]],
        ]),
      ),
    ).toBe(0.75);
  });

  it('has no meaning where no completion is long enough', () => {
    expect(distinct2.compute(setOf([[[3], [4]]]))).toBeNaN();
    expect(distinct1.compute(setOf([[[], []]]))).toBeNaN();
    expect(distinct1.compute(setOf([]))).toBeNaN();
    // A prompt without bigrams is left out of the mean.
    expect(distinct2.compute(setOf([[[3]], [[3, 4]]]))).toBe(1);
  });

  it('tells tokens apart that read alike when joined', () => {
    expect(
      distinct2.compute(
        setOf([
          [
            [1, 11],
            [11, 1],
          ],
        ]),
      ),
    ).toBe(1);
  });
});

describe('unique completions', () => {
  it('is the share of different completions', () => {
    expect(uniqueCompletions.compute(setOf([[[3], [3], [4], [3, 4]]]))).toBe(0.75);
    expect(
      uniqueCompletions.compute(
        setOf([
          [[3], [3]],
          [[3], [4]],
        ]),
      ),
    ).toBe(0.75);
    expect(uniqueCompletions.compute(setOf([[]]))).toBeNaN();
  });
});

describe('EAD', () => {
  it('has its hand-derived value', () => {
    // V = 2, C = 2: two draws of two tokens are expected to show 2 (1 - 1/4) = 1.5 of them.
    expect(expectationAdjusted(1, 2, 2)).toBeCloseTo(1 / 1.5, 12);
  });

  it('is about 1 for uniform draws of any length, where distinct-1 falls', () => {
    const rng = createRng(1);
    const draws = (length: number) => setOf(Array.from({ length: 200 }, () => [Array.from({ length }, () => 3 + rng.below(4))]));
    expect(ead.compute(draws(3))).toBeGreaterThan(0.95);
    expect(ead.compute(draws(3))).toBeLessThan(1.05);
    expect(ead.compute(draws(12))).toBeGreaterThan(0.95);
    expect(ead.compute(draws(12))).toBeLessThan(1.05);
    expect(distinct1.compute(draws(12))).toBeLessThan(0.5 * distinct1.compute(draws(3)));
  });

  it('takes the vocabulary from what may be sampled', () => {
    const set = setOf([[[3, 3]]], { world: { ...world, sampleable: [3, 4] } });
    expect(ead.compute(set)).toBeCloseTo(1 / 1.5, 12);
    expect(ead.compute(setOf([[[]]]))).toBeNaN();
  });
});

describe('mode coverage', () => {
  const modes = [3, 4, 5].map((token) => ({ name: String(token), contains: (c: Completion) => c.tokens[0] === token }));

  it('counts a mode once a correct completion uses it', () => {
    const set = setOf(
      [
        [[3], [4]],
        [[3], [3]],
      ],
      { world: { ...world, modes } },
    );
    expect(modeCoverage.compute(set)).toBeCloseTo(2 / 3, 12);
    expect(
      modeCoverage.compute({
        ...set,
        correct: [
          [true, false],
          [true, true],
        ],
      }),
    ).toBeCloseTo(1 / 3, 12);
  });

  it('has no meaning without modes', () => {
    expect(modeCoverage.compute(setOf([[[3]]]))).toBeNaN();
  });
});

describe('runs of four tokens', () => {
  it('are counted like shorter ones', () => {
    // 3 3 3 3 3 holds 3333 twice: one of two is unique.
    expect(distinct4.compute(setOf([[[3, 3, 3, 3, 3]]]))).toBe(0.5);
  });
});

describe('lexical diversity', () => {
  it('stays in its bounds, whatever the order of the samples', () => {
    const rng = createRng(1);
    for (let seed = 0; seed < 50; seed++) {
      const samples = randomSamples(seed, 1 + (seed % 8));
      const shuffled = rng.shuffle(samples);
      for (const of of [...[1, 2, 3, 4].map((n) => (some: typeof samples) => distinctN(some, n)), uniqueFraction]) {
        const value = of(samples);
        if (Number.isNaN(value)) continue;
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(of(shuffled)).toBe(value);
      }
      expect(eadOf(shuffled, 4)).toBe(eadOf(samples, 4));
    }
  });

  it('falls when every sample is written twice', () => {
    for (let seed = 0; seed < 20; seed++) {
      const samples = randomSamples(seed, 4);
      // As many unique n-grams among twice as many.
      expect(distinctN([...samples, ...samples], 1)).toBeCloseTo(distinctN(samples, 1) / 2, 12);
      expect(uniqueFraction([...samples, ...samples])).toBeCloseTo(uniqueFraction(samples) / 2, 12);
    }
  });
});

describe('looking at some of the samples', () => {
  const set = setOf([[[3], [3], [4]], [[5]]], {
    correct: [[true, false, true], [false]],
    likelihood: [
      [
        { policy: -1, reference: -1 },
        { policy: -2, reference: -2 },
        { policy: -3, reference: -3 },
      ],
      [{ policy: -4, reference: -4 }],
    ],
  });

  it('keeps what belongs to a sample with it', () => {
    const right = rightOnly(set);
    expect(right.completions.map((samples) => samples.map(({ tokens }) => tokens))).toEqual([[[3], [4]], []]);
    expect(right.correct).toEqual([[true, true], []]);
    expect(right.likelihood?.map((samples) => samples.map(({ policy }) => policy))).toEqual([[-1, -3], []]);
    expect(right.examples).toHaveLength(2);
  });

  it('gates a metric by quality: wrong samples add no variety, prompts without a right one no number', () => {
    // Right ones: 3 and 4 of the first prompt, both unique; all together 3 3 4 and 5: (2/3 + 1) / 2.
    expect(uniqueCompletions.compute(set)).toBeCloseTo(5 / 6, 12);
    expect(gated(uniqueCompletions).compute(set)).toBe(1);
    expect(gated(uniqueCompletions)).toMatchObject({ id: 'unique_completions/correct', unit: 'right samples' });
  });

  it('stops at a number of samples, prompt by prompt', () => {
    expect(atMost(set, 2).completions.map(({ length }) => length)).toEqual([2, 0]);
    expect(atMost(set, 4)).toEqual(set);
    expect(atMost(setOf([Array.from({ length: 100 }, () => [3])])).completions[0]).toHaveLength(64);
  });
});
