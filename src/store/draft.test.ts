import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalogue.fixture';
import {
  addReward,
  addStage,
  addWarmUp,
  checkDraft,
  chooseObjective,
  choosePolicy,
  chooseReward,
  chooseSource,
  chooseWorld,
  entryOf,
  isAnyEdited,
  isEdited,
  missingWarmUp,
  moveStage,
  openSetup,
  removeReward,
  removeStage,
  type Setup,
  setStageWorld,
  setValue,
  trainingSpecs,
} from './draft';

const open = () =>
  openSetup({ world: 'bins', stages: [{ objective: 'grpo', training: { lr: 0.02 } }] }, { experiment: 'x', arm: 'a' }, CATALOGUE);

describe('draft', () => {
  it('opens unedited, and resolves to the spec that was opened', () => {
    const setup = open();
    expect(isAnyEdited(setup)).toBe(false);
    expect(checkDraft(setup.draft, CATALOGUE).spec?.stages[0]?.training.lr).toBe(0.02);
  });

  it('marks a value as edited until it is back at what was opened', () => {
    const path = 'stages[0].training.lr';
    const edited = setValue(open(), path, 0.5);
    expect(isEdited(edited, path)).toBe(true);
    expect(isEdited(setValue(edited, path, 0.02), path)).toBe(false);
  });

  it('keeps a value that cannot be used and says why at its path', () => {
    const { problem } = checkDraft(setValue(open(), 'stages[0].training.lr', 'fast').draft, CATALOGUE);
    expect(problem).toEqual({ where: 'stages[0].training.lr', what: 'expected a finite number; got "fast"' });
  });

  it('takes what a world suggests, keeps the seed and leaves the experiment', () => {
    const setup = chooseWorld(setValue(open(), 'seed', 7), 'sums', CATALOGUE);
    expect(setup.opened).toBeNull();
    expect(setup.draft.seed).toBe(7);
    expect(setup.draft.policy).toEqual({ id: 'mlp', params: { width: 64 } });
    expect(setup.draft.stages.map((stage) => stage.objective.id)).toEqual(['sft']);
    expect(isEdited(setup, 'policy.params.width')).toBe(false);
    expect(checkDraft(setup.draft, CATALOGUE).problem).toBeNull();
  });

  it('gives a chosen objective data that it can have', () => {
    const sums = chooseWorld(open(), 'sums', CATALOGUE);
    const grpo = chooseObjective(sums, 0, 'grpo', CATALOGUE);
    expect(grpo.draft.stages[0]).toMatchObject({ rewards: [{ id: 'world', weight: 1 }], training: { source: 'samples' } });
    expect(checkDraft(grpo.draft, CATALOGUE).problem).toBeNull();
    const dpo = chooseObjective(grpo, 0, 'dpo', CATALOGUE);
    expect(dpo.draft.stages[0]?.training.source).toBe('world');
    const sampled = chooseSource(chooseWorld(open(), 'sums', CATALOGUE), 0, 'samples', CATALOGUE);
    expect(sampled.draft.stages[0]?.rewards.map(({ id }) => id)).toEqual(['world']);
    expect(isEdited(sampled, 'stages[0].training.source')).toBe(true);
  });

  it('takes over the settings that are part of an objective, and puts them back with the next', () => {
    const catalogue = {
      ...CATALOGUE,
      objectives: CATALOGUE.objectives.map((entry) =>
        entry.id === 'grpo' ? { ...entry, training: { dropZeroVariance: true, topK: 5 } } : entry,
      ),
    };
    const training = ({ draft }: Setup) => draft.stages[0]?.training;
    const sums = chooseWorld(open(), 'sums', catalogue);
    expect(training(sums)?.dropZeroVariance).toBe(false);
    const grpo = chooseObjective(setValue(sums, 'stages[0].training.lr', 0.5), 0, 'grpo', catalogue);
    expect(training(grpo)).toMatchObject({ dropZeroVariance: true, topK: 5, lr: 0.5 });
    expect(isEdited(grpo, 'stages[0].training.topK')).toBe(false);
    // What the reader has set since is kept.
    const dpo = chooseObjective(setValue(grpo, 'stages[0].training.topK', 3), 0, 'dpo', catalogue);
    expect(training(dpo)).toMatchObject({ dropZeroVariance: false, topK: 3, lr: 0.5 });
  });

  it('knows where a stage goes on from random weights, and puts a warm-up before it', () => {
    const catalogue = { ...CATALOGUE, worlds: CATALOGUE.worlds.map((world) => ({ ...world, untrained: world.id === 'sums' })) };
    const missing = ({ draft }: Setup, stage = 0) => missingWarmUp(draft, stage, catalogue) !== null;
    const sums = chooseWorld(open(), 'sums', catalogue);
    expect(missing(sums)).toBe(false);
    expect(missing(chooseObjective(open(), 0, 'dpo', catalogue))).toBe(false);
    const grpo = chooseObjective(sums, 0, 'grpo', catalogue);
    expect(missing(grpo)).toBe(true);
    // A fifth of the rate of imitation, unless the reader has set one.
    const rate = ({ draft }: Setup, stage = 0) => draft.stages[stage]?.training.lr;
    expect([rate(sums), rate(grpo), rate(chooseObjective(grpo, 0, 'sft', catalogue))]).toEqual([0.001, 0.0002, 0.001]);
    expect(isAnyEdited(grpo)).toBe(false);
    expect(rate(chooseObjective(setValue(sums, 'stages[0].training.lr', 0.02), 0, 'dpo', catalogue))).toBe(0.02);
    expect(rate(chooseObjective(open(), 0, 'sft', catalogue))).toBe(0.02);
    const warm = addWarmUp(grpo, 0, catalogue);
    expect(warm.draft.stages.map(({ objective }) => objective.id)).toEqual(['sft', 'grpo']);
    expect(missing(warm, 1)).toBe(false);
    expect(isAnyEdited(warm)).toBe(false);
    expect(addWarmUp(warm, 1, catalogue)).toBe(warm);
    // From the start again it is as untrained as before.
    expect(missing(setValue(warm, 'stages[1].training.begin', 'start'), 1)).toBe(true);
  });

  it('adds, weighs, exchanges and removes rewards, and keeps the last', () => {
    const grpo = chooseObjective(chooseWorld(open(), 'sums', CATALOGUE), 0, 'grpo', CATALOGUE);
    const sumOf = ({ draft }: Setup) => draft.stages[0]?.rewards.map(({ id, weight }) => `${weight} ${id}`).join(' + ');
    let setup = addReward(grpo, 0, 'exact', CATALOGUE);
    expect(sumOf(setup)).toBe('1 world + 1 exact');
    expect(isAnyEdited(setup)).toBe(false);
    setup = setValue(setup, 'stages[0].rewards[1].weight', 0.25);
    expect(isEdited(setup, 'stages[0].rewards[1].weight')).toBe(true);
    expect(checkDraft(setup.draft, CATALOGUE).spec?.stages[0]?.rewards[1]).toEqual({ id: 'exact', params: {}, weight: 0.25 });
    setup = removeReward(setup, 0, 0);
    expect(sumOf(setup)).toBe('0.25 exact');
    expect(isEdited(setup, 'stages[0].rewards[0].weight')).toBe(true);
    setup = chooseReward(removeReward(setup, 0, 0), 0, 0, 'world', CATALOGUE);
    expect(sumOf(setup)).toBe('0.25 world');
    const twice = addReward(setup, 0, 'world', CATALOGUE);
    expect(checkDraft(twice.draft, CATALOGUE).problem).toEqual({
      where: 'stages[0].rewards[1]',
      what: 'world stands in this sum already; change its weight',
    });
  });

  it('shows only the training settings that matter', () => {
    const sums = entryOf(CATALOGUE.worlds, 'sums');
    const keys = (id: string, source: string): string[] => {
      const setup = chooseSource(chooseObjective(chooseWorld(open(), 'sums', CATALOGUE), 0, id, CATALOGUE), 0, source, CATALOGUE);
      const stage = setup.draft.stages[0];
      if (stage === undefined) throw new Error('no stage');
      return Object.keys(trainingSpecs(stage, entryOf(CATALOGUE.objectives, id), sums));
    };
    expect(keys('sft', 'world')).not.toContain('group');
    expect(keys('sft', 'samples')).toContain('group');
    expect(keys('sft', 'samples')).not.toContain('pairing');
    expect(keys('dpo', 'samples')).toContain('pairing');
    expect(keys('grpo', 'samples')).not.toContain('source');
  });

  it('adds, moves and removes stages, and keeps the last', () => {
    let setup = chooseWorld(open(), 'sums', CATALOGUE);
    setup = chooseObjective(addStage(setup), 1, 'dpo', CATALOGUE);
    const ids = () => setup.draft.stages.map((stage) => stage.objective.id);
    expect(ids()).toEqual(['sft', 'dpo']);
    expect(setup.baseline.stages.length).toBe(2);
    setup = moveStage(setup, 1, -1);
    expect(ids()).toEqual(['dpo', 'sft']);
    setup = moveStage(setup, 0, -1);
    expect(ids()).toEqual(['dpo', 'sft']);
    setup = removeStage(removeStage(setup, 0), 0);
    expect(ids()).toEqual(['sft']);
  });

  it('lets a stage have world settings of its own, which the run’s do not move', () => {
    const staged = openSetup(
      { world: { id: 'bins', params: { bins: 50 } }, stages: [{ objective: 'grpo' }, { objective: 'grpo', world: { bins: 20 } }] },
      null,
      CATALOGUE,
    );
    expect(staged.draft.stages.map((stage) => stage.world)).toEqual([null, { bins: 20 }]);
    const moved = setValue(staged, 'world.params.bins', 60);
    expect(checkDraft(moved.draft, CATALOGUE).spec?.stages[1]?.world).toEqual({ bins: 20 });
    const own = setStageWorld(moved, 0, 'bins', true);
    expect(own.draft.stages[0]?.world).toEqual({ bins: 60 });
    expect(setStageWorld(own, 0, 'bins', false).draft.stages[0]?.world).toBeNull();
  });

  it('fills a policy’s defaults, and the suggestion where it is the world’s first', () => {
    const setup = choosePolicy(open(), 'mlp', CATALOGUE);
    expect(setup.draft.policy).toEqual({ id: 'mlp', params: { width: 32 } });
  });
});
