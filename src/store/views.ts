/** How curves are looked at: the axes, the band, and on the compare page what is compared. Kept over reloads. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { BANDS, type BandKind } from '../core/aggregate';

export interface ChartView {
  /** An axis of `charts/xaxis`: `step`, a counter, `kl`, or `metric:` and the id of a metric. */
  readonly x: string;
  readonly logX: boolean;
  readonly logY: boolean;
  /** `none` draws runs by themselves; any other the mean of each arm's runs. */
  readonly band: BandKind | 'none';
  /** Whether the runs are drawn behind their mean. */
  readonly individuals: boolean;
}

export interface LabView extends ChartView {
  /** What stands below the behaviour: the curves, or a closer look at what is learnt from. */
  readonly below: 'charts' | 'diagnosis';
}

/** Which of a run's values stands in a table: the newest, the largest, the smallest, or the one at a step. */
export type Reading = 'last' | 'largest' | 'smallest' | 'step';

export interface CompareView extends ChartView {
  /** Metrics that have a chart and a column; null leaves the choice to the page. */
  readonly metrics: readonly string[] | null;
  readonly reading: Reading;
  /** For a reading at a step. */
  readonly step: number;
  /** The arm that the others are held against; null for the first. */
  readonly base: string | null;
}

export interface Views {
  readonly lab: LabView;
  readonly compare: CompareView;
}

const PLAIN: ChartView = { x: 'step', logX: false, logY: false, band: 'none', individuals: false };

export const FIRST_VIEWS: Views = {
  lab: { ...PLAIN, below: 'charts' },
  compare: { ...PLAIN, band: 'se', metrics: null, reading: 'last', step: 0, base: null },
};

/** What was stored, as far as it can be used. */
export function viewsOf(stored: unknown): Views {
  const { lab, compare } = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<Record<keyof Views, unknown>>;
  return { lab: usable(FIRST_VIEWS.lab, lab), compare: usable(FIRST_VIEWS.compare, compare) };
}

const READINGS: readonly unknown[] = ['last', 'largest', 'smallest', 'step'] satisfies Reading[];

/** Each field where it is of the kind that it should be. */
function usable<V extends ChartView>(first: V, stored: unknown): V {
  if (typeof stored !== 'object' || stored === null) return first;
  const sound: Record<string, (value: unknown) => boolean> = {
    band: (value) => value === 'none' || (typeof value === 'string' && value in BANDS),
    metrics: (value) => value === null || (Array.isArray(value) && value.every((id) => typeof id === 'string')),
    below: (value) => value === 'charts' || value === 'diagnosis',
    reading: (value) => READINGS.includes(value),
    base: (value) => value === null || typeof value === 'string',
    step: (value) => Number.isFinite(value),
  };
  const given = stored as Record<string, unknown>;
  const kept = Object.entries(first).map(([key, value]) => {
    const fits = sound[key] ?? ((other: unknown) => typeof other === typeof value);
    return [key, fits(given[key]) ? given[key] : value] as const;
  });
  return Object.fromEntries(kept) as unknown as V;
}

const KEY = 'objective-lab-views';

export const views = createStore<Views>(() => viewsOf(remembered()));

function remembered(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}

/** A page's view, and the way to change it. */
export const useView = <K extends keyof Views>(page: K): Views[K] => useStore(views, (state) => state[page]);

export function changeView<K extends keyof Views>(page: K, change: Partial<Views[K]>): void {
  views.setState({ [page]: { ...views.getState()[page], ...change } });
  try {
    localStorage.setItem(KEY, JSON.stringify(views.getState()));
  } catch {
    // Then it holds until the page closes.
  }
}
