/** Whether the lab is kept for use without a network, and whether a newer version waits. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { TAKE_OVER } from './messages';

export interface OfflineState {
  /** The browser knows of no network. */
  readonly offline: boolean;
  /**
   * Whether the lab opens without a network: not yet looked at, being fetched, all there, not to be had this time, or not
   * possible here (an old browser, a private window, an address without https).
   */
  readonly kept: 'unknown' | 'fetching' | 'yes' | 'failed' | 'impossible';
  /** A newer version is there and waits for a reload. */
  readonly update: boolean;
}

/** As much of the browser as is needed, so that a test can play it. */
export interface OfflineNeeds {
  /** Null where the browser has none, or none at this address. */
  readonly container: ServiceWorkerContainer | null;
  readonly isOnline: () => boolean;
  /** Calls back when the network comes or goes. */
  readonly onNetwork: (listener: () => void) => void;
  /** Calls back whenever the reader comes back to the page. */
  readonly onReturn: (listener: () => void) => void;
  readonly now: () => number;
  readonly reload: () => void;
}

export interface Offline {
  readonly store: StoreApi<OfflineState>;
  /** Fetches what is missing, or looks for a newer version. Nothing is thrown; the state says what came of it. */
  start(): Promise<void>;
  /** Lets the newer version take over and loads the page again. */
  update(): void;
}

const SCRIPT = './service-worker.js';
/** Between two looks for a newer version, in milliseconds: a page may stay open for a whole course. */
const LOOK_EVERY = 3_600_000;

export function createOffline(needs: OfflineNeeds): Offline {
  const { container, now } = needs;
  const store = createStore<OfflineState>(() => ({
    offline: !needs.isOnline(),
    kept: container === null ? 'impossible' : 'unknown',
    update: false,
  }));
  let registration: ServiceWorkerRegistration | null = null;
  let lookedAt = now();
  let asked = false;

  needs.onNetwork(() => store.setState({ offline: !needs.isOnline() }));

  /** Follows a worker on its way from being fetched to being at work. */
  const follow = (worker: ServiceWorker, isFirst: boolean): void => {
    if (isFirst) store.setState({ kept: 'fetching' });
    worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && !isFirst) store.setState({ update: true });
      if (worker.state === 'activated') store.setState({ kept: 'yes' });
      if (worker.state === 'redundant' && isFirst && store.getState().kept === 'fetching') store.setState({ kept: 'failed' });
    });
  };

  const look = (): void => {
    if (registration === null || now() - lookedAt < LOOK_EVERY) return;
    lookedAt = now();
    // Without a network there is nothing to be found; the next return looks again.
    registration.update().catch(() => {});
  };

  return {
    store,
    async start() {
      if (container === null) return;
      let controlled = container.controller !== null;
      container.addEventListener('controllerchange', () => {
        if (asked) needs.reload();
        // Another window has asked for the newer version: this one still has the older page.
        else if (controlled) store.setState({ update: true });
        controlled = true;
      });
      // The browser's own cache never stands between the page and a newer list of files. Whatever blocks service workers may
      // refuse, or answer with nothing.
      registration = (await container.register(SCRIPT, { updateViaCache: 'none' }).catch(() => null)) ?? null;
      if (registration === null) {
        store.setState({ kept: needs.isOnline() ? 'impossible' : 'failed' });
        return;
      }
      const { active, waiting, installing } = registration;
      if (active !== null) store.setState({ kept: 'yes' });
      if (active !== null && waiting !== null) store.setState({ update: true });
      if (installing !== null) follow(installing, active === null);
      registration.addEventListener('updatefound', () => {
        const found = registration?.installing ?? null;
        if (found !== null && found !== installing) follow(found, registration?.active === null);
      });
      needs.onReturn(look);
    },
    update() {
      asked = true;
      const waiting = registration?.waiting ?? null;
      if (waiting === null) needs.reload();
      else waiting.postMessage(TAKE_OVER);
    },
  };
}
