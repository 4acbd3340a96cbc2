import { describe, expect, it } from 'vitest';
import { placeOf } from './route';

describe('an address', () => {
  it.each([
    ['', 'lab', ''],
    ['#/', 'lab', ''],
    ['#/?experiment=mode-seeking&arm=x', 'lab', ''],
    ['#/nowhere', 'lab', ''],
    ['#/constructor', 'lab', ''],
    ['#/experiments', 'experiments', ''],
    ['#/experiments?hide=chart.loss', 'experiments', ''],
    ['#/experiments/mode-seeking', 'experiment', 'mode-seeking'],
    ['#/experiments/mode-seeking/worksheet?hide=x', 'worksheet', 'mode-seeking'],
    ['#/present/sums-dpo', 'present', 'sums-dpo'],
    ['#/present', 'experiments', ''],
    ['#/notes/sums-dpo', 'notes', 'sums-dpo'],
    ['#/guide', 'guide', ''],
    ['#/bench', 'bench', ''],
  ])('%s', (hash, route, id) => {
    expect(placeOf(hash)).toEqual({ route, id });
  });
});
