import { describe, expect, it } from 'vitest';
import { createRng } from '../core/rng';
import { eigenvalues } from './eigenvalues';
import { pairwiseDistance, pairwiseDistanceOf } from './pairwise-distance';
import { completion, randomSamples, setOf } from './sample-set.fixture';
import { ngramKernel } from './similarity';
import { vendi, vendiOf, vendiScore } from './vendi';

const of = (...samples: number[][]) => samples.map(completion);

describe('the n-gram kernel', () => {
  it('is the mean cosine of the counts of tokens and of pairs', () => {
    // Tokens: (1, 1, 0) and (1, 0, 1), cosine 1/2. Pairs: 34 and 35, cosine 0. Mean 1/4.
    expect([...ngramKernel(of([3, 4], [3, 5]))]).toEqual([1, expect.closeTo(0.25, 12), expect.closeTo(0.25, 12), 1]);
    // Tokens 3 3 4 and 3: (2, 1) and (1, 0), cosine 2 / sqrt 5.
    expect(ngramKernel(of([3, 3, 4], [3]), 1)[1]).toBeCloseTo(2 / Math.sqrt(5), 12);
  });

  it('takes what is shorter than an order for one thing of its own', () => {
    // The same token, but 3 alone has no pair; and nothing is like nothing.
    expect(ngramKernel(of([3], [3, 3]))[1]).toBeCloseTo(0.5, 12);
    expect(ngramKernel(of([3], [3]))[1]).toBeCloseTo(1, 12);
    expect(ngramKernel(of([], []))[1]).toBe(1);
    expect(ngramKernel(of([], [3]))[1]).toBe(0);
  });

  it('has no negative eigenvalue', () => {
    for (let seed = 0; seed < 20; seed++) {
      const samples = randomSamples(seed, 8);
      expect(Math.min(...eigenvalues(ngramKernel(samples), 8))).toBeGreaterThan(-1e-12);
    }
  });
});

describe('the Vendi score', () => {
  it('counts kinds where samples are either the same or share nothing', () => {
    expect(vendiOf(of([3, 4], [3, 4], [3, 4]))).toBeCloseTo(1, 9);
    expect(vendiOf(of([3], [4], [5]))).toBeCloseTo(3, 9);
    expect(vendiOf(of([3], [4], [3], [4]))).toBeCloseTo(2, 9);
    // Three of a kind and one of another: eigenvalues 3/4 and 1/4 of K / 4.
    expect(vendiOf(of([3], [3], [3], [4]))).toBeCloseTo(Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), 9);
  });

  it('has its hand-derived value for two samples', () => {
    // Eigenvalues of [[1, c], [c, 1]] / 2 are (1 + c) / 2 and (1 - c) / 2; here c = 1/4.
    const expected = Math.exp(-0.625 * Math.log(0.625) - 0.375 * Math.log(0.375));
    expect(vendiOf(of([3, 4], [3, 5]))).toBeCloseTo(expected, 9);
    expect(vendiScore(Float64Array.of(1, 0.25, 0.25, 1), 2)).toBeCloseTo(expected, 9);
  });

  it('leaves the kernel as it was', () => {
    const kernel = Float64Array.of(1, 0.25, 0.25, 1);
    vendiScore(kernel, 2);
    expect([...kernel]).toEqual([1, 0.25, 0.25, 1]);
  });

  it('lies in [1, n], does not depend on the order, and does not change when every sample is doubled', () => {
    const rng = createRng(3);
    for (let seed = 0; seed < 30; seed++) {
      const samples = randomSamples(seed, 1 + (seed % 7));
      const value = vendiOf(samples);
      expect(value).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(value).toBeLessThanOrEqual(samples.length + 1e-9);
      expect(vendiOf(rng.shuffle(samples))).toBeCloseTo(value, 9);
      expect(vendiOf([...samples, ...samples])).toBeCloseTo(value, 9);
    }
  });

  it('is the mean over prompts, of 64 samples at most', () => {
    expect(
      vendi.compute(
        setOf([
          [[3], [4]],
          [[3], [3]],
        ]),
      ),
    ).toBeCloseTo(1.5, 9);
    const many = Array.from({ length: 65 }, (_, i) => (i < 64 ? [3] : [4]));
    expect(vendi.compute(setOf([many]))).toBeCloseTo(1, 9);
    expect(vendi.compute(setOf([]))).toBeNaN();
  });
});

describe('the pairwise distance', () => {
  it('is 0 for repeats, 1 for samples that share nothing, and 1 - cosine between', () => {
    expect(pairwiseDistanceOf(of([3, 4], [3, 4]))).toBeCloseTo(0, 12);
    expect(pairwiseDistanceOf(of([3], [4], [5]))).toBe(1);
    expect(pairwiseDistanceOf(of([3, 4], [3, 5]))).toBeCloseTo(0.75, 12);
    // Of the three pairs one is a repeat.
    expect(pairwiseDistanceOf(of([3], [3], [4]))).toBeCloseTo(2 / 3, 12);
  });

  it('lies in [0, 1], does not depend on the order, and has no meaning for one sample', () => {
    const rng = createRng(4);
    for (let seed = 0; seed < 30; seed++) {
      const samples = randomSamples(seed, 2 + (seed % 7));
      const value = pairwiseDistanceOf(samples);
      expect(value).toBeGreaterThanOrEqual(-1e-12);
      expect(value).toBeLessThanOrEqual(1);
      expect(pairwiseDistanceOf(rng.shuffle(samples))).toBeCloseTo(value, 12);
    }
    expect(pairwiseDistanceOf(of([3]))).toBeNaN();
    expect(pairwiseDistance.compute(setOf([[[3]], [[3], [4]]]))).toBe(1);
  });
});
