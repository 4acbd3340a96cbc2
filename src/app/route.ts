/** Which page is open, as the part of the address after #: `#/experiments/mode-seeking?hide=chart.loss`. */
import { useMemo, useSyncExternalStore } from 'react';

export type Route = 'lab' | 'experiments' | 'experiment' | 'worksheet' | 'present' | 'notes' | 'guide' | 'compare' | 'bench';

export interface Place {
  readonly route: Route;
  /** What the page is of, such as the id of an experiment; '' where it is of nothing. */
  readonly id: string;
}

/** Pages by the first word of their address. */
const ROUTES: Readonly<Record<string, Route>> = {
  experiments: 'experiments',
  present: 'present',
  notes: 'notes',
  guide: 'guide',
  compare: 'compare',
  bench: 'bench',
};

/** What an address opens; the lab where it names no page. */
export function placeOf(hash: string): Place {
  const [path = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', id = '', last] = path.split('/');
  const route = Object.hasOwn(ROUTES, first) ? (ROUTES[first] as Route) : 'lab';
  if (route === 'experiments' && id !== '') return { route: last === 'worksheet' ? 'worksheet' : 'experiment', id };
  if ((route === 'present' || route === 'notes') && id === '') return { route: 'experiments', id };
  return { route, id: route === 'lab' ? '' : id };
}

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

const path = (): string => window.location.hash.split('?')[0] ?? '';

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, path);
  return useMemo(() => placeOf(hash), [hash]);
}

export const useRoute = (): Route => usePlace().route;

export const addressOf = (route: Route): string => (route === 'lab' ? '#/' : `#/${route}`);
