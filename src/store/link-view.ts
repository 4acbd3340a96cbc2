/** What a link takes out of sight, and whether it shows one experiment by itself. It holds for as long as the page is open. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { CHARTS, type ChartId } from '../core/charts';

/** A part of the page that an instructor may take out of sight. */
export interface Hideable {
  readonly id: string;
  readonly title: string;
}

const CHART_PARTS: readonly Hideable[] = (Object.keys(CHARTS) as ChartId[]).map((id) => ({ id: `chart.${id}`, title: CHARTS[id].title }));

/** Everything that can be hidden, in groups. */
export const HIDEABLE: readonly { readonly title: string; readonly parts: readonly Hideable[] }[] = [
  {
    title: 'Panels',
    parts: [
      { id: 'panel.setup', title: 'Setup' },
      { id: 'panel.behaviour', title: 'Behaviour' },
      { id: 'panel.charts', title: 'Charts' },
      { id: 'panel.runs', title: 'Runs' },
    ],
  },
  {
    title: 'Parts of the setup',
    parts: [
      { id: 'setup.experiment', title: 'Experiment and arms' },
      { id: 'setup.world', title: 'World' },
      { id: 'setup.policy', title: 'Policy' },
      { id: 'setup.stages', title: 'Objectives, rewards and training' },
      { id: 'setup.evaluation', title: 'Evaluation and seed' },
    ],
  },
  { title: 'Charts', parts: CHART_PARTS },
  {
    title: 'Links at the top',
    parts: [
      { id: 'page.experiments', title: 'Experiments' },
      { id: 'page.compare', title: 'Compare' },
      { id: 'page.guide', title: 'Guide' },
      { id: 'page.bench', title: 'Bench' },
      { id: 'page.share', title: 'Share' },
    ],
  },
];

const KNOWN: ReadonlySet<string> = new Set(HIDEABLE.flatMap(({ parts }) => parts.map(({ id }) => id)));

export interface LinkView {
  /** Ids of `HIDEABLE`, in its order. */
  readonly hide: readonly string[];
  /** One experiment without anything around it, for a frame in another page. */
  readonly embed: boolean;
}

export const NO_VIEW: LinkView = { hide: [], embed: false };

/** The view that an address asks for, with a sentence for each part that is not known. */
export function viewOf(query: URLSearchParams): { readonly view: LinkView; readonly problems: readonly string[] } {
  const asked = (query.get('hide') ?? '').split(',').filter((id) => id !== '');
  const problems = asked.filter((id) => !KNOWN.has(id)).map((id) => `hide: the lab has no part called ${quoted(id)}.`);
  const embed = query.get('embed');
  if (embed !== null && embed !== '1') problems.push(`embed: expected 1; got ${quoted(embed)}.`);
  return { view: { hide: [...KNOWN].filter((id) => asked.includes(id)), embed: embed === '1' }, problems };
}

/** A text from an address, short enough to be shown. */
export const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Runs that a link to the page that compares asks for: all of an arm. */
export interface LinkedArm {
  /** As `armOf` gives it. */
  readonly arm: string;
  /** Without repetition, ascending. */
  readonly seeds: readonly number[];
  /** What the arm was called where the link was made. */
  readonly title: string;
}

interface ViewState extends LinkView {
  /** What of the last link could not be used, in sentences; empty where there is nothing to say. */
  readonly problems: readonly string[];
  /** Runs that the last link compares and that are not here. */
  readonly missing: readonly LinkedArm[];
}

export const linkView = createStore<ViewState>(() => ({ ...NO_VIEW, problems: [], missing: [] }));

/** Whether a part of `HIDEABLE` is out of sight. */
export const useHidden = (id: string): boolean => useStore(linkView, ({ hide }) => hide.includes(id));

export const useLinkView = <T>(selector: (state: ViewState) => T): T => useStore(linkView, selector);

/** The part of the setup that the setting at a path lies in. */
export const partOf = (path: string): string => `setup.${path === 'seed' ? 'evaluation' : (/^[a-z]+/.exec(path)?.[0] ?? '')}`;
