import { describe, expect, it } from 'vitest';
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
