/** The runs that are drawn: the one that is looked at first, then those that the reader shows. */
import { useMemo } from 'react';
import { useLab } from '../../store/index';
import type { Run } from '../../store/run';
import { shownRun } from '../../store/state';

export function useShown(): { readonly runs: readonly Run[]; readonly active: Run | null } {
  const active = useLab(shownRun);
  const runs = useLab((state) => state.runs);
  const order = useLab((state) => state.order);
  return useMemo(() => {
    const others = order.flatMap((id) => {
      const run = runs[id];
      return run?.visible === true && run.id !== active?.id ? [run] : [];
    });
    return { runs: active === null ? others : [active, ...others], active };
  }, [active, runs, order]);
}
