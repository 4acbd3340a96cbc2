/** Makes a report of the runs on show: draws their charts out of sight, and puts them into one page with all tables. */
import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import { svgOf } from '../../charts/export';
import { linesOf, measuredUnits } from '../../charts/lines';
import { MetricChart } from '../../charts/MetricChart';
import { CHARTS, type ChartId } from '../../core/charts';
import { reportHtml } from '../../data/export-report';
import { browserInWords } from '../../store/browser';
import { EXPERIMENTS } from '../../store/experiments';
import { shownIds } from '../../store/exports';
import { lab, useLab } from '../../store/index';
import { reportOf } from '../../store/report';
import { addNotice } from '../../store/state';
import { useView } from '../../store/views';
import { download, fileName } from '../../ui/download';
import uiClasses from '../../ui/ui.module.css';
import { useChoices } from './MetricMenu';
import { useShown } from './useShown';

const WIDTH = 700;
const HEIGHT = 250;
/** Frames to wait for the charts; a slow machine draws one in each. */
const FRAMES = 600;

export default function ReportMaker({ onDone }: { onDone: () => void }): ReactElement | null {
  const { runs, active, entries, activeEntry } = useShown();
  const catalogue = useLab((state) => state.catalogue);
  const view = useView('lab');
  const smoothing = useLab((state) => state.smoothing);
  const choices = useChoices();
  const host = useRef<HTMLDivElement>(null);
  const charts = useMemo(() => {
    if (catalogue === null) return [];
    const measured = measuredUnits(runs, lab.recordings, catalogue.metrics);
    return CHART_IDS.flatMap((chart) => (measured.get(chart) ?? []).map((unit) => ({ chart, unit })));
  }, [runs, catalogue]);
  const claimed = useMemo(() => {
    const state = lab.store.getState();
    const experiments = new Set(shownIds(lab).map((id) => state.runs[id]?.origin?.experiment));
    return EXPERIMENTS.filter(({ id }) => experiments.has(id)).flatMap((experiment) => experiment.claims.map(({ metric }) => metric));
  }, []);
  const lines = useMemo(
    () =>
      charts.map(
        ({ chart, unit }) =>
          () =>
            linesOf({
              chart,
              unit,
              entries,
              activeId: activeEntry,
              recordings: lab.recordings,
              metrics: catalogue?.metrics ?? {},
              claimed,
              choices,
            }),
      ),
    [charts, entries, activeEntry, catalogue, claimed, choices],
  );
  const started = useRef(false);
  useEffect(() => {
    // What is drawn at first stays what the report is of.
    if (started.current || host.current === null) return;
    started.current = true;
    void make(host.current, claimed).finally(onDone);
  }, [claimed, onDone]);
  if (catalogue === null) return null;
  return (
    <div ref={host} className={uiClasses.offscreen} aria-hidden="true" inert>
      {charts.map(({ chart, unit }, i) => (
        <div key={`${chart} ${unit}`} data-report-chart={titleOf(chart, unit)}>
          <MetricChart
            title={CHARTS[chart].title}
            unit={unit}
            zero={CHARTS[chart].zero || unit !== CHARTS[chart].unit}
            lines={lines[i] ?? NO_LINES}
            runs={runs}
            active={active}
            held={null}
            onPick={null}
            recordings={lab.recordings}
            metrics={catalogue.metrics}
            view={view}
            smoothing={smoothing}
            empty=""
            several={entries.length > 1}
            visible
            width={WIDTH}
            height={HEIGHT}
          />
        </div>
      ))}
    </div>
  );
}

const CHART_IDS = Object.keys(CHARTS) as ChartId[];
const NO_LINES = () => [];

const titleOf = (chart: ChartId, unit: string): string =>
  unit === CHARTS[chart].unit || unit === '' ? CHARTS[chart].title : `${CHARTS[chart].title}, ${unit}`;

const nextFrame = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 16));

async function make(host: HTMLElement, claimed: readonly string[]): Promise<void> {
  const places = [...host.querySelectorAll<HTMLElement>('[data-report-chart]')];
  for (let frame = 0; frame < FRAMES && places.some((place) => place.querySelector('[data-curve]') === null); frame++) await nextFrame();
  const figures = places.flatMap((place) => {
    const plot = place.querySelector<SVGSVGElement>('svg.recharts-surface');
    const title = place.dataset.reportChart ?? '';
    return plot === null ? [] : [{ title, svg: svgOf(plot, { title, subtitle: '', theme: 'light' }).svg }];
  });
  const { runs, catalogue, device } = lab.store.getState();
  const shown = shownIds(lab).flatMap((id) => runs[id] ?? []);
  if (catalogue === null || shown.length === 0) {
    addNotice(lab.store, 'There are no runs on show to report on.');
    return;
  }
  const report = reportOf({
    runs: shown,
    catalogue,
    recordings: lab.recordings,
    figures,
    claimed,
    browser: browserInWords(navigator.userAgent),
    device: device === null ? 'none' : `${device.name} (${device.backend})`,
    date: new Date(),
  });
  download(`${fileName(`report ${report.title}`)}.html`, reportHtml(report), 'text/html');
}
