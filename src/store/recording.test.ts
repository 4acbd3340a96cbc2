import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../core/diagnosis';
import type { RunEvent } from '../core/events';
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
