import { describe, expect, it } from 'vitest';
import type { Choice, RunSpec } from '../core/spec';
import type { Saver } from './saver';
import { createLabStore } from './state';
import { ALLOWED, createTrust } from './trust';

const spec = (objective: string | undefined, reward?: string): RunSpec => {
  const choice = (id: string, source: string | undefined): Choice => ({ id, params: {}, ...(source === undefined ? {} : { source }) });
  return { stages: [{ objective: choice('own/a', objective), rewards: [choice('own/b', reward)] }] } as unknown as RunSpec;
};

function open() {
  const store = createLabStore();
  const saved = new Map<string, unknown>();
  const saver = { setting: (key: string, value: unknown) => saved.set(key, structuredClone(value)) } as unknown as Saver;
  return { store, saved, trust: createTrust(store, () => saver) };
}

describe('trust', () => {
  it('lets go at once what holds no code, or only code that is allowed', () => {
    const { store, trust } = open();
    let runs = 0;
    trust.first(spec(undefined), () => runs++);
    trust.allow('x');
    trust.first(spec('x', 'x'), () => runs++);
    expect(runs).toBe(2);
    expect(store.getState().review).toBeNull();
  });

  it('asks for each text that is not known, and goes on once the reader has allowed it', () => {
    const { store, trust, saved } = open();
    let runs = 0;
    trust.allow('x');
    trust.first(spec('x', 'y'), () => runs++);
    expect(runs).toBe(0);
    expect(store.getState().review).toEqual([{ kind: 'reward', id: 'own/b', source: 'y' }]);
    trust.answer(true);
    expect(runs).toBe(1);
    expect(store.getState().review).toBeNull();
    // SHA-256 in hexadecimal digits, of x and of y.
    expect(saved.get(ALLOWED)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('runs nothing after a no, and asks again the next time', () => {
    const { store, trust } = open();
    let runs = 0;
    trust.first(spec('x'), () => runs++);
    trust.answer(false);
    trust.answer(true);
    expect(runs).toBe(0);
    expect(trust.allows(spec('x'))).toBe(false);
    trust.first(spec('x'), () => runs++);
    expect(store.getState().review).toHaveLength(1);
  });

  it('knows after a reload what was allowed, and a text with one letter changed is another', () => {
    const before = open();
    before.trust.allow('x');
    const { trust } = open();
    trust.restore(before.saved.get(ALLOWED));
    expect(trust.isAllowed('x')).toBe(true);
    expect(trust.isAllowed('x ')).toBe(false);
    trust.restore('damaged');
    expect(trust.isAllowed('x')).toBe(true);
  });
});
