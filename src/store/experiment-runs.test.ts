import { describe, expect, it } from 'vitest';
import type { Claim } from '../core/experiment';
import type { RunCurves } from '../core/lesson';
import type { RunSpec } from '../core/spec';
import { byArm, curvesOf, finishedRuns, judged } from './experiment-runs';
import { createRecording } from './recording';
import type { Run } from './run';
import { appendRows } from './series';

const run = (id: string, arm: string, seed: number, more: Partial<Run> = {}): Run => ({
  id,
  name: id,
  accent: 0,
  spec: { seed } as RunSpec,
  origin: { experiment: 'x', arm, edited: false },
  state: 'finished',
  failure: null,
  totalSteps: 1,
  parameters: null,
  device: '',
  createdAt: 1,
  visible: true,
  checkpointStep: null,
  ...more,
});

const ended = (seed: number, first: number, last: number): RunCurves => ({
  seed,
  first: { m: first },
  last: { m: last },
  series: { steps: [0, 1], columns: { m: [first, last] } },
});

const claim: Claim = { text: 'a beats b', metric: 'm', arm: 'a', against: { arm: 'b' }, threshold: 0.5 };

describe('the reader’s own runs', () => {
  it('are those that finished unchanged, the newest for each arm and seed', () => {
    const runs = [
      run('old', 'a', 0),
      run('new', 'a', 0, { createdAt: 2 }),
      run('edited', 'a', 1, { origin: { experiment: 'x', arm: 'a', edited: true } }),
      run('running', 'a', 2, { state: 'running' }),
      run('other', 'a', 3, { origin: { experiment: 'y', arm: 'a', edited: false } }),
      run('free', 'a', 4, { origin: null }),
      run('b', 'b', 0),
    ];
    expect(finishedRuns('x', runs).map(({ id }) => id)).toEqual(['new', 'b']);
  });

  it('keep the metrics that are asked for, with their first and last values', () => {
    const recording = createRecording();
    appendRows(recording.series, [0, 1, 2], { m: [1, Number.NaN, 3], other: [0, 0, 0] });
    const curves = curvesOf(run('r', 'a', 7), recording, ['m', 'never']);
    expect(curves).toEqual({ seed: 7, first: { m: 1 }, last: { m: 3 }, series: { steps: [0, 1, 2], columns: { m: [1, null, 3] } } });
    expect(Object.keys(byArm([{ run: run('r', 'a', 7), curves }]))).toEqual(['a']);
  });
});

describe('a claim over runs', () => {
  it('is judged over the seeds that both of its arms have', () => {
    const outcome = judged(claim, { a: [ended(0, 0, 1), ended(1, 0, 2), ended(2, 0, 9)], b: [ended(1, 0, 1), ended(0, 0, 0.25)] });
    // Seed 0: 1 - .25; seed 1: 2 - 1; seed 2 has no partner yet.
    expect(outcome?.effects).toEqual([0.75, 1]);
    expect(outcome?.verdict).toBe('reached');
  });

  it('is not judged before there is a pair', () => {
    expect(judged(claim, { a: [ended(0, 0, 1)], b: [ended(1, 0, 1)] })).toBeNull();
    expect(judged(claim, {})).toBeNull();
  });
});
