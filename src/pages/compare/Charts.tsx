/** The chosen metrics, a chart for each, with one legend for all of them. */
import { Popover } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, type ReactElement, useCallback, useMemo, useState } from 'react';
import { linesOfMetric } from '../../charts/lines';
import type { MetricChartProps } from '../../charts/MetricChart';
import { CHARTS, type ChartId, type MetricSpec } from '../../core/charts';
import { plural } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { changeView, useView } from '../../store/views';
import { ChartControls } from '../../ui/ChartControls';
import { ChartLegend } from '../../ui/ChartLegend';
import { ChartOrTable } from '../../ui/ChartOrTable';
import controls from '../../ui/controls.module.css';
import { ExportMenu } from '../../ui/ExportMenu';
import { TableToggle } from '../../ui/TableToggle';
import { useLargePlot } from '../../ui/useLargePlot';
import { chartCsv } from '../lab/keep';
import { useVisible } from '../lab/useVisible';
import classes from './compare.module.css';
import type { Compared } from './useCompared';

const NARROWEST = 380;
const GAP = 8;
const HEIGHT = 200;

export interface ChartsProps {
  readonly compared: Compared;
  /** Those with a chart. */
  readonly metrics: readonly string[];
  /** All that were measured. */
  readonly measured: readonly string[];
  readonly specs: Readonly<Record<string, MetricSpec>>;
}

export const Charts = memo(function Charts({ compared, metrics, measured, specs }: ChartsProps): ReactElement {
  const { entries, runs } = compared;
  const { band } = useView('compare');
  const { ref, width } = useElementSize();
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const columns = Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  const chartWidth = (width - GAP * (columns - 1)) / columns;
  return (
    <section aria-label="Charts">
      <div className={classes.chartsBar}>
        <h3 className={classes.cardTitle}>Charts</h3>
        <MetricPicker metrics={metrics} measured={measured} specs={specs} />
        <span className={classes.grow} />
        <ChartControls page="compare" runIds={runIds} metrics={specs} />
      </div>
      <ChartLegend entries={entries} />
      <div ref={ref} className={classes.charts} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {metrics.map((metric) => (
          <MetricPanel key={metric} metric={metric} compared={compared} specs={specs} width={chartWidth} />
        ))}
      </div>
      {band === 'none' ? null : (
        <p className={classes.dim}>
          A mean stands at every step at which two runs of an arm or more have a value; nothing is interpolated. A seed that was trained
          twice counts once. Drag to zoom in, with shift to move along; a double click shows all.
        </p>
      )}
    </section>
  );
});

interface PanelProps extends Pick<ChartsProps, 'compared' | 'specs'> {
  readonly metric: string;
  readonly width: number;
}

const MetricPanel = memo(function MetricPanel({ metric, compared: { entries, runs }, specs, width }: PanelProps): ReactElement {
  const view = useView('compare');
  const smoothing = useLab((state) => state.smoothing);
  const [asTable, setAsTable] = useState(false);
  const { ref, visible, seen } = useVisible();
  const spec = specs[metric];
  const title = spec?.title ?? metric;
  const chart = CHARTS[spec?.chart ?? 'loss'];
  const lines = useCallback(() => linesOfMetric(metric, title, entries, lab.recordings), [metric, title, entries]);
  const common: MetricChartProps = {
    title,
    unit: spec?.unit ?? chart.unit,
    zero: chart.zero,
    lines,
    runs,
    active: null,
    held: null,
    onPick: null,
    recordings: lab.recordings,
    metrics: specs,
    view,
    smoothing,
    empty: 'None of the ticked runs has measured this yet.',
    several: true,
    visible,
    width: width - 10,
    height: HEIGHT,
  };
  const large = useLargePlot(common);
  return (
    <section ref={ref} className={classes.panel} aria-label={title} data-testid={`compare-chart-${metric}`}>
      <div className={classes.panelHead}>
        <h4 className={classes.chartTitle} title={spec?.help}>
          {title}
        </h4>
        <TableToggle title={title} asTable={asTable} onChange={setAsTable} className={controls.control} />
        <ExportMenu
          title={title}
          plot={large.plot}
          onDrawn={large.done}
          csv={() =>
            chartCsv(
              runs.map(({ id }) => id),
              [metric],
            )
          }
        />
      </div>
      <div style={{ minHeight: HEIGHT }}>{seen && width > 0 ? <ChartOrTable {...common} asTable={asTable} /> : null}</div>
      {large.element}
    </section>
  );
});

function MetricPicker({ metrics, measured, specs }: Omit<ChartsProps, 'compared'>): ReactElement {
  const charts = [...new Set(measured.flatMap((id) => specs[id]?.chart ?? []))] as ChartId[];
  const chosen = new Set(metrics);
  const choose = (id: string, wanted: boolean): void =>
    changeView('compare', { metrics: wanted ? [...metrics, id] : metrics.filter((other) => other !== id) });
  return (
    <Popover position="bottom-start" shadow="md" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={controls.control} data-testid="compare-metrics">
          {metrics.length} of {plural(measured.length, 'metric')} ▾
        </button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <div className={classes.picker}>
          {charts.map((chart) => (
            <fieldset key={chart}>
              <legend>{CHARTS[chart].title}</legend>
              {measured
                .filter((id) => specs[id]?.chart === chart)
                .map((id) => (
                  <label key={id} title={specs[id]?.help}>
                    <input type="checkbox" checked={chosen.has(id)} onChange={(event) => choose(id, event.currentTarget.checked)} />
                    {specs[id]?.title ?? id}
                  </label>
                ))}
            </fieldset>
          ))}
        </div>
        <button type="button" className={controls.control} onClick={() => changeView('compare', { metrics: null })}>
          As usual
        </button>
      </Popover.Dropdown>
    </Popover>
  );
}
