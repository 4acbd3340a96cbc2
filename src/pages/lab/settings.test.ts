import { describe, expect, it } from 'vitest';
import type { StageInput } from '../../core/spec';
import { CATALOGUE } from '../../store/catalogue.fixture';
import { openSetup } from '../../store/draft';
import { searchSettings, settingsOf, titleAt } from './settings';

const settings = settingsOf(openSetup({ world: 'bins', stages: [{ objective: 'grpo' }] }, null, CATALOGUE).draft, CATALOGUE);

describe('the search among settings', () => {
  it('finds by name and by explanation, names first', () => {
    expect(searchSettings(settings, 'learning rate')[0]?.path).toBe('stages[0].training.lr');
    expect(searchSettings(settings, 'lr').map((setting) => setting.path)).toContain('stages[0].training.lr');
    expect(searchSettings(settings, 'no such thing')).toEqual([]);
  });

  it('leaves out what does not matter for the setup', () => {
    expect(settings.map((setting) => setting.path)).not.toContain('stages[0].training.pairing');
    expect(settings.map((setting) => setting.path)).toContain('world.params.bins');
    expect(settings.map((setting) => setting.path)).toContain('seed');
  });
});

describe('the name of a place', () => {
  const scored = { objective: 'grpo', rewards: ['world', 'exact'] };
  const draftOf = (stages: StageInput[]) => openSetup({ world: 'sums', stages }, null, CATALOGUE).draft;

  it('is that of the setting, or says which choice it is', () => {
    const one = draftOf([scored]);
    expect(titleAt('stages[0].rewards[1].weight', one, CATALOGUE)).toBe('Weight');
    expect(titleAt('stages[0].rewards[1]', one, CATALOGUE)).toBe('Reward 2');
    expect(titleAt('stages[0].objective', one, CATALOGUE)).toBe('Objective');
    const two = draftOf([{ objective: 'sft' }, { objective: 'grpo' }]);
    expect(titleAt('stages[1].rewards[0]', two, CATALOGUE)).toBe('Stage 2, reward');
    expect(titleAt('stages', two, CATALOGUE)).toBe('stages');
  });
});
