/** A reader's own objective or reward: TypeScript that stands in a spec in place of a registry's entry. */

import type { ObjectiveEntry, RewardEntry } from './catalogue';
import type { Choice, RunSpec } from './spec';

/** What a reader may write. */
export type OwnKind = 'objective' | 'reward';

/** What is wrong with a reader's source, and where: line and column from 1. */
export interface OwnError {
  readonly line: number;
  readonly column: number;
  /** A sentence. */
  readonly message: string;
}

/** Ids of own entries begin with this; no registry holds such an id. */
export const OWN = 'own/';

/** What a check of a reader's source has found; without errors, what the page is to show of it. */
export interface OwnChecked {
  readonly errors: readonly OwnError[];
  readonly entry: ObjectiveEntry | RewardEntry | null;
}

/** The sources in a spec, the own objectives and rewards of all its stages. The spec may come from anywhere. */
export function ownSources(spec: RunSpec): OwnSource[] {
  return spec.stages.flatMap(({ objective, rewards = [] }) => [...taken('objective', [objective]), ...taken('reward', rewards)]);
}

/** A source in a spec, by the name that the spec gives it. */
export interface OwnSource {
  readonly kind: OwnKind;
  readonly id: string;
  readonly source: string;
}

const taken = (kind: OwnKind, choices: readonly Choice[]): OwnSource[] =>
  choices.flatMap(({ id, source }) => (source === undefined ? [] : [{ kind, id, source }]));

export const isOwn = (id: string): boolean => id.startsWith(OWN);
