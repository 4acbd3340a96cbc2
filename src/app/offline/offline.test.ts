import { describe, expect, it } from 'vitest';
import { TAKE_OVER } from './messages';
import { createOffline, type OfflineNeeds } from './offline';

class Worker extends EventTarget {
  readonly heard: unknown[] = [];
  constructor(public state: string) {
    super();
  }
  postMessage(message: unknown): void {
    this.heard.push(message);
  }
  becomes(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

class Registration extends EventTarget {
  active: Worker | null = null;
  waiting: Worker | null = null;
  installing: Worker | null = null;
  looks = 0;
  update(): Promise<void> {
    this.looks += 1;
    return Promise.resolve();
  }
  finds(worker: Worker): void {
    this.installing = worker;
    this.dispatchEvent(new Event('updatefound'));
  }
}

class Container extends EventTarget {
  controller: Worker | null = null;
  readonly registration = new Registration();
  refuses = false;
  register(): Promise<Registration> {
    return this.refuses ? Promise.reject(new Error('refused')) : Promise.resolve(this.registration);
  }
  isTaken(by: Worker): void {
    this.controller = by;
    this.dispatchEvent(new Event('controllerchange'));
  }
}

function play(container: Container | null) {
  const browser = { online: true, clock: 0, reloads: 0, network: (): void => {}, comeBack: (): void => {} };
  const offline = createOffline({
    container: container as unknown as OfflineNeeds['container'],
    isOnline: () => browser.online,
    onNetwork: (listener) => {
      browser.network = listener;
    },
    onReturn: (listener) => {
      browser.comeBack = listener;
    },
    now: () => browser.clock,
    reload: () => {
      browser.reloads += 1;
    },
  });
  return { offline, browser, state: () => offline.store.getState() };
}

/** A container of a later visit: a version is at work. */
function visited(): { container: Container; active: Worker } {
  const container = new Container();
  const active = new Worker('activated');
  Object.assign(container, { controller: active });
  container.registration.active = active;
  return { container, active };
}

describe('the first visit', () => {
  it('fetches, is kept, and takes the page over without a word', async () => {
    const container = new Container();
    const first = new Worker('installing');
    container.registration.installing = first;
    const { offline, browser, state } = play(container);
    expect(state().kept).toBe('unknown');
    await offline.start();
    expect(state().kept).toBe('fetching');
    first.becomes('installed');
    expect(state()).toMatchObject({ kept: 'fetching', update: false });
    first.becomes('activated');
    container.isTaken(first);
    expect(state()).toMatchObject({ kept: 'yes', update: false });
    expect(browser.reloads).toBe(0);
  });

  it('says that it failed where a file could not be had', async () => {
    const container = new Container();
    const first = new Worker('installing');
    container.registration.installing = first;
    const { offline, state } = play(container);
    await offline.start();
    first.becomes('redundant');
    expect(state().kept).toBe('failed');
  });

  it('says that it cannot be where there is no container, or none for this address', async () => {
    expect(play(null).state().kept).toBe('impossible');
    const container = new Container();
    container.refuses = true;
    const { offline, browser, state } = play(container);
    await offline.start();
    expect(state().kept).toBe('impossible');
    browser.online = false;
    await offline.start();
    expect(state().kept).toBe('failed');
  });
});

describe('a later visit', () => {
  it('offers a version that was found, and loads the page only after it was asked to and the version has taken over', async () => {
    const { container } = visited();
    const { offline, browser, state } = play(container);
    await offline.start();
    expect(state()).toMatchObject({ kept: 'yes', update: false });
    const next = new Worker('installing');
    container.registration.finds(next);
    expect(state().update).toBe(false);
    next.becomes('installed');
    container.registration.waiting = next;
    expect(state().update).toBe(true);
    expect([next.heard, browser.reloads]).toEqual([[], 0]);
    offline.update();
    expect([next.heard, browser.reloads]).toEqual([[TAKE_OVER], 0]);
    container.isTaken(next);
    expect(browser.reloads).toBe(1);
  });

  it('offers the version that has waited since the visit before', async () => {
    const { container } = visited();
    container.registration.waiting = new Worker('installed');
    const { offline, state } = play(container);
    await offline.start();
    expect(state().update).toBe(true);
  });

  it('offers a reload where another window has let a version take over, and forces none', async () => {
    const { container } = visited();
    const { offline, browser, state } = play(container);
    await offline.start();
    container.isTaken(new Worker('activated'));
    expect([state().update, browser.reloads]).toEqual([true, 0]);
    offline.update();
    expect(browser.reloads).toBe(1);
  });

  it('stays kept where the newer version could not be fetched', async () => {
    const { container } = visited();
    const { offline, state } = play(container);
    await offline.start();
    const next = new Worker('installing');
    container.registration.finds(next);
    next.becomes('redundant');
    expect(state()).toMatchObject({ kept: 'yes', update: false });
  });

  it('looks for a newer version when the reader comes back, at most once an hour', async () => {
    const { container } = visited();
    const { offline, browser } = play(container);
    await offline.start();
    browser.clock = 3_599_999;
    browser.comeBack();
    expect(container.registration.looks).toBe(0);
    browser.clock = 3_600_000;
    browser.comeBack();
    browser.comeBack();
    expect(container.registration.looks).toBe(1);
  });
});

it('knows when the network goes and comes', () => {
  const { browser, state } = play(null);
  expect(state().offline).toBe(false);
  browser.online = false;
  browser.network();
  expect(state().offline).toBe(true);
});
