/** One chart with its title; it is drawn only while it can be seen. */
import { Tooltip } from '@mantine/core';
import { memo, type ReactElement, useCallback, useState } from 'react';
import { type ChartRun, type Entry, linesOf } from '../../charts/lines';
import type { MetricChartProps } from '../../charts/MetricChart';
import { SliceBars } from '../../charts/SliceBars';
import { ToleranceChart } from '../../charts/ToleranceChart';
import { useDrawing } from '../../charts/useDrawing';
import { useSettled } from '../../charts/useSettled';
import { CHARTS, type ChartId, type MetricSpec } from '../../core/charts';
import { lab } from '../../store/index';
import { accentOf } from '../../store/palette';
import type { Slices } from '../../store/recording';
import type { ChartView } from '../../store/views';
import { ChartOrTable } from '../../ui/ChartOrTable';
import { ExportMenu } from '../../ui/ExportMenu';
import { TableToggle } from '../../ui/TableToggle';
import uiClasses from '../../ui/ui.module.css';
import { useLargePlot } from '../../ui/useLargePlot';
import { holdStep, useHeldStep } from './held';
import { chartCsv } from './keep';
import classes from './lab.module.css';
import { MetricMenu, useChoices } from './MetricMenu';
import { heldIndex } from './Scrub';
import { useVisible } from './useVisible';

export interface ChartPanelProps {
  readonly chart: ChartId;
  /** Units that something was measured in, as one string, so that an equal list is no change. */
  readonly units: string;
  readonly runs: readonly ChartRun[];
  readonly active: ChartRun | null;
  readonly entries: readonly Entry[];
  readonly activeEntry: string | null;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly claimed: readonly string[];
  readonly view: ChartView;
  readonly smoothing: number;
  readonly width: number;
}

export const UNIT_SEPARATOR = '|';
const HEIGHT = 182;
/** Of what lies under the chart, on either side. */
const PADDING = 12;

export const ChartPanel = memo(function ChartPanel({
  chart,
  units,
  runs,
  active,
  entries,
  activeEntry,
  metrics,
  claimed,
  view,
  smoothing,
  width,
}: ChartPanelProps): ReactElement {
  const { title, help, unit: own } = CHARTS[chart];
  const measured = units.split(UNIT_SEPARATOR);
  const [chosen, setChosen] = useState<string | null>(null);
  const unit = chosen !== null && measured.includes(chosen) ? chosen : (measured[0] ?? own);
  const { ref, visible, seen } = useVisible();
  const choices = useChoices();
  const [asTable, setAsTable] = useState(false);
  const held = useHeldStep(active?.id ?? null);
  const lines = useCallback(
    () => linesOf({ chart, unit, entries, activeId: activeEntry, recordings: lab.recordings, metrics, claimed, choices }),
    [chart, unit, entries, activeEntry, metrics, claimed, choices],
  );
  const onPick = useCallback((step: number) => holdStep(active?.id ?? null, step), [active]);
  const common: MetricChartProps = {
    title,
    unit,
    zero: CHARTS[chart].zero || unit !== own,
    lines,
    runs,
    active,
    held,
    onPick,
    recordings: lab.recordings,
    metrics,
    view,
    smoothing,
    empty: WHEN[chart],
    several: entries.length > 1,
    visible,
    width: width - 10,
    height: HEIGHT,
  };
  const large = useLargePlot(common);
  return (
    <section ref={ref} className={classes.panel} data-testid={`chart-${chart}`} aria-label={title}>
      <div className={classes.panelHead}>
        <Tooltip label={help} multiline w={280} openDelay={250} events={{ hover: true, focus: false, touch: true }}>
          <h3 className={classes.chartTitle}>{title}</h3>
        </Tooltip>
        <span className={classes.grow} />
        {measured.length > 1
          ? measured.map((name) => (
              <button key={name} type="button" className={classes.unitButton} aria-pressed={name === unit} onClick={() => setChosen(name)}>
                {name === '' ? title.toLowerCase() : name}
              </button>
            ))
          : null}
        {seen ? <TableToggle title={title} asTable={asTable} onChange={setAsTable} className={classes.unitButton} /> : null}
        <MetricMenu chart={chart} unit={unit} runs={runs} metrics={metrics} claimed={claimed} />
        <ExportMenu
          title={title}
          plot={large.plot}
          onDrawn={large.done}
          csv={() =>
            chartCsv(
              runs.map(({ id }) => id),
              Object.keys(metrics).filter((id) => metrics[id]?.chart === chart),
            )
          }
        />
      </div>
      <div className={classes.chartBody} style={{ minHeight: HEIGHT }}>
        {seen && width > 0 ? <ChartOrTable {...common} asTable={asTable} /> : null}
      </div>
      {large.element}
      {chart === 'sparsity' && active !== null ? <PerSlice run={active} held={held} width={width - 2 * PADDING} /> : null}
    </section>
  );
});

/** The share by tolerance and of each slice, as of the last evaluation, or as of the step that the run is held at. */
function PerSlice({ run, held, width }: { run: ChartRun; held: number | null; width: number }): ReactElement | null {
  const [open, setOpen] = useState(false);
  const [slices, setSlices] = useSettled<Slices | null>(null);
  const draw = useCallback(() => {
    const recording = lab.recordings.get(run.id);
    const frames = recording?.sliceFrames.items ?? [];
    const steps = frames.map(({ step }) => step);
    setSlices((held === null ? undefined : frames[heldIndex(steps, held)]?.value) ?? recording?.slices ?? null);
  }, [run.id, held, setSlices]);
  useDrawing(lab.recordings, [run.id], draw);
  if (slices === null) return null;
  return (
    <div className={classes.sliceBody}>
      <button type="button" className={uiClasses.link} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide' : `By ${slices.curve === undefined ? '' : 'tolerance and '}slice (${slices.names.length})`}
      </button>
      {open ? (
        <>
          <p className={uiClasses.note}>
            Step {slices.step}: f32, any change at all (pale); bf16, changed by more than 1e-5 after rounding (full).
            {slices.curve === undefined ? null : ' The dots are these two, for all slices together.'}
          </p>
          {slices.curve === undefined ? null : <ToleranceChart curve={slices.curve} colour={accentOf(run.accent).colour} width={width} />}
          <SliceBars slices={slices} colour={accentOf(run.accent).colour} />
        </>
      ) : null}
    </div>
  );
}

const EVALUATED = 'Appears with the first evaluation, and then as often as the setup looks.';
const STEPPED = 'Appears with the first steps of training.';

/** What a chart without data says about itself. */
const WHEN: Record<ChartId, string> = {
  reward: EVALUATED,
  loss: STEPPED,
  kl: EVALUATED,
  entropy: EVALUATED,
  diversity: EVALUATED,
  sparsity: EVALUATED,
  logratio: 'Appears with the first steps of an objective that learns from chosen and rejected completions.',
  gradient: STEPPED,
  accuracy: EVALUATED,
  ratio: 'Appears with the first steps of an objective that compares samples with the policy that drew them.',
  length: EVALUATED,
  speed: STEPPED,
};
