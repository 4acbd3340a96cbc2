import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/spec';
import { CATALOGUE } from './catalogue.fixture';
import { warningsFor } from './health';
import { createRecording, record } from './recording';

const spec = resolveSpec({ world: 'bins', stages: [{ objective: 'grpo', training: { source: 'samples', steps: 200 } }] }, CATALOGUE);
const RUNNING = { spec, state: 'running' } as const;

/** A recording of some steps in which a share of the groups has no spread. */
function recorded(steps: number, share: number) {
  const recording = createRecording();
  const all = Array.from({ length: steps }, (_, i) => i + 1);
  record(
    recording,
    { type: 'metrics', steps: all, columns: { frac_reward_zero_std: all.map(() => share), reward: all.map(() => 0.25) } },
    0,
  );
  record(recording, { type: 'step', step: steps, stage: 0 }, 0);
  return recording;
}

describe('the warnings of a run', () => {
  it('are read off its recording', () => {
    const [warning, ...others] = warningsFor(RUNNING, recorded(40, 1), CATALOGUE);
    expect([warning?.id, warning?.since, others]).toEqual(['no-spread', 1, []]);
    expect(warningsFor(RUNNING, recorded(40, 0.2), CATALOGUE)).toEqual([]);
    expect(warningsFor(RUNNING, createRecording(), CATALOGUE)).toEqual([]);
  });

  it('stay the same list until there is more to read, and are read once more when the run ends', () => {
    const recording = recorded(40, 1);
    const first = warningsFor(RUNNING, recording, CATALOGUE);
    record(recording, { type: 'step', step: 41, stage: 0 }, 0);
    expect(warningsFor(RUNNING, recording, CATALOGUE)).toBe(first);
    record(recording, { type: 'samples', step: 41, samples: [] }, 0);
    const looked = warningsFor(RUNNING, recording, CATALOGUE);
    expect(looked).not.toBe(first);
    expect(warningsFor({ spec, state: 'finished' }, recording, CATALOGUE)).not.toBe(looked);
  });
});
