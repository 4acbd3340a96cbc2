import { describe, expect, it } from 'vitest';
import type { SampleSet } from '../core/metric';
import { createRng } from '../core/rng';
import type { Completion, WorldInstance } from '../core/world';
import { distinct1, distinct2, distinct3 } from './distinct';
import { ead, expectationAdjusted } from './ead';
import { modeCoverage } from './mode-coverage';
import { uniqueCompletions } from './unique-completions';

const completion = (tokens: readonly number[]): Completion => ({ tokens, text: tokens.join(''), ended: true });
const world: WorldInstance = {
  vocab: { tokens: ['<pad>', '<bos>', '<eos>', 'a', 'b', 'c', 'd'], joiner: '' },
  promptLength: 1,
  completionLength: 4,
  sample: () => ({ prompt: [1] }),
  verify: () => ({ correct: false, score: 0, parts: {} }),
};

/** A sample set from token lists by prompt. */
const setOf = (prompts: readonly (readonly (readonly number[])[])[], more: Partial<SampleSet> = {}): SampleSet => ({
  world,
  examples: prompts.map(() => ({ prompt: [1] })),
  completions: prompts.map((samples) => samples.map(completion)),
  correct: prompts.map((samples) => samples.map(() => true)),
  ...more,
});

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
