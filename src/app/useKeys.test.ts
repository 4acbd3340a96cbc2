import { describe, expect, it } from 'vitest';
import { nameOf } from './useKeys';

const press = (key: string, held: Partial<KeyboardEvent> = {}) => nameOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...held });

describe('the name of a key', () => {
  it('is the key, with what is held where that is control or command', () => {
    expect([press('z'), press('?', { shiftKey: true }), press('Z', { shiftKey: true })]).toEqual(['z', '?', 'Z']);
    expect([press('z', { ctrlKey: true }), press('z', { metaKey: true })]).toEqual(['Mod+z', 'Mod+z']);
    // With shift the browser says Z.
    expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('Mod+Shift+z');
  });
});
