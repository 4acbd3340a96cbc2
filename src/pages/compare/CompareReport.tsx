/** The report of what is compared: its charts, and tables read and held against an arm as the page does it. */
import { type ReactElement, useMemo } from 'react';
import { linesOfMetric } from '../../charts/lines';
import { CHARTS, type MetricSpec } from '../../core/charts';
import { lab } from '../../store/index';
import { useView } from '../../store/views';
import { type ReportFigure, ReportMaker } from '../../ui/ReportMaker';
import type { Compared } from './useCompared';

export interface CompareReportProps {
  readonly compared: Compared;
  readonly metrics: readonly string[];
  readonly specs: Readonly<Record<string, MetricSpec>>;
  readonly onDone: () => void;
}

export default function CompareReport({ compared: { runs, entries }, metrics, specs, onDone }: CompareReportProps): ReactElement {
  const view = useView('compare');
  const { reading, step, base } = view;
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const tables = useMemo(() => ({ claimed: metrics, place: { reading, step }, base }), [metrics, reading, step, base]);
  const figures = useMemo(
    () =>
      metrics.map((metric): ReportFigure => {
        const spec = specs[metric];
        const chart = CHARTS[spec?.chart ?? 'loss'];
        const title = spec?.title ?? metric;
        return {
          named: title,
          title,
          unit: spec?.unit ?? chart.unit,
          zero: chart.zero,
          lines: () => linesOfMetric(metric, title, entries, lab.recordings),
        };
      }),
    [metrics, specs, entries],
  );
  return <ReportMaker figures={figures} runs={runs} active={null} view={view} several runIds={runIds} tables={tables} onDone={onDone} />;
}
