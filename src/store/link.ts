/**
 * A setup as an address and back. What an address says, in the order in which it says it:
 *
 *     #/?experiment=mode-seeking&arm=offline-dpo   or   world=sums   what the setup was opened from
 *     &seed=3                                      where it is not that of the above
 *     &set=<packed edits>                          what else differs (`link-edits`, `data/pack`)
 *     &smooth=0.6&x=num_tokens&show=diagnosis      how the charts are looked at (`link-charts`)
 *     &hide=setup.policy,chart.loss                what an instructor wants out of sight (`link-view`)
 *     &embed=1                                     one experiment by itself
 *
 * The page that compares has an address of its own: how its charts are looked at, which runs are ticked (`link-runs`), and what is
 * hidden. An address without `v` is of version 1. A later version says so, and has to open these.
 */
import type { Catalogue } from '../core/catalogue';
import type { Experiment } from '../core/experiment';
import { isOwn, type OwnKind } from '../core/own';
import { SpecError } from '../core/params';
import { pack, unpack } from '../data/pack';
import { type Draft, openSetup, type Setup } from './draft';
import { openArm, openFirst } from './experiments';
import { compareAt, compareParts, labAt, labParts, OF_COMPARE, OF_LAB } from './link-charts';
import { draftFrom, isRecord } from './link-code';
import { type Edits, editsOf } from './link-edits';
import { applyEdits } from './link-open';
import { runsAt, runsPart } from './link-runs';
import { type LinkedArm, type LinkView, quoted, viewOf } from './link-view';
import type { OwnDraft } from './own-drafts';
import type { Run } from './run';
import type { CompareView, LabView } from './views';

const LINK_VERSION = 1;

/** What a link holds beside what is hidden. */
export interface Linked {
  readonly setup: Setup;
  readonly smoothing: number;
  readonly charts: LabView;
}

/** What a link to the page that compares holds beside what is hidden. */
export interface LinkedCompare {
  readonly smoothing: number;
  readonly compare: CompareView;
  /** All that are listed, the oldest first; the link names those that are ticked. */
  readonly runs: readonly Run[];
  /** What an earlier link asked for and is not here: it stays in the address. */
  readonly missing: readonly LinkedArm[];
}

/** The query of an address that opens this setup; without the question mark. */
export function queryOf(
  linked: Linked | LinkedCompare | null,
  view: LinkView,
  catalogue: Catalogue,
  experiments: readonly Experiment[],
): string {
  const parts: string[] = [];
  if (linked !== null && 'setup' in linked) parts.push(...setupParts(linked, catalogue, experiments), ...labParts(linked.charts));
  if (linked !== null && 'compare' in linked) {
    parts.push(...smoothingParts(linked), ...compareParts(linked.compare), ...runsPart(linked.runs, linked.missing, catalogue));
  }
  if (view.hide.length > 0) parts.push(`hide=${view.hide.join(',')}`);
  if (view.embed) parts.push('embed=1');
  return parts.join('&');
}

const smoothingParts = ({ smoothing }: { readonly smoothing: number }): string[] => (smoothing > 0 ? [`smooth=${smoothing}`] : []);

function setupParts({ setup, smoothing }: Linked, catalogue: Catalogue, experiments: readonly Experiment[]): string[] {
  const { draft } = setup;
  const { base, from } = baseOf(setup, catalogue, experiments);
  const parts = Object.entries(from).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  if (draft.seed !== base.draft.seed) parts.push(`seed=${encodeURIComponent(String(draft.seed))}`);
  const edits = editsOf(draft, base.draft, catalogue);
  if (edits !== null) parts.push(`set=${pack(edits)}`);
  return [...parts, ...smoothingParts({ smoothing })];
}

/** What a setup was opened from: its arm where that still is of its world, else its world as it suggests itself. */
function baseOf(
  { draft, opened }: Setup,
  catalogue: Catalogue,
  experiments: readonly Experiment[],
): { readonly base: Setup; readonly from: Readonly<Record<string, string>> } {
  const experiment = experiments.find(({ id }) => id === opened?.experiment);
  if (experiment !== undefined && opened !== null) {
    try {
      const base = openArm(experiment, opened.arm, catalogue);
      if (base.draft.world.id === draft.world.id) return { base, from: { experiment: experiment.id, arm: opened.arm } };
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
    }
  }
  return { base: openWorld(draft.world.id, catalogue), from: { world: draft.world.id } };
}

/** A world as it suggests itself. @throws SpecError where there is no such world */
function openWorld(id: string, catalogue: Catalogue): Setup {
  const world = catalogue.worlds.find((entry) => entry.id === id);
  return openSetup({ world: id, stages: world?.suggested.stages ?? [] }, null, catalogue);
}

export interface OpenedLink {
  /** Null where the address says nothing of a setup. */
  readonly setup: Setup | null;
  /** Null where the address says nothing of it. */
  readonly smoothing: number | null;
  readonly charts: LabView | null;
  readonly view: LinkView;
  /** A sentence for each thing in the address that could not be used. */
  readonly problems: readonly string[];
}

export interface LinkNeeds {
  readonly catalogue: Catalogue;
  readonly experiments: readonly Experiment[];
  /** Takes code in that has not run; returns the id that it goes by here, and the catalogue with it. */
  readonly adopt: (draft: OwnDraft) => { readonly id: string; readonly catalogue: Catalogue };
}

const OF_A_SETUP = ['experiment', 'arm', 'world', 'seed', 'set'] as const;
const OF_ANY = ['v', 'smooth', 'hide', 'embed'] as const;
const KNOWN: ReadonlySet<string> = new Set([...OF_A_SETUP, ...OF_LAB, ...OF_ANY]);
const KNOWN_TO_COMPARE: ReadonlySet<string> = new Set([...OF_COMPARE, ...OF_ANY]);

/** Opens an address. Nothing in it throws: what cannot be used is left out, and said. */
export function openLink(query: URLSearchParams, needs: LinkNeeds): OpenedLink {
  const { smoothing, view, problems } = opensAny(query, KNOWN);
  const rest = { smoothing, view, problems };
  if (!OF_A_SETUP.some((key) => query.has(key))) {
    return { setup: null, charts: labAt(query, needs.catalogue.metrics, problems), ...rest };
  }
  const opened = opening(query, needs, problems);
  const edits = editsAt(query, problems);
  const { edits: readable, catalogue } = adopted(edits, needs, problems);
  const setup = applyEdits(opened, readable, catalogue, problems);
  // Code that came with the link may log metrics of its own.
  const charts = labAt(query, catalogue.metrics, problems);
  const seed = numberAt(query, 'seed', 0, 0xffffffff, problems);
  if (seed === null) return { setup, charts, ...rest };
  if (!Number.isInteger(seed)) problems.push('seed: expected a whole number.');
  return { setup: Number.isInteger(seed) ? { ...setup, draft: { ...setup.draft, seed } } : setup, charts, ...rest };
}

export interface OpenedCompareLink extends Pick<OpenedLink, 'smoothing' | 'view' | 'problems'> {
  /** Null where the address says nothing of it. */
  readonly compare: CompareView | null;
  /** The runs that are to be ticked; null where the address says nothing of them. */
  readonly runs: readonly LinkedArm[] | null;
}

/** Opens an address of the page that compares. Nothing in it throws either. */
export function openCompareLink(query: URLSearchParams, catalogue: Catalogue): OpenedCompareLink {
  const { smoothing, view, problems } = opensAny(query, KNOWN_TO_COMPARE);
  const runs = runsAt(query, problems);
  // A comparison is shown as it was; an address of before it could name runs leaves the reader's own smoothing.
  const smoothed = smoothing ?? (runs === null ? null : 0);
  return { smoothing: smoothed, view, problems, compare: compareAt(query, catalogue.metrics, problems), runs };
}

/** What addresses of all pages may say. */
function opensAny(query: URLSearchParams, known: ReadonlySet<string>): { smoothing: number | null; view: LinkView; problems: string[] } {
  const { view, problems: unknown } = viewOf(query);
  const problems = [...versionProblem(query.get('v')), ...unknown];
  for (const key of query.keys()) if (!known.has(key)) problems.push(`${key.slice(0, 40)}: a link has no such part.`);
  return { smoothing: numberAt(query, 'smooth', 0, 0.98, problems), view, problems };
}

function versionProblem(version: string | null): string[] {
  if (version === null || version === String(LINK_VERSION)) return [];
  return [`v: this link was made by another version of the lab (${quoted(version)}); what of it can be read was opened.`];
}

/** The setup that the edits of an address are of. */
function opening(query: URLSearchParams, { catalogue, experiments }: LinkNeeds, problems: string[]): Setup {
  const id = query.get('experiment');
  const world = query.get('world');
  try {
    if (id !== null) {
      const experiment = experiments.find((candidate) => candidate.id === id);
      if (experiment !== undefined) return openArm(experiment, armAt(query, experiment, problems), catalogue);
      problems.push(`experiment: the lab has none called ${quoted(id)}.`);
    }
    if (world !== null) {
      if (catalogue.worlds.some((entry) => entry.id === world)) return openWorld(world, catalogue);
      problems.push(`world: the lab has none called ${quoted(world)}.`);
    }
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    problems.push(`experiment: ${error.message}.`);
  }
  return openFirst(experiments, catalogue);
}

function armAt(query: URLSearchParams, { arms, opens, title }: Experiment, problems: string[]): string {
  const arm = query.get('arm') ?? opens;
  if (Object.hasOwn(arms, arm)) return arm;
  problems.push(`arm: ${title} has none called ${quoted(arm)}.`);
  return opens;
}

function numberAt(query: URLSearchParams, key: string, min: number, max: number, problems: string[]): number | null {
  const given = query.get(key);
  if (given === null) return null;
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (value >= min && value <= max) return value;
  problems.push(`${key}: expected a number from ${min} to ${max}; got ${quoted(given)}.`);
  return null;
}

function editsAt(query: URLSearchParams, problems: string[]): unknown {
  const packed = query.get('set');
  if (packed === null) return undefined;
  const edits = unpack(packed);
  if (edits === undefined) problems.push('set: the settings could not be read; the link may have been cut off on its way.');
  return edits;
}

/** Takes in the code in edits; where it goes by another name here, so do the edits. */
function adopted(edits: unknown, { catalogue, adopt }: LinkNeeds, problems: string[]): { edits: unknown; catalogue: Catalogue } {
  if (!isRecord(edits) || !Array.isArray(edits.stages)) return { edits, catalogue };
  let merged = catalogue;
  const take = (kind: OwnKind, choice: unknown, where: string): unknown => {
    if (!isRecord(choice) || typeof choice.id !== 'string' || !isOwn(choice.id)) return choice;
    const draft = draftFrom(kind, choice.id, choice, merged);
    if (draft === null) {
      problems.push(`${where}: the code of ${quoted(choice.id)} could not be read.`);
      // The name may be that of another code here.
      return kind === 'objective' ? undefined : { ...choice, id: '' };
    }
    const taken = adopt(draft);
    merged = taken.catalogue;
    return { ...choice, id: taken.id };
  };
  const stages = edits.stages.map((stage: unknown, i) => {
    if (!isRecord(stage)) return stage;
    const rewards = Array.isArray(stage.rewards)
      ? stage.rewards.map((reward: unknown, k) => take('reward', reward, `stages[${i}].rewards[${k}]`))
      : stage.rewards;
    return { ...stage, objective: take('objective', stage.objective, `stages[${i}].objective`), rewards };
  });
  return { edits: { ...edits, stages }, catalogue: merged };
}

/** The edits of a setup, for those who want to show what a link holds. */
export const editsIn = (setup: Setup, catalogue: Catalogue, experiments: readonly Experiment[]): { base: Draft; edits: Edits | null } => {
  const { base } = baseOf(setup, catalogue, experiments);
  return { base: base.draft, edits: editsOf(setup.draft, base.draft, catalogue) };
};
