import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../core/diagnosis';
import type { RunEvent } from '../core/events';
import { restMeter } from './eta';
import { createRecording, record, rewind, type Slices } from './recording';

const EVENT: RunEvent = {
  type: 'slices',
  step: 4,
  names: ['w'],
  f32: [1],
  bf16: [0.5],
  l2: [0.1],
  max: [0.01],
  curve: { tolerances: [0, 1e-5], f32: [1, 0.5], bf16: [0.5, 0.5] },
};

describe('the slices of a recording', () => {
  it('are all that the newest event said', () => {
    const recording = createRecording();
    record(recording, EVENT, 0);
    const { type, ...said } = EVENT;
    expect(type).toBe('slices');
    expect(recording.slices).toEqual(said);
  });

  it('may lack what older versions did not measure, and go with the steps that they were seen at', () => {
    const stored: Slices = { step: 3, names: ['w'], f32: [1], bf16: [0.5] };
    const recording = { ...createRecording(), slices: stored };
    rewind(recording, 3);
    expect(recording.slices).toBe(stored);
    rewind(recording, 2);
    expect(recording.slices).toBeNull();
  });
});

describe('slices and time at earlier steps', () => {
  it('keep the slices by step, thinned out where there are many', () => {
    const recording = createRecording();
    for (let step = 10; step <= 4000; step += 10) record(recording, { ...EVENT, step, names: ['w'], f32: [step] }, 0);
    const { items, limit } = recording.sliceFrames;
    expect(items.length).toBeLessThanOrEqual(limit);
    expect([items[0]?.step, items.at(-1)?.step, items.at(-1)?.value.f32]).toEqual([10, 4000, [4000]]);
    expect(items.every(({ value }) => value.names === items[0]?.value.names)).toBe(true);
    rewind(recording, 3995);
    expect(recording.slices?.step).toBe(3990);
  });

  it('count the seconds from step to step, without pauses, and go on from where a checkpoint was', () => {
    const recording = createRecording();
    const metrics = (steps: readonly number[]): void =>
      record(recording, { type: 'metrics', steps, columns: { loss: steps.map(() => 1) } }, 0);
    const step = (number: number, at: number): void => record(recording, { type: 'step', step: number, stage: 0 }, at);
    metrics([0]);
    step(1, 1000);
    step(2, 3000);
    metrics([1, 2]);
    restMeter(recording.meter);
    step(3, 60_000);
    step(4, 61_000);
    metrics([3, 4]);
    metrics([4]);
    // Two seconds by step 2, of which half by step 1; a pause of 57 seconds; then another second by step 4.
    const times = (): number[] => [...(recording.series.columns.get('train_runtime')?.values.slice(0, recording.series.length) ?? [])];
    expect(times()).toEqual([0, 1, 2, 2.5, 3]);
    rewind(recording, 2);
    step(3, 90_000);
    step(4, 90_500);
    metrics([3, 4]);
    expect(times()).toEqual([0, 1, 2, 2.25, 2.5]);
  });
});

describe('the diagnoses of a recording', () => {
  const diagnosis: Diagnosis = {
    stage: 0,
    data: 'preferences',
    pairs: null,
    rollouts: null,
    likelihood: null,
    pool: null,
    terms: { dpo: 1 },
  };

  it('are kept by step, thinned out where there are many, and go with the steps that they were seen at', () => {
    const recording = createRecording();
    for (let step = 10; step <= 2000; step += 10)
      record(recording, { type: 'diagnosis', step, diagnosis: { ...diagnosis, stage: step } }, 0);
    const { items, limit } = recording.diagnoses;
    expect(items.length).toBeLessThanOrEqual(limit);
    expect([items[0]?.step, items.at(-1)?.step, items.at(-1)?.value.stage]).toEqual([10, 2000, 2000]);
    rewind(recording, 1995);
    expect(recording.diagnoses.items.at(-1)?.step).toBe(1990);
  });
});
