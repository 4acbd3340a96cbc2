/**
 * One chart of curves. Recharts draws the frame, which changes only when an axis does; the curves listen to their
 * picture by themselves, so that a new point costs no more than its path.
 */
import { memo, type PointerEvent, type ReactElement, useCallback, useState, useSyncExternalStore } from 'react';
import { CartesianGrid, Curve, LineChart, useXAxisScale, useYAxisScale, XAxis, YAxis } from 'recharts';
import { CHARTS, type ChartId, type MetricSpec } from '../core/charts';
import type { Recordings } from '../store/recording';
import classes from './charts.module.css';
import { crosshair } from './crosshair';
import { createHolder, type Holder } from './holder';
import { colourOf, Labels } from './Labels';
import { type ChartRun, type Choices, linesOf } from './lines';
import { type Axis, type Picture, pictureOf, sameAxis } from './picture';
import { formatTick, niceAxis } from './scale';
import { useDrawing } from './useDrawing';

export interface MetricChartProps {
  readonly chart: ChartId;
  readonly unit: string;
  readonly runs: readonly ChartRun[];
  readonly activeId: string | null;
  readonly recordings: Recordings;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly claimed: readonly string[];
  readonly choices: Choices;
  readonly smoothing: number;
  /** Whether it is on the screen, or nearly. */
  readonly visible: boolean;
  /** Of the whole, labels included, in pixels. */
  readonly width: number;
  readonly height: number;
}

const TOP = 18;
const BOTTOM = 20;
const LEFT = 44;
const RIGHT = 10;

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

/** The frame is there before the first curve: the first steps of a run have enough to do. */
const NO_AXES: Axes = { x: niceAxis(0, 1, true), y: niceAxis(0, 1, true) };

export const MetricChart = memo(function MetricChart(props: MetricChartProps): ReactElement {
  const { chart, unit, runs, activeId, recordings, metrics, claimed, choices, smoothing, visible, width, height } = props;
  const [holder] = useState(() => createHolder<Picture | null>(null));
  const [axes, setAxes] = useState(NO_AXES);
  const [empty, setEmpty] = useState(true);
  const labelWidth = Math.min(180, Math.max(112, 0.38 * width));
  const chartWidth = Math.max(120, width - labelWidth);
  const plotWidth = chartWidth - LEFT - RIGHT;
  const plotHeight = height - TOP - BOTTOM;
  const draw = useCallback(() => {
    const lines = linesOf({ chart, unit, runs, activeId, recordings, metrics, claimed, choices });
    const zero = CHARTS[chart].zero || unit !== CHARTS[chart].unit;
    const picture = pictureOf(lines, { width: plotWidth, height: plotHeight, zero, smoothing });
    holder.set(picture);
    setEmpty(picture.rows.length === 0);
    setAxes((before) => (sameAxis(before.x, picture.x) && sameAxis(before.y, picture.y) ? before : { x: picture.x, y: picture.y }));
  }, [chart, unit, runs, activeId, recordings, metrics, claimed, choices, smoothing, plotWidth, plotHeight, holder]);
  useDrawing(
    recordings,
    runs.map((run) => run.id),
    draw,
    visible,
  );
  const onPointer = (event: PointerEvent<HTMLDivElement>): void => {
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / plotWidth;
    crosshair.set(share < 0 || share > 1 ? null : Math.round(share * axes.x.domain[1]));
  };
  return (
    <div className={classes.chart} style={{ height }}>
      <div aria-hidden="true" onPointerMove={onPointer} onPointerLeave={() => crosshair.set(null)}>
        <Frame axes={axes} holder={holder} width={chartWidth} height={height} unit={unit} />
      </div>
      {empty ? <p className={classes.empty}>{WHEN[chart]}</p> : null}
      <Labels holder={holder} metrics={metrics} several={runs.length > 1} left={chartWidth} width={labelWidth} top={TOP} />
    </div>
  );
});

interface FrameProps {
  readonly axes: Axes;
  readonly holder: Holder<Picture | null>;
  readonly width: number;
  readonly height: number;
  readonly unit: string;
}

/** What is handed to Recharts stays the same object, so that it has nothing to compare. */
const NO_DATA: never[] = [];
const MARGIN = { top: TOP, right: RIGHT, bottom: 0, left: 0 };
const AXIS_LINE = { className: classes.axis as string };

const Frame = memo(function Frame({ axes, holder, width, height, unit }: FrameProps): ReactElement {
  return (
    <LineChart width={width} height={height} data={NO_DATA} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--lab-grid)" />
      <XAxis
        type="number"
        dataKey="step"
        domain={axes.x.domain}
        ticks={axes.x.ticks}
        interval={0}
        height={BOTTOM}
        tick={XTick}
        tickLine={false}
        axisLine={AXIS_LINE}
        niceTicks="none"
        allowDataOverflow
      />
      <YAxis
        type="number"
        domain={axes.y.domain}
        ticks={axes.y.ticks}
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
      <Curves holder={holder} />
      <Cursor height={height} />
    </LineChart>
  );
});

/** The curves of the picture, in the chart's own scales. */
function Curves({ holder }: { holder: Holder<Picture | null> }): ReactElement | null {
  const picture = useSyncExternalStore(holder.subscribe, holder.get);
  const x = useXAxisScale();
  const y = useYAxisScale();
  if (picture === null || x === undefined || y === undefined) return null;
  return (
    <g>
      {picture.lines.map((drawn) => {
        const points = picture.rows.flatMap((row) => {
          const value = row[drawn.key];
          return value === undefined ? [] : [{ x: x(row.step) ?? 0, y: y(value) ?? 0 }];
        });
        // A single point has no line yet; a dot shows that it is there.
        const only = points.length === 1 ? points[0] : undefined;
        return only === undefined ? (
          <Curve
            key={drawn.key}
            type="linear"
            points={points}
            fill="none"
            stroke={colourOf(drawn.line)}
            strokeWidth={drawn.faint ? 1 : drawn.line.active ? 1.8 : 1.3}
            strokeDasharray={drawn.faint ? '' : drawn.line.dash}
            strokeOpacity={drawn.faint ? 0.3 : 1}
          />
        ) : (
          <circle key={drawn.key} cx={only.x} cy={only.y} r={2.5} fill={colourOf(drawn.line)} />
        );
      })}
    </g>
  );
}

/** The line at the step that is read off, in every chart at once. */
function Cursor({ height }: { height: number }): ReactElement | null {
  const step = useSyncExternalStore(crosshair.subscribe, crosshair.get);
  const x = useXAxisScale();
  if (step === null || x === undefined) return null;
  const at = x(step);
  return at === undefined ? null : <line x1={at} x2={at} y1={TOP} y2={height - BOTTOM} className={classes.cursor} />;
}

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
