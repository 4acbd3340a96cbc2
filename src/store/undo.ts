/**
 * The way back through a setup: every change can be taken back, and done again, also after a reload. Pure functions over plain data.
 */
import type { Catalogue } from '../core/catalogue';
import { isOwn } from '../core/own';
import type { ParamSpecs } from '../core/params';
import { type Choice, EVALUATION, renewed, TRAINING } from '../core/spec';
import { canonical } from './arms';
import { diffSpecs } from './diff';
import { checkDraft, codeOf, type Draft, type Setup } from './draft';
import { bytesOf } from './persist';

export interface History {
  /** Setups as they were before each change, the oldest first. */
  readonly past: readonly Setup[];
  /** Setups that were taken back, the nearest last. */
  readonly future: readonly Setup[];
  /** The setting that was changed last, and when, in milliseconds; null where it was more than one setting. */
  readonly last: { readonly path: string; readonly at: number } | null;
}

export const NO_HISTORY: History = { past: [], future: [], last: null };

const LONGEST = 100;
/** Changes of one setting that follow each other so soon are one, as a slider makes them. Milliseconds. */
const ONE_MOVE_MS = 1000;

/** A history after one more change, at `now` in milliseconds; the same where nothing has changed. */
export function remember(history: History, before: Setup, after: Setup, now: number): History {
  if (before === after || canonical(before) === canonical(after)) return history;
  const path = before.baseline === after.baseline ? onlyDifference(before.draft, after.draft) : null;
  const { last, past } = history;
  const latest = path === null ? null : { path, at: now };
  const goesOn = last !== null && last.path === path && now - last.at < ONE_MOVE_MS && past.length > 0;
  return { past: goesOn ? past : [...past, before].slice(-LONGEST), future: [], last: latest };
}

/** What a step through the history leads to. */
export interface Step {
  readonly history: History;
  readonly setup: Setup;
}

/** One change back (-1) or forth (1); null where there is none. Setups that the catalogue no longer fits are passed over. */
export function stepThrough({ past, future }: History, present: Setup, way: -1 | 1, catalogue: Catalogue): Step | null {
  const from = way < 0 ? past : future;
  const at = from.findLastIndex((setup) => fits(setup.draft, catalogue) && fits(setup.baseline, catalogue));
  const setup = from[at];
  if (setup === undefined) return null;
  const left = from.slice(0, at);
  const history = way < 0 ? { past: left, future: [...future, present] } : { past: [...past, present], future: left };
  return { setup, history: { ...history, last: null } };
}

/** What is stored of a history: no more than this, those that are reached first. Code of the reader's own can make setups large. */
const STORED_BYTES = 1e6;

export type StoredHistory = Pick<History, 'past' | 'future'>;

const sizes = new WeakMap<Setup, number>();

function sizeOf(setup: Setup): number {
  const size = sizes.get(setup) ?? bytesOf(setup);
  sizes.set(setup, size);
  return size;
}

/** What outlives a reload of a history. */
export function storedHistory({ past, future }: StoredHistory, most = STORED_BYTES): StoredHistory {
  const within = (setups: readonly Setup[], bytes: number): readonly Setup[] => {
    let left = bytes;
    const first = setups.findLastIndex((setup) => {
      left -= sizeOf(setup);
      return left < 0;
    });
    return setups.slice(first + 1);
  };
  const back = within(past, most);
  return { past: back, future: within(future, most - back.reduce((sum, setup) => sum + sizeOf(setup), 0)) };
}

/**
 * A stored history as it is after a reload. Setups that the lab has changed too much for are left out; what is no history at all is none.
 */
export function restoredHistory(stored: unknown, catalogue: Catalogue): History {
  if (!isBranch(stored) || !Array.isArray(stored.past) || !Array.isArray(stored.future)) return NO_HISTORY;
  const sound = (setups: readonly unknown[]): Setup[] => setups.slice(-LONGEST).flatMap((one) => soundSetup(one, catalogue) ?? []);
  // Times begin anew with the page: no change goes on where another left off.
  return { past: sound(stored.past), future: sound(stored.future), last: null };
}

/** A stored setup, where it still is one: its draft and its baseline have the settings that the lab has today, whatever their values. */
function soundSetup(stored: unknown, catalogue: Catalogue): Setup | null {
  try {
    const { draft, baseline, opened } = stored as Setup;
    const setup: Setup = { draft: renewed(draft), baseline: renewed(baseline), opened: opened ?? null };
    const alike = setup.draft.stages.length === setup.baseline.stages.length;
    return alike && isPresent(setup.draft, catalogue) && isPresent(setup.baseline, catalogue) ? setup : null;
  } catch {
    // Something else lay there.
    return null;
  }
}

/** Whether a draft has the settings that its choices have in the catalogue. @throws where it is no draft */
function isPresent({ world, policy, stages, evaluation }: Draft, { worlds, policies, objectives, rewards }: Catalogue): boolean {
  const has = (entries: readonly { readonly id: string; readonly params: ParamSpecs }[], { id, params }: Choice): boolean => {
    const entry = entries.find((one) => one.id === id);
    // Code of the reader's own may come back, and is looked at when a step leads to it.
    return isOwn(id) || (entry !== undefined && sameNames(params, entry.params));
  };
  return (
    has(worlds, world) &&
    has(policies, policy) &&
    sameNames(evaluation, EVALUATION) &&
    stages.every((stage) => has(objectives, stage.objective) && stage.rewards.every((reward) => has(rewards, reward))) &&
    stages.every(({ training }) => sameNames(training, TRAINING))
  );
}

const sameNames = (a: object, b: object): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => Object.hasOwn(b, key));

/** Whether all that a draft names is there, and a reader's own code still is as the draft has it. */
function fits(draft: Draft, { worlds, policies, objectives, rewards }: Catalogue): boolean {
  const has = <E extends { readonly id: string }>(entries: readonly E[], { id }: Choice): E | undefined =>
    entries.find((one) => one.id === id);
  const hasCode = (entries: Catalogue['objectives'] | Catalogue['rewards'], choice: Choice): boolean => {
    const entry = has<(typeof entries)[number]>(entries, choice);
    return entry !== undefined && (!isOwn(choice.id) || codeOf(entry) === choice.source);
  };
  if (has(worlds, draft.world) === undefined || has(policies, draft.policy) === undefined) return false;
  return draft.stages.every((stage) => hasCode(objectives, stage.objective) && stage.rewards.every((reward) => hasCode(rewards, reward)));
}

/** What changes from one setup to another, in a few words. */
export function changeInWords(before: Setup, after: Setup, catalogue: Catalogue): string {
  const [old, now] = [before, after].map(({ draft }) => checkDraft(draft, catalogue).spec);
  const differences = old && now ? diffSpecs(old, now, catalogue) : [];
  const [first] = differences;
  if (first === undefined) return 'the last change of the setup';
  const more = differences.length - 1;
  return `${first.title} from ${first.before} to ${first.after}${more === 0 ? '' : ` and ${more} more`}`;
}

/** The path of the only value that differs; null where several do, or none. */
function onlyDifference(before: unknown, after: unknown): string | null {
  const found = differences(before, after, '');
  return found.length === 1 ? (found[0] ?? null) : null;
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (Object.is(before, after)) return [];
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  if (Array.isArray(before) && Object.keys(before).length !== Object.keys(after).length) return [path, path];
  return [...keys].flatMap((key) => differences(before[key], after[key], `${path}.${key}`));
}

const isBranch = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
