/** A reader's own objective or reward: TypeScript that stands in a spec in place of a registry's entry. */

import type { ObjectiveEntry, RewardEntry } from './catalogue';

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

export const isOwn = (id: string): boolean => id.startsWith(OWN);
