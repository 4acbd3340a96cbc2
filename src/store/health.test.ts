import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { CATALOGUE } from './catalogue.fixture';
import { healthOf } from './health';
import { createRecording, type Recording, record } from './recording';

const spec = resolveSpec({ world: 'bins', stages: [{ objective: 'grpo', training: { source: 'samples', steps: 200 } }] }, CATALOGUE);
const RUNNING = { spec, state: 'running' } as const;
const warningsFor = (run: Parameters<typeof healthOf>[0], recording: Recording, held: number | null = null) =>
  healthOf(run, recording, CATALOGUE, held).warnings;

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
    const [warning, ...others] = warningsFor(RUNNING, recorded(40, 1));
    expect([warning?.id, warning?.since, others]).toEqual(['no-spread', 1, []]);
    expect(warningsFor(RUNNING, recorded(40, 0.2))).toEqual([]);
    expect(warningsFor(RUNNING, createRecording())).toEqual([]);
  });

  it('stay the same list until there is more to read, and are read once more when the run ends', () => {
    const recording = recorded(40, 1);
    const first = warningsFor(RUNNING, recording);
    record(recording, { type: 'step', step: 41, stage: 0 }, 0);
    expect(warningsFor(RUNNING, recording)).toBe(first);
    record(recording, { type: 'samples', step: 41, samples: [] }, 0);
    const looked = warningsFor(RUNNING, recording);
    expect(looked).not.toBe(first);
    expect(warningsFor({ spec, state: 'finished' }, recording)).not.toBe(looked);
  });

  it('are those of the step that is held, which the newest ones do not disturb', () => {
    const recording = createRecording();
    const all = Array.from({ length: 60 }, (_, i) => i + 1);
    // Every group has a spread up to step 30, and none has from then on.
    const columns = { frac_reward_zero_std: all.map((step) => (step <= 30 ? 0 : 1)), reward: all.map(() => 0.25) };
    record(recording, { type: 'metrics', steps: all, columns }, 0);
    record(recording, { type: 'step', step: 60, stage: 0 }, 0);
    expect(healthOf(RUNNING, recording, CATALOGUE, 30)).toEqual({ step: 30, warnings: [] });
    const newest = healthOf(RUNNING, recording, CATALOGUE, null);
    expect(newest).toMatchObject({ step: 60, warnings: [{ id: 'no-spread' }] });
    const held = healthOf(RUNNING, recording, CATALOGUE, 59);
    expect(held).toMatchObject({ step: 59, warnings: [{ id: 'no-spread', since: newest.warnings[0]?.since }] });
    expect(healthOf(RUNNING, recording, CATALOGUE, null)).toBe(newest);
    expect(healthOf(RUNNING, recording, CATALOGUE, 59)).toBe(held);
  });

  it('are of the stage that the step belongs to', () => {
    const two = { ...spec, stages: [...spec.stages, ...spec.stages] };
    const recording = recorded(260, 1);
    record(recording, { type: 'step', step: 260, stage: 1 }, 0);
    const settings = (held: number | null) =>
      healthOf({ spec: two, state: 'running' }, recording, CATALOGUE, held).warnings[0]?.remedies[0]?.path.slice(0, 9);
    expect([settings(200), settings(260), settings(null)]).toEqual(['stages[0]', 'stages[1]', 'stages[1]']);
  });
});
