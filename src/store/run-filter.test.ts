import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { CATALOGUE } from './catalogue.fixture';
import type { Run } from './run';
import { finishedRun } from './run.fixture';
import { filterRuns, NO_FILTER, type RunFilter } from './run-filter';

const run = (id: string, lr: number, fields: Partial<Run> = {}): Run => {
  const stage = { objective: { id: 'dpo', params: { beta: 0.25 } }, training: { lr } };
  return finishedRun(id, resolveSpec({ world: 'sums', seed: 3, stages: [stage] }, CATALOGUE), fields);
};

const RUNS = [
  run('amber-heron', 0.01, { starred: true, state: 'running' }),
  run('slate-otter', 0.1, { note: 'The odd one\nlook again', state: 'interrupted' }),
  run('misty-owl', 0.1, { state: 'failed' }),
];
const found = (filter: Partial<RunFilter>) => filterRuns(RUNS, { ...NO_FILTER, ...filter }, CATALOGUE).map(({ id }) => id);

describe('the filter of the run list', () => {
  it('finds every word in the name, the note, what is trained or a setting', () => {
    expect(found({})).toEqual(['amber-heron', 'slate-otter', 'misty-owl']);
    expect(found({ text: 'HERON' })).toEqual(['amber-heron']);
    expect(found({ text: 'look odd' })).toEqual(['slate-otter']);
    expect(found({ text: 'dpo sums' })).toHaveLength(3);
    expect(found({ text: 'lr=0.1' })).toEqual(['slate-otter', 'misty-owl']);
    expect(found({ text: 'learning rate 0.01' })).toEqual(['amber-heron']);
    expect(found({ text: 'beta=0.25 seed=3 owl' })).toEqual(['misty-owl']);
    expect(found({ text: 'grpo' })).toEqual([]);
  });

  it('keeps to states and to stars', () => {
    expect(found({ state: 'progress' })).toEqual(['amber-heron']);
    expect(found({ state: 'ended' })).toEqual(['slate-otter']);
    expect(found({ state: 'failed', text: 'lr=0.1' })).toEqual(['misty-owl']);
    expect(found({ starred: true })).toEqual(['amber-heron']);
  });
});
