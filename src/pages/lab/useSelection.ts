/** Which runs of the list are selected. */
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Run } from '../../store/run';

export interface Selection {
  /** Selected runs that the list still has. */
  readonly ids: ReadonlySet<string>;
  /** Selects a run or lets it go; `through` selects all from the last one that was touched up to it. */
  toggle(runId: string, through: boolean): void;
  set(runIds: readonly string[], selected: boolean): void;
  clear(): void;
}

/**
 * @param shown ids in the order in which they stand
 * @param runs those that can be selected
 */
export function useSelection(shown: readonly string[], runs: readonly Run[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const latest = useRef({ shown, anchor: '' });
  latest.current.shown = shown;
  const ids = useMemo(() => new Set(runs.flatMap(({ id }) => (chosen.has(id) ? [id] : []))), [chosen, runs]);
  const set = useCallback((runIds: readonly string[], selected: boolean): void => {
    setChosen((old) => new Set(selected ? [...old, ...runIds] : [...old].filter((id) => !runIds.includes(id))));
  }, []);
  const toggle = useCallback((runId: string, through: boolean): void => {
    const { shown: order, anchor } = latest.current;
    const [from, to] = [order.indexOf(anchor), order.indexOf(runId)].sort((a, b) => a - b) as [number, number];
    latest.current.anchor = runId;
    setChosen((old) => {
      if (through && from >= 0) return new Set([...old, ...order.slice(from, to + 1)]);
      return new Set(old.has(runId) ? [...old].filter((id) => id !== runId) : [...old, runId]);
    });
  }, []);
  const clear = useCallback(() => setChosen(new Set()), []);
  return { ids, toggle, set, clear };
}
