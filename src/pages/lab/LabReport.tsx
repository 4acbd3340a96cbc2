/** The report of the runs on show, with the charts of the lab. */
import { type ReactElement, useMemo } from 'react';
import { linesOf, measuredUnits } from '../../charts/lines';
import { CHARTS, type ChartId } from '../../core/charts';
import { EXPERIMENTS } from '../../store/experiments';
import { shownIds } from '../../store/exports';
import { lab, useLab } from '../../store/index';
import { useView } from '../../store/views';
import { type ReportFigure, ReportMaker } from '../../ui/ReportMaker';
import { useChoices } from './MetricMenu';
import { useShown } from './useShown';

const CHART_IDS = Object.keys(CHARTS) as ChartId[];

export default function LabReport({ onDone }: { onDone: () => void }): ReactElement | null {
  const { runs, active, entries, activeEntry } = useShown();
  const catalogue = useLab((state) => state.catalogue);
  const view = useView('lab');
  const choices = useChoices();
  const runIds = useMemo(() => shownIds(lab), []);
  const tables = useMemo(() => ({ claimed: claimedBy(runIds), place: { reading: 'last', step: 0 }, base: null }) as const, [runIds]);
  const figures = useMemo(() => {
    if (catalogue === null) return [];
    const { metrics } = catalogue;
    const measured = measuredUnits(runs, lab.recordings, metrics);
    return CHART_IDS.flatMap((chart) =>
      (measured.get(chart) ?? []).map((unit): ReportFigure => {
        const { title, zero, unit: usual } = CHARTS[chart];
        const { claimed } = tables;
        return {
          named: unit === usual || unit === '' ? title : `${title}, ${unit}`,
          title,
          unit,
          zero: zero || unit !== usual,
          lines: () => linesOf({ chart, unit, entries, activeId: activeEntry, recordings: lab.recordings, metrics, claimed, choices }),
        };
      }),
    );
  }, [catalogue, runs, entries, activeEntry, tables, choices]);
  return (
    <ReportMaker
      figures={figures}
      runs={runs}
      active={active}
      view={view}
      several={entries.length > 1}
      runIds={runIds}
      tables={tables}
      onDone={onDone}
    />
  );
}

/** Metrics that the experiments of some runs are decided by. */
function claimedBy(runIds: readonly string[]): string[] {
  const { runs } = lab.store.getState();
  const experiments = new Set(runIds.map((id) => runs[id]?.origin?.experiment));
  return EXPERIMENTS.filter(({ id }) => experiments.has(id)).flatMap((experiment) => experiment.claims.map(({ metric }) => metric));
}
