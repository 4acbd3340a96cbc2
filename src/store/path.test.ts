import { describe, expect, it } from 'vitest';
import { getAt, keysOf, setAt, splitMessage } from './path';

describe('paths', () => {
  it('reads keys and list positions', () => {
    expect(keysOf('stages[0].training.lr')).toEqual(['stages', 0, 'training', 'lr']);
    expect(keysOf('seed')).toEqual(['seed']);
  });

  it('reads and replaces without touching the rest', () => {
    const spec = { world: { id: 'bins' }, stages: [{ training: { lr: 1 } }, { training: { lr: 2 } }] };
    expect(getAt(spec, 'stages[1].training.lr')).toBe(2);
    expect(getAt(spec, 'stages[7].training.lr')).toBeUndefined();
    const next = setAt(spec, 'stages[1].training.lr', 3);
    expect(next.stages[1]?.training.lr).toBe(3);
    expect(spec.stages[1]?.training.lr).toBe(2);
    expect(next.world).toBe(spec.world);
    expect(next.stages[0]).toBe(spec.stages[0]);
  });

  it('takes a failure apart only where it names a field of a spec', () => {
    expect(splitMessage('world.params.dataset: no file is loaded')).toEqual({
      where: 'world.params.dataset',
      what: 'no file is loaded',
    });
    expect(splitMessage('stages[0].training.lr: too large')).toEqual({ where: 'stages[0].training.lr', what: 'too large' });
    expect(splitMessage('error: out of memory')).toEqual({ where: '', what: 'error: out of memory' });
  });
});
