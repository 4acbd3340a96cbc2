import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { CATALOGUE } from './catalogue.fixture';
import { canResume, type Run, reviveRun, stateInWords } from './run';
import { finishedRun } from './run.fixture';

const run = (fields: Partial<Run>): Run =>
  finishedRun('a', resolveSpec({ world: 'sums', stages: [{ objective: 'sft' }] }, CATALOGUE), {
    name: 'amber-heron',
    state: 'running',
    ...fields,
  });

describe('runs', () => {
  it('were interrupted where a reload met them in progress, and only there', () => {
    expect(reviveRun(run({ state: 'running' })).state).toBe('interrupted');
    expect(reviveRun(run({ state: 'paused' })).state).toBe('interrupted');
    expect(reviveRun(run({ state: 'finished' })).state).toBe('finished');
    expect(stateInWords(reviveRun(run({})), 120)).toBe('Interrupted at step 120');
  });

  it('know their reward from before there could be several', () => {
    const { spec } = run({});
    const scored = (old: object) => ({ ...spec, stages: [{ ...spec.stages[0], rewards: undefined, ...old }] }) as unknown as Run['spec'];
    const revived = (old: object) => reviveRun(run({ spec: scored(old) })).spec.stages[0]?.rewards;
    expect(revived({ reward: { id: 'exact', params: {} } })).toEqual([{ id: 'exact', params: {}, weight: 1 }]);
    expect(revived({ reward: null })).toEqual([]);
    const today = run({ state: 'finished' });
    expect(reviveRun(today)).toEqual(today);
  });

  it('can go on where there is something to go on from', () => {
    expect(canResume(run({ state: 'paused' }))).toBe(true);
    expect(canResume(run({ state: 'interrupted' }))).toBe(false);
    expect(canResume(run({ state: 'interrupted', checkpointStep: 100 }))).toBe(true);
    expect(canResume(run({ state: 'stopped', checkpointStep: 200 }))).toBe(false);
    expect(canResume(run({ state: 'finished', checkpointStep: 100 }))).toBe(false);
    const failed = (kind: 'diverged' | 'device-lost') => run({ state: 'failed', checkpointStep: 100, failure: { kind, message: '' } });
    expect(canResume(failed('diverged'))).toBe(false);
    expect(canResume(failed('device-lost'))).toBe(true);
  });
});
