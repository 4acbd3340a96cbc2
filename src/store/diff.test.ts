import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import type { RunSpecInput, StageInput } from '../core/spec';
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

  it('holds the rewards of a sum against each other by what they are', () => {
    const scored = (rewards: StageInput['rewards'] = []) => ({ stages: [{ objective: 'grpo', rewards }] });
    const both = scored(['world', { id: 'exact', weight: 0.5 }]);
    expect(lines(scored(['world']), both)).toEqual(['stages[0].rewards[1] | Reward: none -> Exact match']);
    expect(lines(both, scored(['exact']))).toEqual([
      'stages[0].rewards[0] | Reward: The world’s own -> none',
      'stages[0].rewards[0].weight | Weight of Exact match: 0.5 -> 1',
    ]);
    expect(lines(both, scored([{ id: 'exact', weight: 0.5 }, 'world']))).toEqual([]);
    expect(lines(scored(['world']), scored(['exact']))).toEqual(['stages[0].rewards[0] | Reward: The world’s own -> Exact match']);
    expect(lines(scored(['world']), scored([{ id: 'world', weight: 2 }]))).toEqual(['stages[0].rewards[0].weight | Weight: 1 -> 2']);
  });

  it('counts stages and numbers them', () => {
    const two = { stages: [{ objective: 'dpo', training: { steps: 5 } }, { objective: 'sft' }] };
    expect(lines({}, two)).toEqual(['stages | Stages: 1 -> 2', 'stages[0].training.steps | Stage 1: Steps: 200 -> 5']);
  });
});
