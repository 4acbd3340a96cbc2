import { describe, expect, it } from 'vitest';
import { createWatch, OWN_CODE_MS, TICK_MS } from './watch';

/** A watch whose time the test moves on, tick by tick. */
function open({ isReady = true, answers = true } = {}) {
  let now = 0;
  let pings = 0;
  const watch = createWatch(
    () => now,
    () => {
      pings += 1;
      if (answers) watch.hear({ type: 'pong' });
    },
  );
  if (isReady) watch.hear({ type: 'ready', catalogue: {} as never, device: {} as never });
  /** Ticks until something has to be ended, or the time is over. */
  const pass = (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += TICK_MS;
      const overrun = watch.tick(now);
      if (overrun !== null) return { ...overrun, at: now };
    }
    return null;
  };
  return { watch, pass, jump: (ms: number) => (now += ms), pings: () => pings, tick: () => watch.tick(now) };
}

describe('the watch', () => {
  it('ends what stays inside of own code, within two seconds', () => {
    const { watch, pass } = open();
    watch.hear({ type: 'inside', inside: true });
    const overrun = pass(5000);
    expect(overrun?.kind).toBe('own-code');
    expect(overrun?.message).toMatch(/still running after 1.8 seconds/);
    expect(overrun?.at).toBeGreaterThanOrEqual(OWN_CODE_MS);
    expect(overrun?.at).toBeLessThan(2000);
  });

  it('lets go in and out for as long as it may take', () => {
    const { watch, pass } = open();
    for (let call = 0; call < 50; call++) {
      watch.hear({ type: 'inside', inside: true });
      expect(pass(OWN_CODE_MS / 2)).toBeNull();
      watch.hear({ type: 'inside', inside: false });
    }
    expect(pass(60_000)).toBeNull();
  });

  it('waits for messages that lie there where the page itself was away', () => {
    const { watch, jump, tick, pass } = open();
    watch.hear({ type: 'inside', inside: true });
    jump(60_000);
    expect(tick()).toBeNull();
    watch.hear({ type: 'inside', inside: false });
    expect(pass(60_000)).toBeNull();
  });

  it('ends a worker that has fallen silent, and asks no more than one at a time', () => {
    const { pass, pings } = open({ answers: false });
    const overrun = pass(60_000);
    expect(overrun?.message).toMatch(/has not answered for 10 seconds/);
    expect(pings()).toBe(1);
  });

  it('does not ask before the worker is there, and gives up on one that never comes', () => {
    const { pass, pings } = open({ isReady: false });
    expect(pass(59_000)).toBeNull();
    expect(pings()).toBe(0);
    expect(pass(2000)?.message).toMatch(/did not start/);
  });

  it('passes on what is not for it', () => {
    const { watch } = open();
    const message = { type: 'state', runId: 'a', state: 'running' } as const;
    expect(watch.hear(message)).toBe(message);
    expect(watch.hear({ type: 'pong' })).toBeNull();
  });
});
