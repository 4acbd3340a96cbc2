/** The runs that are drawn: the one that is looked at first, then those that the reader shows. */
import { useMemo } from 'react';
import type { ChartRun } from '../../charts/lines';
import { useLab } from '../../store/index';
import { type LabState, shownRun } from '../../store/state';

export interface Shown {
  readonly runs: readonly ChartRun[];
  /** The first of the runs where it is looked at. */
  readonly active: ChartRun | null;
}

/** Stays the same object while only the state of a run changes, so that the charts are left alone. */
export function useShown(): Shown {
  const key = useLab(shownKey);
  return useMemo(() => JSON.parse(key) as Shown, [key]);
}

function shownKey(state: LabState): string {
  const chartRun = ({ id, name, accent, totalSteps }: ChartRun): ChartRun => ({ id, name, accent, totalSteps });
  const shown = shownRun(state);
  const active = shown === null ? null : chartRun(shown);
  const others = state.order.flatMap((id) => {
    const run = state.runs[id];
    return run?.visible === true && id !== active?.id ? [chartRun(run)] : [];
  });
  return JSON.stringify({ runs: active === null ? others : [active, ...others], active });
}
