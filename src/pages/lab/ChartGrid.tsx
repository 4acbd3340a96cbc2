/** All charts that have something to show, or will have, in as many columns as fit. */
import { useElementSize } from '@mantine/hooks';
import { memo, type ReactElement, type ReactNode, useCallback, useMemo } from 'react';
import { chartsToDraw, expectedCharts, measuredUnits } from '../../charts/lines';
import { useDrawing } from '../../charts/useDrawing';
import { useSettled } from '../../charts/useSettled';
import { CHARTS, type ChartId } from '../../core/charts';
import { EXPERIMENTS } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import { useLinkView } from '../../store/link-view';
import { shownRun } from '../../store/state';
import { useView } from '../../store/views';
import { ChartControls } from '../../ui/ChartControls';
import { ChartLegend } from '../../ui/ChartLegend';
import { ChartPanel, UNIT_SEPARATOR } from './ChartPanel';
import classes from './lab.module.css';
import { useShown } from './useShown';

const NARROWEST = 316;
const GAP = 8;

/** Steps after which a chart that is still empty is taken to stay so. */
const EARLY_STEPS = 50;

type Measured = Readonly<Partial<Record<ChartId, string>>>;

const NOTHING: Measured = {};
const sameMeasured = (a: Measured, b: Measured): boolean => JSON.stringify(a) === JSON.stringify(b);

export const ChartGrid = memo(function ChartGrid({ head }: { head: ReactNode }): ReactElement | null {
  const { runs, active, entries, activeEntry } = useShown();
  const view = useView('lab');
  const catalogue = useLab((state) => state.catalogue);
  const draft = useLab((state) => state.setup?.draft);
  const smoothing = useLab((state) => state.smoothing);
  const [measured, setMeasured] = useSettled(NOTHING, sameMeasured);
  const [early, setEarly] = useSettled(true);
  const metrics = catalogue?.metrics;
  const experiment = useLab((state) => shownRun(state)?.origin?.experiment ?? state.setup?.opened?.experiment);
  const claimed = useMemo(() => claimedMetrics(experiment), [experiment]);
  const draw = useCallback(() => {
    if (metrics === undefined) return;
    const units = measuredUnits(runs, lab.recordings, metrics);
    const next = Object.fromEntries([...units].map(([chart, names]) => [chart, names.join(UNIT_SEPARATOR)])) as Measured;
    setMeasured(next);
    setEarly(runs.every((run) => (lab.recordings.get(run.id)?.step ?? 0) < EARLY_STEPS));
  }, [runs, metrics, setMeasured, setEarly]);
  useDrawing(
    lab.recordings,
    runs.map((run) => run.id),
    draw,
  );
  const hidden = useLinkView(({ hide }) => hide);
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const { ref, width } = useElementSize();
  const expected = useMemo(() => (draft === undefined || catalogue === null ? [] : expectedCharts(draft, catalogue)), [draft, catalogue]);
  if (catalogue === null) return null;
  const charts = chartsToDraw(expected, new Set(Object.keys(measured) as ChartId[]), early).filter((id) => !hidden.includes(`chart.${id}`));
  const columns = Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  const chartWidth = (width - GAP * (columns - 1)) / columns;
  return (
    <div>
      <div className={classes.chartsBar}>
        {head}
        <span className={classes.grow} />
        <ChartControls page="lab" runIds={runIds} metrics={catalogue.metrics} />
      </div>
      {entries.length > 1 ? <ChartLegend entries={entries} /> : null}
      <div ref={ref} className={classes.charts} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, marginTop: 8 }}>
        {charts.map((chart) => (
          <ChartPanel
            key={chart}
            chart={chart}
            units={measured[chart] ?? CHARTS[chart].unit}
            runs={runs}
            active={active}
            entries={entries}
            activeEntry={activeEntry}
            view={view}
            metrics={catalogue.metrics}
            claimed={claimed}
            smoothing={smoothing}
            width={chartWidth}
          />
        ))}
      </div>
    </div>
  );
});

const claimedMetrics = (experiment: string | undefined): string[] =>
  EXPERIMENTS.find((candidate) => candidate.id === experiment)?.claims.map((claim) => claim.metric) ?? [];
