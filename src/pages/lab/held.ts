/** The step that the reader has scrubbed to: one for everything that shows a run as it was. */
import { useSyncExternalStore } from 'react';
import { createHolder } from '../../charts/holder';

const held = createHolder<{ readonly runId: string | null; readonly step: number } | null>(null);

/** Holds a run at a step; null follows it. */
export const holdStep = (runId: string | null, step: number | null): void => held.set(step === null ? null : { runId, step });

/** The step that a run is held at; null where it is followed. */
export function useHeldStep(runId: string | null): number | null {
  const value = useSyncExternalStore(held.subscribe, held.get);
  return value?.runId === runId ? value.step : null;
}
