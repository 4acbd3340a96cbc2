import { describe, expect, it } from 'vitest';
import type { Experiment } from '../core/experiment';
import { CATALOGUE } from './catalogue.fixture';
import { openArm, openFirst } from './experiments';

const experiment = (id: string, world: string): Experiment => ({
  id,
  title: id,
  order: 1,
  question: '',
  paper: { title: '', url: '' },
  theirs: '',
  ours: '',
  differs: '',
  arms: { only: { title: 'Only', spec: { world, stages: [{ objective: 'grpo' }] } } },
  opens: 'only',
  seeds: 3,
  claims: [],
});

describe('opening experiments', () => {
  it('starts with mode-seeking wherever it stands in the list', () => {
    const setup = openFirst([experiment('other', 'sums'), experiment('mode-seeking', 'bins')], CATALOGUE);
    expect(setup.opened).toEqual({ experiment: 'mode-seeking', arm: 'only' });
  });

  it('passes over what the catalogue cannot run, and falls back to the first world', () => {
    expect(openFirst([experiment('mode-seeking', 'moon'), experiment('other', 'sums')], CATALOGUE).opened?.experiment).toBe('other');
    const bare = openFirst([experiment('mode-seeking', 'moon')], CATALOGUE);
    expect(bare.opened).toBeNull();
    expect(bare.draft.world.id).toBe('bins');
    expect(bare.draft.stages[0]?.training.lr).toBe(0.05);
  });

  it('refuses an arm that is not there', () => {
    expect(() => openArm(experiment('x', 'bins'), 'none', CATALOGUE)).toThrow('no arm called none');
  });
});
