/** What the page is told of a reader's source: its errors with their place, or what it is. */
import type { ObjectiveEntry, RewardEntry } from '../core/catalogue';
import type { OwnChecked, OwnKind } from '../core/own';
import { objectiveEntry, rewardEntry } from './catalogue';
import { compileOwn } from './own';
import { runDry, scoreDry } from './own-dry';
import { OwnFault } from './own-source';

/** Compiles a source and runs it dry. Errors are for the reader, with their place. */
export function checkOwn(kind: OwnKind, source: string): OwnChecked {
  try {
    return { errors: [], entry: entryOf(kind, source) };
  } catch (error) {
    if (error instanceof OwnFault) return { errors: error.errors, entry: null };
    const message = error instanceof Error ? error.message : String(error);
    return { errors: [{ line: 1, column: 1, message }], entry: null };
  }
}

function entryOf(kind: OwnKind, source: string): ObjectiveEntry | RewardEntry {
  if (kind === 'objective') {
    const objective = compileOwn('objective', source);
    runDry(objective, source);
    return objectiveEntry(objective, source);
  }
  const reward = compileOwn('reward', source);
  scoreDry(reward, source);
  return rewardEntry(reward, source);
}
