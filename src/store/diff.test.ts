import { describe, expect, it } from 'vitest';
import { type RunSpecInput, resolveSpec } from '../core/spec';
import { CATALOGUE } from './catalogue.fixture';
import { diffSpecs } from './diff';

const spec = (input: Partial<RunSpecInput>) => resolveSpec({ world: 'sums', stages: [{ objective: 'dpo' }], ...input }, CATALOGUE);
const lines = (a: Partial<RunSpecInput>, b: Partial<RunSpecInput>): string[] =>
  diffSpecs(spec(a), spec(b), CATALOGUE).map((d) => `${d.path} | ${d.title}: ${d.before} -> ${d.after}`);

describe('diff of specs', () => {
  it('is empty for equal specs', () => {
    expect(lines({}, {})).toEqual([]);
  });

  it('names settings in words', () => {
    const on = { stages: [{ objective: 'dpo', training: { lr: 0.01, source: 'samples', refreshEvery: 0 } }], seed: 3 };
    expect(lines({}, on)).toEqual([
      'stages[0].rewards[0] | Reward: none -> The world’s own',
      "stages[0].training.source | Data: The world's own examples -> Samples, scored by the reward",
      'stages[0].training.refreshEvery | Fresh samples every: 1 -> 0',
      'stages[0].training.lr | Learning rate: 0.001 -> 0.01',
      'seed | Seed: 0 -> 3',
    ]);
  });

  it('lists another choice once, without its settings', () => {
    expect(lines({}, { stages: [{ objective: 'sft' }] })).toEqual(['stages[0].objective | Objective: DPO -> SFT']);
    expect(lines({ world: 'bins', stages: [{ objective: 'grpo' }] }, { stages: [{ objective: 'grpo' }] })).toEqual([
      'world | World: Bins -> Sums',
      'policy | Policy: Table of logits -> Small network',
    ]);
  });

  it('lists what a stage sets for itself', () => {
    const base = { world: 'bins', stages: [{ objective: 'grpo' }] };
    expect(lines(base, { world: 'bins', stages: [{ objective: 'grpo', world: { bins: 20 } }] })).toEqual([
      'stages[0].world.bins | Bins: as the run -> 20',
    ]);
    const moved = { world: { id: 'bins', params: { bins: 20 } }, stages: [{ objective: 'grpo' }] };
    expect(lines(base, moved)).toEqual(['world.params.bins | Bins: 100 -> 20']);
  });

  it('counts stages and numbers them', () => {
    const two = { stages: [{ objective: 'dpo', training: { steps: 5 } }, { objective: 'sft' }] };
    expect(lines({}, two)).toEqual(['stages | Stages: 1 -> 2', 'stages[0].training.steps | Stage 1: Steps: 200 -> 5']);
  });
});
