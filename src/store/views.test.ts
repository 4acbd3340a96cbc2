import { describe, expect, it } from 'vitest';
import { FIRST_VIEWS, viewsOf } from './views';

describe('views', () => {
  it('come back as they were stored', () => {
    const stored = { ...FIRST_VIEWS, lab: { ...FIRST_VIEWS.lab, x: 'num_tokens', logY: true, band: 'bootstrap' } };
    expect(viewsOf(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
  });

  it('fall back field by field to what they are at first', () => {
    expect(viewsOf(null)).toEqual(FIRST_VIEWS);
    const odd = { lab: 'x', compare: { band: 'wide', metrics: ['a', 1], reading: 'best', step: null, logX: 'yes', base: 'arm', extra: 1 } };
    expect(viewsOf(odd)).toEqual({ ...FIRST_VIEWS, compare: { ...FIRST_VIEWS.compare, base: 'arm' } });
  });
});
