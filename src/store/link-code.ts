/** A reader's own code in a link: what goes along with its text, and how it is taken in without being run. */
import type { Catalogue, CatalogueEntry, ObjectiveEntry, RewardEntry } from '../core/catalogue';
import { isOwn, OWN, type OwnKind } from '../core/own';
import { checkParam, type ParamSpec, type ParamSpecs } from '../core/params';
import type { Choice } from '../core/spec';
import { codeOf } from './draft';
import type { OwnDraft } from './own-drafts';

/** What stands beside the text of own code in a link. */
export interface LinkCode {
  readonly source: string;
  /** The entry that it was copied from. */
  readonly base: string;
  /** Its settings, where they are not those of what it was copied from. */
  readonly specs?: ParamSpecs;
}

const entriesOf = (kind: OwnKind, { objectives, rewards }: Catalogue): readonly (ObjectiveEntry | RewardEntry)[] =>
  kind === 'objective' ? objectives : rewards;

/** What a link has to bring along for a choice; null where it is the lab's own. */
export function codeFor(kind: OwnKind, choice: Choice, catalogue: Catalogue): LinkCode | null {
  if (choice.source === undefined) return null;
  const entries = entriesOf(kind, catalogue);
  const entry = entries.find(({ id }) => id === choice.id);
  const base = entries.find(({ id }) => id === entry?.base) ?? entries.find(({ id }) => !isOwn(id));
  if (entry === undefined || base === undefined) return null;
  const same = JSON.stringify(entry.params) === JSON.stringify(base.params);
  return { source: choice.source, base: base.id, ...(same ? {} : { specs: entry.params }) };
}

/**
 * A draft that stands for code from a link: until it is allowed to run, the lab takes it for what it was copied from, with its own
 * settings. Null where there is nothing of its kind to stand for it.
 */
export function draftFrom(kind: OwnKind, id: string, code: Record<string, unknown>, catalogue: Catalogue): OwnDraft | null {
  const entries = entriesOf(kind, catalogue).filter((entry: CatalogueEntry) => !isOwn(entry.id));
  const base = entries.find((entry) => entry.id === code.base);
  if (base === undefined || typeof code.source !== 'string' || !/^own\/[a-z0-9-]{1,60}$/.test(id)) return null;
  const specs = code.specs === undefined ? base.params : specsFrom(code.specs);
  if (specs === null) return null;
  const name = id.slice(OWN.length).replaceAll('-', ' ');
  const sound = { source: code.source, entry: { ...base, params: specs } };
  return { id, name, kind, base: base.id, original: codeOf(base), source: code.source, sound };
}

/** Declarations of settings as they came with a link; null where the page could not draw them. */
function specsFrom(given: unknown): ParamSpecs | null {
  if (!isRecord(given)) return null;
  return Object.values(given).every(isParamSpec) ? (given as ParamSpecs) : null;
}

function isParamSpec(given: unknown): given is ParamSpec {
  if (!isRecord(given) || typeof given.title !== 'string' || typeof given.help !== 'string') return false;
  const { kind, options } = given;
  if (kind === 'number' && (typeof given.min !== 'number' || typeof given.max !== 'number')) return false;
  const named = (one: unknown): boolean => isRecord(one) && typeof one.value === 'string' && typeof one.title === 'string';
  if (kind === 'choice' && !(Array.isArray(options) && options.every(named))) return false;
  if (kind !== 'number' && kind !== 'choice' && kind !== 'flag' && kind !== 'text') return false;
  try {
    checkParam(given as unknown as ParamSpec, given.default, '');
    return true;
  } catch {
    return false;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
