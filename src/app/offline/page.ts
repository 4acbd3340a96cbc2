/** The page's own offline part: started once the lab is at work, and a reload that loses nothing. */
import { useStore } from 'zustand';
import { lab } from '../../store/index';
import { createOffline, type OfflineState } from './offline';

export const offline = createOffline({
  // Only the built site has a service worker.
  container: import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : null,
  isOnline: () => navigator.onLine,
  onNetwork(listener) {
    window.addEventListener('online', listener);
    window.addEventListener('offline', listener);
  },
  onReturn: (listener) =>
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') listener();
    }),
  now: () => performance.now(),
  reload: () => window.location.reload(),
});

export const useOffline = <T>(selector: (state: OfflineState) => T): T => useStore(offline.store, selector);

/** Milliseconds that the browser may take to find an idle moment. */
const PATIENCE = 10_000;

/** Starts keeping the site once the worker has opened, or has failed to: the first look at the lab comes before all else. */
export function keepSite(): void {
  const begin = (): void => void offline.start();
  const whenIdle = (): void => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(begin, { timeout: PATIENCE });
    else setTimeout(begin, PATIENCE / 5);
  };
  const isOpen = (): boolean => lab.store.getState().engine.phase !== 'starting';
  if (isOpen()) {
    whenIdle();
    return;
  }
  const stop = lab.store.subscribe(() => {
    if (!isOpen()) return;
    stop();
    whenIdle();
  });
}

/** How long a run may take to come to rest before the page is loaded again all the same; it then goes on from its last checkpoint. */
const REST_MS = 5000;

/** Pauses what trains, so that it has a checkpoint to go on from, writes everything, and loads the newer version. */
export async function updateSite(): Promise<void> {
  const trains = (): string[] =>
    Object.values(lab.store.getState().runs).flatMap(({ id, state }) => (state === 'running' || state === 'preparing' ? [id] : []));
  for (const id of trains()) {
    lab.look(id);
    lab.pause();
  }
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, REST_MS);
    const settle = (): void => {
      if (trains().length > 0) return;
      clearTimeout(late);
      stop();
      resolve();
    };
    const stop = lab.store.subscribe(settle);
    settle();
  });
  await lab.save();
  offline.update();
}
