/** A reader's own objectives and rewards as drafts: what they are copied from, how they are named, and how they join the catalogue. */
import type { Catalogue, ObjectiveEntry, RewardEntry } from '../core/catalogue';
import type { MetricSpec } from '../core/charts';
import { OWN, type OwnKind } from '../core/own';
import type { Params } from '../core/params';
import { rewardMetrics } from '../core/reward';
import type { Choice } from '../core/spec';
import { choiceOf, chooseObjective, codeOf, type Draft, entryOf, type Setup } from './draft';
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

const firstName = (id: string): string => `my ${wordOf(id.replace(OWN, ''))}`;

/** A copy as it was made, which no stage has ever used. */
export const isUntouched = ({ name, base, source, original, sound }: OwnDraft): boolean =>
  source === original && sound === null && name.replace(/ \d+$/, '') === firstName(base);

/** A first copy of an entry. */
export function draftOf(kind: OwnKind, entry: ObjectiveEntry | RewardEntry, others: readonly OwnDraft[]): OwnDraft {
  const name = freeName(firstName(entry.id), others);
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
  return { ...rewardMetrics(rewards), ...Object.fromEntries(objectives.flatMap((objective) => Object.entries(objective.diagnostics))) };
}

/** Whether a stored entry still says all that the lab's own entries say. */
export const isComplete = (entry: object, example: object | undefined): boolean =>
  example === undefined || Object.keys(example).every((key) => key in entry || OPTIONAL.has(key));

const OPTIONAL = new Set(['paper', 'differs', 'base', 'training']);

/** Paths of a draft's choices of an id, such as `stages[0].objective`. */
export function placesOf(draft: Draft, id: string): string[] {
  return draft.stages.flatMap(({ objective, rewards }, i) => [
    ...(objective.id === id ? [`stages[${i}].objective`] : []),
    ...rewards.flatMap((reward, k) => (reward.id === id ? [`stages[${i}].rewards[${k}]`] : [])),
  ]);
}

/** The stage that a path leads into. */
export const stageOf = (place: string): number => Number(/^stages\[(\d+)\]/.exec(place)?.[1] ?? 0);

/**
 * Puts an entry in a place such as `stages[0].objective`. Values of settings that it shares with what stood there, its base
 * or its copy or an earlier version of it, stay.
 */
export function putEntry(setup: Setup, place: string, id: string, catalogue: Catalogue): Setup {
  const isObjective = place.endsWith('objective');
  const entry = entryOf<ObjectiveEntry | RewardEntry>(isObjective ? catalogue.objectives : catalogue.rewards, id);
  const chosen = isObjective ? chooseObjective(setup, stageOf(place), id, catalogue) : setup;
  const put = (next: Draft, before: Draft): Draft => {
    const old = getAt(before, place) as Choice | null | undefined;
    const fresh = choiceOf(entry);
    const params = old && areRelated(old.id, entry, catalogue) ? shared(old.params, fresh.params) : fresh.params;
    // A reward keeps its weight.
    const { source: _, ...rest } = old ?? {};
    return setAt(next, place, { ...(isObjective ? {} : rest), ...fresh, params });
  };
  return { ...chosen, draft: put(chosen.draft, setup.draft), baseline: put(chosen.baseline, setup.baseline) };
}

const areRelated = (old: string, { id, base }: ObjectiveEntry | RewardEntry, { objectives, rewards }: Catalogue): boolean =>
  old === id || old === base || [...objectives, ...rewards].some((entry) => entry.id === old && entry.base === id);

const shared = (old: Params, fresh: Params): Params =>
  Object.fromEntries(Object.entries(fresh).map(([key, value]) => [key, old[key] ?? value]));
