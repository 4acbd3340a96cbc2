/** Every metric of the command line, by what it reads. */
import { CALIBRATION } from './calibration';
import { COMPLETIONS } from './completions';
import type { MetricEntry } from './define';
import { DISTRIBUTIONS } from './distributions';
import { RANKING } from './ranking';
import { WEIGHT_METRICS } from './weights';

export const ENTRIES: Readonly<Record<string, readonly MetricEntry[]>> = {
  'Diversity of completions': COMPLETIONS,
  'Calibration of confidence': CALIBRATION,
  'Rankings and pass@k': RANKING,
  'Distributions and log-probabilities': DISTRIBUTIONS,
  'Weights before and after': WEIGHT_METRICS,
};

export interface Asked {
  readonly entry: MetricEntry;
  /** What the name itself sets: `ndcg@5` has k = 5, `distinct-2` has n = 2. */
  readonly set: { readonly k?: number; readonly n?: number };
}

/** The metric that a name means: an id or another name of it, with - or _ between words, in any case. Null where there is none. */
export function findEntry(name: string): Asked | null {
  const plain = name.toLowerCase().replaceAll(/[_\s]/g, '-');
  const all = Object.values(ENTRIES).flat();
  const find = (id: string): MetricEntry | undefined => all.find((entry) => entry.id === id || entry.aliases.includes(id));
  const exact = find(plain);
  if (exact !== undefined) return { entry: exact, set: {} };
  const at = /^(.+)@([1-9]\d*)$/.exec(plain);
  const ranked = at === null ? undefined : (find(at[1] as string) ?? find(`${at[1]}@k`));
  if (ranked?.options.includes('k') === true) return { entry: ranked, set: { k: Number(at?.[2]) } };
  const kept = /^distinct-([1-9]\d*)$/.exec(plain);
  const distinct = kept === null ? undefined : find('distinct-n');
  return distinct === undefined ? null : { entry: distinct, set: { n: Number(kept?.[1]) } };
}
