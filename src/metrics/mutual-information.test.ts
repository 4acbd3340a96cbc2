import { expect, it } from 'vitest';
import { mutualInformation } from './mutual-information';

it('is log n where every cause has an outcome of its own, and 0 where the cause makes no difference', () => {
  const own = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  expect(mutualInformation(own)).toBeCloseTo(Math.log(3), 12);
  expect(
    mutualInformation([
      [0.2, 0.8],
      [0.2, 0.8],
    ]),
  ).toBeCloseTo(0, 12);
});

it('is what the definition gives by hand', () => {
  // Causes a and b, even; p(y | a) = (3/4, 1/4), p(y | b) = (1/4, 3/4), so p(y) is even. Both divergences are
  // 3/4 log(3/2) + 1/4 log(1/2).
  const table = [
    [0.75, 0.25],
    [0.25, 0.75],
  ];
  expect(mutualInformation(table)).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 12);
});

it('leaves out what lies on outcomes that are not listed', () => {
  const table = [
    [0.75, 0.25],
    [0.25, 0.75],
  ];
  expect(mutualInformation(table.map((row) => row.map((p) => p / 10)))).toBeCloseTo(mutualInformation(table), 12);
});
