import { describe, expect, it } from 'vitest';
import { searchEntries } from './search';

const ENTRIES = [
  { id: 'sft', title: 'SFT', summary: 'Imitates demonstrations.', group: 'Imitation' },
  { id: 'dpo', title: 'DPO', summary: 'Pairs against the reference.', group: 'Pairs' },
  { id: 'cdpo', title: 'Conservative DPO', summary: 'DPO that allows for wrong labels.', group: 'Pairs' },
  { id: 'ipo', title: 'IPO', summary: 'What DPO overfits, with a target.', group: 'Pairs' },
  { id: 'own/softer', title: 'softer', summary: '' },
];

const found = (query: string): string[] =>
  searchEntries(ENTRIES, query).flatMap(({ name, entries }) => entries.map(({ id }) => `${name}/${id}`));

describe('the search of a list', () => {
  it('without a query is the whole list in its groups', () => {
    expect(found(' ')).toEqual(['Imitation/sft', 'Pairs/dpo', 'Pairs/cdpo', 'Pairs/ipo', '/own/softer']);
  });

  it('puts what is called so before what has it in its name, and that before what mentions it', () => {
    expect(found('dpo')).toEqual(['Pairs/dpo', 'Pairs/cdpo', 'Pairs/ipo']);
    expect(found('DPO conserv')).toEqual(['Pairs/cdpo']);
  });

  it('reads id, title, summary and group', () => {
    expect(found('imitation')).toEqual(['Imitation/sft']);
    expect(found('wrong labels')).toEqual(['Pairs/cdpo']);
    expect(found('own/')).toEqual(['/own/softer']);
    expect(found('nothing of the kind')).toEqual([]);
  });
});
