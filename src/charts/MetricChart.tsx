/**
 * One chart of curves. Recharts draws the frame, which changes only when an axis does; the curves listen to their
 * picture by themselves, so that a new point costs no more than its path.
 */
import { lazy, memo, type ReactElement, Suspense, useCallback, useState, useSyncExternalStore } from 'react';
import type { MetricSpec } from '../core/charts';
import type { Recordings } from '../store/recording';
import type { ChartView } from '../store/views';
import classes from './charts.module.css';
import { zoom } from './crosshair';
import type { Box } from './distribution';
import { createHolder } from './holder';
import { Labels } from './Labels';
import type { ChartRun, LineSpec } from './lines';
import { PlotArea } from './PlotArea';
import { type Look, type Picture, pictureOf } from './picture';
import { type Axis, EDGES, niceAxis, sameAxis } from './scale';
import { useDrawing } from './useDrawing';
import { STEPS, xAxisOf } from './xaxis';

/** Recharts is a good part of the page, and there is nothing to draw before the worker is there. */
const plotting = import('./ChartFrame');
// Fetched at once, beside the first load: read when a run begins, it would hold up the page in the middle of it.
const ChartFrame = lazy(() => plotting.then((module) => ({ default: module.ChartFrame })));

export interface MetricChartProps {
  /** What it shows, in words. */
  readonly title: string;
  readonly unit: string;
  /** Whether 0 belongs on the y axis. */
  readonly zero: boolean;
  /** The lines as they are now; another function where others are wanted. */
  readonly lines: () => readonly LineSpec[];
  /** All runs whose lines these are. */
  readonly runs: readonly ChartRun[];
  /** The run whose steps a click goes to; null for none. */
  readonly active: ChartRun | null;
  /** The step that it is held at; null where it is followed. */
  readonly held: number | null;
  readonly onPick: ((step: number) => void) | null;
  readonly recordings: Recordings;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly view: ChartView;
  readonly smoothing: number;
  /** What to say while nothing has been measured. */
  readonly empty: string;
  /** Whether entries have to be told apart. */
  readonly several: boolean;
  /** Whether it is on the screen, or nearly. */
  readonly visible: boolean;
  /** Of the whole, labels included, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** What the frame needs. */
interface Drawn {
  readonly x: Axis;
  readonly y: Axis;
  readonly look: Look;
  readonly nothing: Picture['nothing'];
}

const plain = (): Axis => ({ ...niceAxis(0, 1, true), log: false });

/** The frame is there before the first curve: the first steps of a run have enough to do. */
const NO_LOOK: Look = { axis: STEPS, logX: false, logY: false, band: 'none', individuals: false, smoothing: 0 };
const NOT_DRAWN: Drawn = { x: plain(), y: plain(), look: NO_LOOK, nothing: 'unmeasured' };

export const MetricChart = memo(function MetricChart(props: MetricChartProps): ReactElement {
  const { title, unit, zero, lines, runs, active, held, onPick, recordings, metrics, view, smoothing, width, height } = props;
  const [holder] = useState(() => createHolder<Picture | null>(null));
  const [drawn, setDrawn] = useState(NOT_DRAWN);
  const zoomed = useSyncExternalStore(zoom.subscribe, zoom.get);
  const labelWidth = Math.min(180, Math.max(112, 0.38 * width));
  const chartWidth = Math.max(120, width - labelWidth);
  const box = useBox(chartWidth, height);
  const range = useRange(zoomed?.axis === view.x ? zoomed : null);
  const draw = useCallback(() => {
    const axis = xAxisOf(
      view.x,
      runs.flatMap(({ id }) => recordings.get(id)?.series ?? []),
      metrics,
    );
    const look: Look = { ...view, axis, smoothing };
    const picture = pictureOf(lines(), { ...look, ...box, zero, range });
    holder.set(picture);
    setDrawn((before) => ({ ...before, ...kept(before, picture, look) }));
  }, [lines, runs, recordings, metrics, view, smoothing, box, zero, range, holder]);
  useDrawing(
    recordings,
    runs.map((run) => run.id),
    draw,
    props.visible,
  );
  const { x, y, look, nothing } = drawn;
  return (
    <div className={classes.chart} style={{ height }} data-x-title={look.axis.title}>
      <PlotArea
        title={title}
        frame={{ axis: look.axis, shown: x }}
        holder={holder}
        look={look}
        box={box}
        active={active}
        recordings={recordings}
        onPick={onPick}
      >
        <Suspense fallback={<div style={{ height }} />}>
          <ChartFrame
            x={x}
            y={y}
            axis={look.axis}
            holder={holder}
            box={box}
            width={chartWidth}
            height={height}
            unit={unit}
            active={active}
            recordings={recordings}
            held={held}
          />
        </Suspense>
      </PlotArea>
      {nothing === null ? null : <p className={classes.empty}>{nothingInWords(nothing, props.empty, look)}</p>}
      <Labels holder={holder} look={look} metrics={metrics} several={props.several} left={chartWidth} width={labelWidth} top={EDGES.top} />
    </div>
  );
});

/** The plot without its axes, the same object while it is of one size. */
function useBox(width: number, height: number): Box {
  const [box, setBox] = useState<Box | null>(null);
  const next: Box = {
    left: EDGES.left,
    top: EDGES.top,
    width: width - EDGES.left - EDGES.right,
    height: height - EDGES.top - EDGES.bottom,
  };
  if (box !== null && box.width === next.width && box.height === next.height) return box;
  setBox(next);
  return next;
}

/** What is zoomed into as a pair, the same while it is. */
function useRange(zoomed: { readonly from: number; readonly to: number } | null): readonly [number, number] | null {
  const [range, setRange] = useState<readonly [number, number] | null>(null);
  const same = zoomed === null ? range === null : range !== null && range[0] === zoomed.from && range[1] === zoomed.to;
  if (same) return range;
  const next = zoomed === null ? null : ([zoomed.from, zoomed.to] as const);
  setRange(next);
  return next;
}

/** What has not changed stays the same object, so that what hangs on it is not drawn again. */
function kept(before: Drawn, { x, y, nothing }: Picture, look: Look): Drawn {
  const sameLook = (Object.keys(look) as (keyof Look)[]).every((key) =>
    key === 'axis' ? look.axis.id === before.look.axis.id && look.axis.title === before.look.axis.title : look[key] === before.look[key],
  );
  return {
    x: sameAxis(before.x, x) ? before.x : x,
    y: sameAxis(before.y, y) ? before.y : y,
    look: sameLook ? before.look : look,
    nothing,
  };
}

function nothingInWords(nothing: NonNullable<Picture['nothing']>, empty: string, { axis }: Look): string {
  if (nothing === 'off-axis') return `None of these runs has measured this by ${axis.title}.`;
  return nothing === 'not-positive' ? 'Nothing here is above 0, which is where a logarithmic axis ends.' : empty;
}
