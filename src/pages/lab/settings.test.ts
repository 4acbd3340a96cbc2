import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../store/catalogue.fixture';
import { openSetup } from '../../store/draft';
import { searchSettings, settingsOf } from './settings';

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
