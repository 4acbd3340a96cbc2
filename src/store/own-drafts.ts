/** A reader's own objectives and rewards as drafts: what they are copied from, how they are named, and how they join the catalogue. */
import type { Catalogue, ObjectiveEntry, RewardEntry } from '../core/catalogue';
import type { MetricSpec } from '../core/charts';
import { isOwn, OWN, type OwnKind } from '../core/own';
import type { Params } from '../core/params';
import type { Choice } from '../core/spec';
import { chooseObjective, chooseReward, codeOf, type Draft, type Setup } from './draft';
import { getAt, setAt } from './path';

/** Something that a reader writes, from its first copy to its last version. */
export interface OwnDraft {
  /** `own/` and the name as a word. */
  readonly id: string;
  readonly name: string;
  readonly kind: OwnKind;
  /** Id of the entry that it was copied from, and its source at that time. */
  readonly base: string;
  readonly original: string;
  /** As typed, sound or not. */
  readonly source: string;
  /** The version that stages use: the last one that was checked and kept. Null where none ever was. */
  readonly sound: { readonly source: string; readonly entry: ObjectiveEntry | RewardEntry } | null;
}

/** The name as a word of letters, digits and dashes; `copy` where nothing of it is left. */
export function wordOf(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return word === '' ? 'copy' : word;
}

/** A name whose id no other draft has: the name itself, or with a number behind it. */
export function freeName(name: string, others: readonly OwnDraft[]): string {
  const taken = new Set(others.map(({ id }) => id));
  let free = name;
  for (let count = 2; taken.has(OWN + wordOf(free)); count++) free = `${name} ${count}`;
  return free;
}

/** A first copy of an entry. */
export function draftOf(kind: OwnKind, entry: ObjectiveEntry | RewardEntry, others: readonly OwnDraft[]): OwnDraft {
  const name = freeName(`my ${wordOf(entry.id.replace(OWN, ''))}`, others);
  const source = codeOf(entry);
  return { id: OWN + wordOf(name), name, kind, base: entry.id, original: source, source, sound: null };
}

/** The entry that stands for a draft in the catalogue; null where it has no sound version. */
function entryFor({ id, name, kind, base, sound }: OwnDraft): ObjectiveEntry | RewardEntry | null {
  if (sound === null) return null;
  return { ...sound.entry, id, title: name, base, ...(kind === 'reward' ? { code: sound.source } : { source: sound.source }) };
}

/** The lab's catalogue with the sound drafts among its entries. */
export function withOwn(catalogue: Catalogue, drafts: readonly OwnDraft[]): Catalogue {
  const objectives = drafts.flatMap((draft) => (draft.kind === 'objective' ? ((entryFor(draft) as ObjectiveEntry | null) ?? []) : []));
  const rewards = drafts.flatMap((draft) => (draft.kind === 'reward' ? ((entryFor(draft) as RewardEntry | null) ?? []) : []));
  return {
    ...catalogue,
    objectives: [...catalogue.objectives, ...objectives],
    rewards: [...catalogue.rewards, ...rewards],
    // What the lab itself measures keeps its meaning.
    metrics: { ...ownMetrics(objectives, rewards), ...catalogue.metrics },
  };
}

function ownMetrics(objectives: readonly ObjectiveEntry[], rewards: readonly RewardEntry[]): Record<string, MetricSpec> {
  const parts = rewards.flatMap((reward) => Object.entries(reward.parts));
  return Object.fromEntries([
    ...parts.map(([part, help]): [string, MetricSpec] => [`reward/${part}`, { title: `Reward: ${part}`, help, chart: 'reward' }]),
    ...objectives.flatMap((objective) => Object.entries(objective.diagnostics)),
  ]);
}

/** Whether a stored entry still says all that the lab's own entries say. */
export const isComplete = (entry: object, example: object | undefined): boolean =>
  example === undefined || Object.keys(example).every((key) => key in entry || OPTIONAL.has(key));

const OPTIONAL = new Set(['paper', 'differs', 'base']);

/** Paths of the stages' choices of an id, such as `stages[0].objective`. */
export function placesOf(draft: Draft, id: string): { readonly stage: number; readonly kind: OwnKind }[] {
  return draft.stages.flatMap((stage, i) => [
    ...(stage.objective.id === id ? [{ stage: i, kind: 'objective' as const }] : []),
    ...(stage.reward?.id === id ? [{ stage: i, kind: 'reward' as const }] : []),
  ]);
}

/** Puts an entry into a stage. Values of settings that it shares with what stood there, its base or an earlier version, stay. */
export function putEntry(setup: Setup, stage: number, kind: OwnKind, id: string, catalogue: Catalogue): Setup {
  const path = `stages[${stage}].${kind}`;
  const chosen = kind === 'objective' ? chooseObjective(setup, stage, id, catalogue) : chooseReward(setup, stage, id, catalogue);
  const base = (kind === 'objective' ? catalogue.objectives : catalogue.rewards).find((entry) => entry.id === id)?.base;
  const keep = (next: Draft, before: Draft): Draft => {
    const old = getAt(before, path) as Choice | null | undefined;
    const fresh = getAt(next, path) as Choice | null | undefined;
    const related = old && fresh && (old.id === id || old.id === base || isCopyOf(old.id, id, catalogue));
    return related ? setAt(next, `${path}.params`, shared(old.params, fresh.params)) : next;
  };
  return { ...chosen, draft: keep(chosen.draft, setup.draft), baseline: keep(chosen.baseline, setup.baseline) };
}

const isCopyOf = (copy: string, id: string, { objectives, rewards }: Catalogue): boolean =>
  isOwn(copy) && [...objectives, ...rewards].some((entry) => entry.id === copy && entry.base === id);

const shared = (old: Params, fresh: Params): Params =>
  Object.fromEntries(Object.entries(fresh).map(([key, value]) => [key, old[key] ?? value]));
