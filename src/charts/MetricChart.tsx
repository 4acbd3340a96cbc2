/** One chart of curves: Recharts without animation, drawn when the scheduler says so. */
import { memo, type ReactElement, useCallback, useState } from 'react';
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import { CHARTS, type ChartId, type MetricSpec } from '../core/charts';
import { formatNumber } from '../store/format';
import type { Recordings } from '../store/recording';
import type { Run } from '../store/run';
import classes from './charts.module.css';
import { linesOf } from './lines';
import { Marker } from './Marker';
import { type DrawnLine, type EndLabel, type Picture, pictureOf } from './picture';
import { formatTick } from './scale';
import { useDrawing } from './useDrawing';

export interface MetricChartProps {
  readonly chart: ChartId;
  readonly unit: string;
  readonly runs: readonly Run[];
  readonly activeId: string | null;
  readonly recordings: Recordings;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly smoothing: number;
  /** Of the whole, labels included, in pixels. */
  readonly width: number;
  readonly height: number;
}

const TOP = 18;
const BOTTOM = 20;
const LEFT = 44;
const RIGHT = 10;
const LABELS = 116;

export const MetricChart = memo(function MetricChart(props: MetricChartProps): ReactElement {
  const { chart, unit, runs, activeId, recordings, metrics, smoothing, width, height } = props;
  const [picture, setPicture] = useState<Picture | null>(null);
  const chartWidth = Math.max(120, width - LABELS);
  const plotHeight = height - TOP - BOTTOM;
  const draw = useCallback(() => {
    const lines = linesOf({ chart, unit, runs, activeId, recordings, metrics });
    const plot = {
      width: chartWidth - LEFT - RIGHT,
      height: plotHeight,
      zero: CHARTS[chart].zero || unit !== CHARTS[chart].unit,
      smoothing,
    };
    setPicture(pictureOf(lines, plot));
  }, [chart, unit, runs, activeId, recordings, metrics, smoothing, chartWidth, plotHeight]);
  useDrawing(
    recordings,
    runs.map((run) => run.id),
    draw,
  );
  if (picture === null || picture.rows.length === 0) return <Empty chart={chart} height={height} />;
  return (
    <div className={classes.chart} style={{ height }}>
      <div aria-hidden="true">
        <Plot picture={picture} width={chartWidth} height={height} unit={unit} />
      </div>
      <ul className={classes.labels} style={{ left: chartWidth, width: LABELS, top: TOP }} aria-label="Last values">
        {picture.labels.map((label) => (
          <Label key={`${label.line.run.id} ${label.line.metric}`} label={label} metrics={metrics} />
        ))}
      </ul>
    </div>
  );
});

function Plot({ picture, width, height, unit }: { picture: Picture; width: number; height: number; unit: string }): ReactElement {
  return (
    <LineChart
      width={width}
      height={height}
      data={picture.rows as Picture['rows'][number][]}
      margin={{ top: TOP, right: RIGHT, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} className={classes.grid as string} />
      <XAxis
        dataKey="step"
        type="number"
        domain={picture.x.domain}
        ticks={picture.x.ticks}
        interval={0}
        height={BOTTOM}
        tick={XTick}
        tickLine={false}
        axisLine={{ className: classes.axis }}
        niceTicks="none"
      />
      <YAxis
        type="number"
        domain={picture.y.domain}
        ticks={picture.y.ticks}
        interval={0}
        width={LEFT}
        tick={YTick}
        tickLine={false}
        axisLine={false}
        niceTicks="none"
        allowDataOverflow
      />
      <text x={4} y={10} className={classes.unit}>
        {unit}
      </text>
      <Tooltip
        isAnimationActive={false}
        wrapperStyle={{ zIndex: 5 }}
        cursor={{ className: classes.cursor }}
        content={({ active, label, payload }) =>
          active ? (
            <Reading
              step={Number(label)}
              lines={picture.lines}
              values={new Map(payload.map((p) => [String(p.dataKey), Number(p.value)]))}
            />
          ) : null
        }
      />
      {picture.lines.map((drawn) => (
        <Line
          key={drawn.key}
          dataKey={drawn.key}
          type="linear"
          stroke={colourOf(drawn)}
          strokeWidth={drawn.faint ? 1 : drawn.line.active ? 1.8 : 1.3}
          strokeDasharray={drawn.faint ? '' : drawn.line.dash}
          strokeOpacity={drawn.faint ? 0.3 : 1}
          dot={false}
          activeDot={false}
          connectNulls
          isAnimationActive={false}
        />
      ))}
    </LineChart>
  );
}

const colourOf = ({ line }: DrawnLine): string =>
  line.shade === 1 ? line.accent.colour : `color-mix(in srgb, ${line.accent.colour} ${line.shade * 100}%, var(--lab-text))`;

interface TickProps {
  readonly x: string | number;
  readonly y: string | number;
  readonly payload: { readonly value: number };
}

const XTick = ({ x, y, payload }: TickProps): ReactElement => (
  <text x={x} y={Number(y) + 4} textAnchor="middle" className={classes.tick}>
    {formatTick(payload.value)}
  </text>
);

const YTick = ({ x, y, payload }: TickProps): ReactElement => (
  <text x={x} y={Number(y) + 4} textAnchor="end" className={classes.tick}>
    {formatTick(payload.value)}
  </text>
);

/** The line end's value, and what it is of. */
function Label({ label, metrics }: { label: EndLabel; metrics: MetricChartProps['metrics'] }): ReactElement {
  const { line, value, top } = label;
  const words = line.active ? line.title : line.run.name;
  return (
    <li
      className={classes.label}
      style={{ top }}
      title={`${line.run.name === '' ? '' : `${line.run.name}, `}${line.title}: ${metrics[line.metric]?.help ?? ''}`}
      data-metric={line.metric}
      data-run={line.run.id}
      data-value={value}
    >
      <LineEnd drawn={{ key: 'y0', line, faint: false }} />
      <span className={classes.value}>{formatNumber(value)}</span>
      <span className={classes.words}>{words}</span>
    </li>
  );
}

/** A piece of the line with its run's marker. */
function LineEnd({ drawn }: { drawn: DrawnLine }): ReactElement {
  return (
    <span className={classes.lineEnd}>
      <svg width="14" height="8" aria-hidden="true">
        <line x1="0" y1="4" x2="14" y2="4" stroke={colourOf(drawn)} strokeWidth="2" strokeDasharray={drawn.line.dash} />
      </svg>
      <Marker accent={drawn.line.accent} size={7} />
    </span>
  );
}

/** All lines read at one step. */
function Reading({
  step,
  lines,
  values,
}: {
  step: number;
  lines: readonly DrawnLine[];
  values: ReadonlyMap<string, number>;
}): ReactElement {
  const several = new Set(lines.map(({ line }) => line.run.id)).size > 1;
  return (
    <div className={classes.reading}>
      <div className={classes.readingStep}>step {Math.round(step)}</div>
      {lines
        .filter((drawn) => !drawn.faint && values.has(drawn.key))
        .reverse()
        .map((drawn) => (
          <div key={drawn.key} className={classes.readingRow}>
            <LineEnd drawn={drawn} />
            <span>
              {drawn.line.title}
              {several ? `, ${drawn.line.run.name}` : ''}
            </span>
            <span className={classes.value}>{formatNumber(values.get(drawn.key) ?? Number.NaN)}</span>
          </div>
        ))}
    </div>
  );
}

function Empty({ chart, height }: { chart: ChartId; height: number }): ReactElement {
  return (
    <p className={classes.empty} style={{ height }}>
      {WHEN[chart]}
    </p>
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
