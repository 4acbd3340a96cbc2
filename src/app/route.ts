/** Which page is open, as the part of the address after #. */
import { useSyncExternalStore } from 'react';

export type Route = 'lab' | 'experiments' | 'compare' | 'bench';

const ROUTES: Readonly<Record<string, Route>> = {
  '#/experiments': 'experiments',
  '#/compare': 'compare',
  '#/bench': 'bench',
};

const routeOf = (hash: string): Route => ROUTES[hash] ?? 'lab';

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

export const useRoute = (): Route => useSyncExternalStore(subscribe, () => routeOf(window.location.hash));

export const addressOf = (route: Route): string => (route === 'lab' ? '#/' : `#/${route}`);
