/**
 * Which code may run. What the reader has typed may; what came with a link, a file or a checkpoint has to be read and allowed
 * first. Allowing is for a text and not for a name: changed by one letter, it is another.
 */
import { ownSources } from '../core/own';
import { sha256 } from '../core/sha256';
import type { RunSpec } from '../core/spec';
import type { Saver } from './saver';
import type { LabStore } from './state';

export interface Trust {
  isAllowed(source: string): boolean;
  /** Whether all code in a spec may run. */
  allows(spec: RunSpec): boolean;
  /** Lets a source run from now on, here and after a reload. */
  allow(source: string): void;
  /** Goes on at once where all code in the spec may run; else the reader is asked, and it goes on once that is allowed. */
  first(spec: RunSpec, goOn: () => void): void;
  /** The reader's answer about the code under review. */
  answer(allowed: boolean): void;
  /** Takes up what an earlier visit allowed. */
  restore(stored: unknown): void;
}

/** The setting that holds the hashes. */
export const ALLOWED = 'allowed';

export function createTrust(store: LabStore, saver: () => Saver): Trust {
  const hashes = new Set<string>();
  let goOn: (() => void) | null = null;

  const isAllowed = (source: string): boolean => hashes.has(sha256(source));
  const unread = (spec: RunSpec) => ownSources(spec).filter(({ source }) => !isAllowed(source));
  const allow = (source: string): void => {
    hashes.add(sha256(source));
    saver().setting(ALLOWED, [...hashes]);
  };

  return {
    isAllowed,
    allows: (spec) => unread(spec).length === 0,
    allow,
    first(spec, then) {
      const review = unread(spec);
      if (review.length === 0) {
        then();
        return;
      }
      goOn = then;
      store.setState({ review });
    },
    answer(allowed) {
      const { review } = store.getState();
      const then = goOn;
      goOn = null;
      store.setState({ review: null });
      if (!allowed || review === null) return;
      for (const { source } of review) allow(source);
      then?.();
    },
    restore(stored) {
      if (Array.isArray(stored)) for (const hash of stored) if (typeof hash === 'string') hashes.add(hash);
    },
  };
}
