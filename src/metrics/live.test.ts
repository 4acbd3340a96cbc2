/** The metrics that a run charts besides diversity. */
import { describe, expect, it } from 'vitest';
import type { Likelihood, SampleSet } from '../core/metric';
import { createRng } from '../core/rng';
import type { Completion, Ranking } from '../core/world';
import { METRICS } from './index';
import { setOf, world } from './sample-set.fixture';

const scored = (policy: number, reference = policy): Likelihood => ({ policy, reference });

describe('pass@k of held-out samples', () => {
  const set = setOf([], {
    correct: [
      [true, false, false, false],
      [false, false, false, false],
    ],
  });

  it('is the mean over prompts of the unbiased estimate', () => {
    // One of four right: 1/4, 1 - C(3, 2) / C(4, 2) = 1/2, 1. None right: 0.
    expect(METRICS['pass@1'].compute(set)).toBeCloseTo(1 / 8, 12);
    expect(METRICS['pass@2'].compute(set)).toBeCloseTo(1 / 4, 12);
    expect(METRICS['pass@4'].compute(set)).toBeCloseTo(1 / 2, 12);
  });

  it('has no value for more than the samples of a prompt', () => {
    expect(METRICS['pass@8'].compute(set)).toBeNaN();
    expect(METRICS['pass@1'].compute(setOf([]))).toBeNaN();
  });

  it('is the share of all choices of k samples that hold a right one, and rises with k', () => {
    const rng = createRng(11);
    for (let i = 0; i < 20; i++) {
      const correct = [Array.from({ length: 8 }, () => rng.below(3) === 0)];
      const at = (k: 1 | 2 | 4 | 8) => METRICS[`pass@${k}`].compute(setOf([], { correct }));
      const pairs = (correct[0] ?? []).flatMap((a, j) => (correct[0] ?? []).slice(j + 1).map((b) => a || b));
      expect(at(1)).toBeCloseTo((correct[0] ?? []).filter(Boolean).length / 8, 12);
      expect(at(2)).toBeCloseTo(pairs.filter(Boolean).length / pairs.length, 12);
      expect([at(1), at(2), at(4), at(8)]).toEqual([at(1), at(2), at(4), at(8)].sort((a, b) => a - b));
    }
  });
});

describe('metrics of log-probabilities', () => {
  const set: SampleSet = setOf([], {
    correct: [[true], [false]],
    likelihood: [[scored(Math.log(0.8), Math.log(0.4))], [scored(Math.log(0.2), Math.log(0.4))]],
  });

  it('have their hand-derived values', () => {
    // rho = log 2 and -log 2: half the mean of the squares.
    expect(METRICS['eval/kl_k2'].compute(set)).toBeCloseTo(Math.log(2) ** 2 / 2, 12);
    expect(METRICS['eval/entropy'].compute(set)).toBeCloseTo(-(Math.log(0.8) + Math.log(0.2)) / 2, 12);
    // (.2^2 + .2^2) / 2; both off by .2, each in a bin of its own; the right one was the surer one.
    expect(METRICS['calibration/brier'].compute(set)).toBeCloseTo(0.04, 12);
    expect(METRICS['calibration/ece'].compute(set)).toBeCloseTo(0.2, 12);
    expect(METRICS['calibration/ece_debiased'].compute(set)).toBeCloseTo(0.2, 12);
    expect(METRICS['calibration/auroc'].compute(set)).toBe(1);
  });

  it('have no value where nothing was scored', () => {
    for (const id of ['eval/kl_k2', 'eval/entropy', 'calibration/brier', 'calibration/ece', 'calibration/auroc'] as const) {
      expect(METRICS[id].compute(setOf([[[3]]]))).toBeNaN();
    }
  });

  it('take a log-probability that rounding has left above 0 for certainty', () => {
    expect(METRICS['calibration/brier'].compute(setOf([], { correct: [[true]], likelihood: [[scored(1e-7)]] }))).toBe(0);
  });
});

describe('MRR of held-out queries', () => {
  it('is 0 for what is no query, and has no value where nothing is ranked', () => {
    // Ranks 1 and 2, nothing relevant, no query: (1 + 1/2 + 0 + 0) / 4.
    const results: Record<number, Ranking | null> = {
      3: { relevance: [1], relevant: [1] },
      4: { relevance: [0, 2], relevant: [2] },
      5: { relevance: [0], relevant: [1] },
      6: null,
    };
    const ranked = { ...world, rank: (_example: unknown, { tokens }: Completion) => results[tokens[0] as number] ?? null };
    expect(
      METRICS['eval/mrr'].compute(
        setOf(
          [
            [[3], [4]],
            [[5], [6]],
          ],
          { world: ranked },
        ),
      ),
    ).toBeCloseTo(3 / 8, 12);
    expect(METRICS['eval/mrr'].compute(setOf([[[3]]]))).toBeNaN();
  });
});

describe('total variation to the reference', () => {
  it('is the mass that has moved', () => {
    expect(METRICS['eval/total_variation'].compute({ policy: [0.5, 0.5], reference: [0.25, 0.75] })).toBe(0.25);
  });
});
