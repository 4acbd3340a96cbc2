/** What comes back after a reload. */
import type { Catalogue } from '../core/catalogue';
import { renewed } from '../core/spec';
import { checkDraft, type Setup } from './draft';
import type { OwnDraft } from './own-drafts';
import { type LabDatabase, loadRuns, loadSetting } from './persist';
import { isPlan } from './plan';
import { reviveRun } from './run';
import type { LabStore } from './state';

/** Puts stored runs, drafts and settings into the store; returns the stored setup. Rejects where the storage cannot be read. */
export async function restoreState(db: LabDatabase, store: LabStore): Promise<Setup | null> {
  const runs = (await loadRuns(db)).map(reviveRun);
  const activeId = await loadSetting(db, 'activeId');
  const smoothing = await loadSetting(db, 'smoothing');
  const drafts = await loadSetting(db, 'drafts');
  const plan = await loadSetting(db, 'plan');
  store.setState({
    runs: Object.fromEntries(runs.map((run) => [run.id, run])),
    order: runs.map((run) => run.id),
    activeId: runs.some((run) => run.id === activeId) ? (activeId as string) : null,
    ...(typeof smoothing === 'number' ? { smoothing } : {}),
    ...(isPlan(plan) ? { plan } : {}),
    ...(Array.isArray(drafts) ? { drafts: drafts as OwnDraft[] } : {}),
  });
  const setup = (await loadSetting(db, 'setup')) as Setup | undefined;
  return setup === undefined ? null : { ...setup, draft: renewed(setup.draft), baseline: renewed(setup.baseline) };
}

/** A stored setup, unless the lab has changed since so that even what a reset goes back to cannot be run. */
export function usableSetup(stored: Setup | null, catalogue: Catalogue): Setup | null {
  if (stored === null) return null;
  try {
    return checkDraft(stored.baseline, catalogue).spec === null ? null : stored;
  } catch {
    return null;
  }
}
