/** Makes a report of some runs: draws their charts out of sight, and puts them into one page with all tables. */
import { type ReactElement, useEffect, useRef } from 'react';
import { svgOf } from '../charts/export';
import type { ChartRun } from '../charts/lines';
import { MetricChart, type MetricChartProps } from '../charts/MetricChart';
import { reportHtml } from '../data/export-report';
import { browserInWords } from '../store/browser';
import { lab, useLab } from '../store/index';
import { type ReportInput, reportOf } from '../store/report';
import { addNotice } from '../store/state';
import type { ChartView } from '../store/views';
import { download, fileName } from './download';
import uiClasses from './ui.module.css';

const WIDTH = 700;
const HEIGHT = 250;
/** Frames to wait for the charts; a slow machine draws one in each. */
const FRAMES = 600;

/** A chart of the report, and what it is called there. */
export interface ReportFigure extends Pick<MetricChartProps, 'title' | 'unit' | 'zero' | 'lines'> {
  readonly named: string;
}

export interface ReportMakerProps {
  readonly figures: readonly ReportFigure[];
  readonly runs: readonly ChartRun[];
  readonly active: ChartRun | null;
  readonly view: ChartView;
  /** Whether what is drawn as one has to be told apart. */
  readonly several: boolean;
  /** The runs that the tables are of, in their order. */
  readonly runIds: readonly string[];
  /** What the tables show. */
  readonly tables: Pick<ReportInput, 'claimed' | 'place' | 'base'>;
  readonly onDone: () => void;
}

/** What is asked for at first stays what the report is of. */
export function ReportMaker({ figures, runs, active, view, several, runIds, tables, onDone }: ReportMakerProps): ReactElement | null {
  const catalogue = useLab((state) => state.catalogue);
  const smoothing = useLab((state) => state.smoothing);
  const host = useRef<HTMLDivElement>(null);
  const started = useRef(false);
  useEffect(() => {
    if (started.current || host.current === null) return;
    started.current = true;
    void make(host.current, runIds, tables).finally(onDone);
  }, [runIds, tables, onDone]);
  if (catalogue === null) return null;
  return (
    <div ref={host} className={uiClasses.offscreen} aria-hidden="true" inert>
      {figures.map(({ named, ...chart }) => (
        <div key={named} data-report-chart={named}>
          <MetricChart
            {...chart}
            runs={runs}
            active={active}
            held={null}
            onPick={null}
            recordings={lab.recordings}
            metrics={catalogue.metrics}
            view={view}
            smoothing={smoothing}
            empty=""
            several={several}
            visible
            width={WIDTH}
            height={HEIGHT}
          />
        </div>
      ))}
    </div>
  );
}

const nextFrame = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 16));

async function make(host: HTMLElement, runIds: readonly string[], tables: ReportMakerProps['tables']): Promise<void> {
  const places = [...host.querySelectorAll<HTMLElement>('[data-report-chart]')];
  for (let frame = 0; frame < FRAMES && places.some((place) => place.querySelector('[data-curve]') === null); frame++) await nextFrame();
  const figures = places.flatMap((place) => {
    const plot = place.querySelector<SVGSVGElement>('svg.recharts-surface');
    const title = place.dataset.reportChart ?? '';
    return plot === null ? [] : [{ title, svg: svgOf(plot, { title, subtitle: '', theme: 'light' }).svg }];
  });
  const { runs, catalogue, device } = lab.store.getState();
  const shown = runIds.flatMap((id) => runs[id] ?? []);
  if (catalogue === null || shown.length === 0) {
    addNotice(lab.store, 'There are no runs on show to report on.');
    return;
  }
  const report = reportOf({
    ...tables,
    runs: shown,
    catalogue,
    recordings: lab.recordings,
    figures,
    browser: browserInWords(navigator.userAgent),
    device: device === null ? 'none' : `${device.name} (${device.backend})`,
    date: new Date(),
  });
  download(`${fileName(`report ${report.title}`)}.html`, reportHtml(report), 'text/html');
}
