import { describe, expect, it } from 'vitest';
import type { Distribution } from '../store/recording';
import { ceilingOf, placeLabels } from './distribution';

const picture = (policy: number[], reference: number[], optimum: number[] | null): Distribution => ({
  labels: policy.map(String),
  policy: Float32Array.from(policy),
  reference: Float32Array.from(reference),
  reward: Float32Array.from(policy.map(() => 1)),
  optimum: optimum === null ? null : Float32Array.from(optimum),
});

describe('the picture of a distribution', () => {
  it('has an axis that holds every frame, and cuts off a closed form that towers over them', () => {
    const frames = [{ value: picture([0.2, 0.8], [0.5, 0.5], null) }, { value: picture([0.1, 0.9], [0.5, 0.5], [0, 1]) }];
    expect(ceilingOf(frames)).toBeCloseTo(1, 6);
    expect(ceilingOf([{ value: picture([0.1, 0.1], [0.1, 0.1], [0, 1]) }])).toBeCloseTo(0.3, 6);
    expect(ceilingOf([])).toBeGreaterThan(0);
  });

  it('keeps labels of peaks at one place apart', () => {
    const same = [0, 1, 0];
    const labels = placeLabels(picture(same, same, same), 1, [0, 1], { left: 0, top: 20, width: 300, height: 200 });
    expect(labels.map((label) => label.part)).toEqual(['policy', 'optimum', 'reward', 'reference']);
    const ys = labels.filter((label) => label.part !== 'reward').map((label) => label.y);
    expect(new Set(ys).size).toBe(3);
    for (const a of ys) for (const b of ys) if (a !== b) expect(Math.abs(a - b)).toBeGreaterThanOrEqual(16);
  });
});
