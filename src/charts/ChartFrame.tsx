/** The drawing of a chart: axes and grid by Recharts, the curves in them, and the lines that are moved over them. */
import { memo, type ReactElement, useId, useSyncExternalStore } from 'react';
import { CartesianGrid, LineChart, XAxis, YAxis } from 'recharts';
import type { Recordings } from '../store/recording';
import { lowerBound } from '../store/series';
import classes from './charts.module.css';
import { crosshair, highlight } from './crosshair';
import type { Box } from './distribution';
import type { Holder } from './holder';
import { colourOf } from './Labels';
import type { ChartRun, LineSpec } from './lines';
import type { Path, Picture } from './picture';
import { type Axis, EDGES, formatTick, shareOn } from './scale';
import { type XAxis as XAxisSpec, xValues } from './xaxis';

export interface ChartFrameProps {
  readonly x: Axis;
  readonly y: Axis;
  readonly axis: XAxisSpec;
  readonly holder: Holder<Picture | null>;
  readonly box: Box;
  readonly width: number;
  readonly height: number;
  readonly unit: string;
  readonly active: ChartRun | null;
  readonly recordings: Recordings;
  readonly held: number | null;
}

/** What is handed to Recharts stays the same object, so that it has nothing to compare. */
const NO_DATA: never[] = [];
const MARGIN = { top: EDGES.top, right: EDGES.right, bottom: 0, left: 0 };
const AXIS_LINE = { className: classes.axis as string };
/** Both axes have their domain and ticks from `charts/scale`. */
const AS_COMPUTED = { type: 'number', interval: 0, tickLine: false, niceTicks: 'none', allowDataOverflow: true } as const;

const scaled = ({ log, domain, ticks }: Axis) => ({ scale: log ? ('log' as const) : ('linear' as const), domain: [...domain], ticks });

export const ChartFrame = memo(function ChartFrame({ x, y, axis, holder, box, width, height, unit, ...rest }: ChartFrameProps) {
  return (
    <LineChart width={width} height={height} data={NO_DATA} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--lab-grid)" />
      <XAxis {...AS_COMPUTED} {...scaled(x)} dataKey="x" height={EDGES.bottom} tick={XTick} axisLine={AXIS_LINE} />
      <YAxis {...AS_COMPUTED} {...scaled(y)} width={EDGES.left} tick={YTick} axisLine={false} />
      <text x={4} y={10} className={classes.unit}>
        {unit}
      </text>
      {axis.id === 'step' ? null : (
        <text x={width - EDGES.right} y={10} textAnchor="end" className={classes.unit}>
          by {axis.title}
        </text>
      )}
      <Curves holder={holder} box={box} />
      <Held x={x} axis={axis} box={box} {...rest} />
      <Cursor x={x} box={box} />
    </LineChart>
  );
});

/** The curves of the picture, which is in pixels. What goes on beyond the plot is cut off at its edge. */
function Curves({ holder, box }: { holder: Holder<Picture | null>; box: Box }): ReactElement | null {
  const clip = useId();
  const picture = useSyncExternalStore(holder.subscribe, holder.get);
  const lit = useSyncExternalStore(highlight.subscribe, highlight.get);
  if (picture === null) return null;
  const drawn = picture.paths.some(({ line }) => line.entry.id === lit);
  const strength = (id: string): number => (!drawn || lit === id ? 1 : 0.15);
  return (
    <g clipPath={`url(#${clip})`}>
      <clipPath id={clip}>
        <rect x={box.left - 2} y={box.top - 2} width={box.width + 4} height={box.height + 4} />
      </clipPath>
      {picture.bands.map(({ key, line, d }) => (
        <path key={key} d={d} fill={colourOf(line)} fillOpacity={0.2 * strength(line.entry.id)} stroke="none" data-band={line.entry.id} />
      ))}
      {picture.paths.map(({ key, line, kind, d, dot }) => {
        const opacity = STRENGTH[kind] * strength(line.entry.id);
        return dot === null ? (
          <path
            key={key}
            d={d}
            fill="none"
            stroke={colourOf(line)}
            strokeWidth={kind !== 'main' ? 1 : line.active ? 1.8 : 1.3}
            strokeDasharray={kind === 'raw' ? '' : line.dash}
            strokeOpacity={opacity}
            strokeLinejoin="round"
            data-curve={kind}
            data-legend={kind === 'main' ? legendOf(line) : undefined}
            data-marker={kind === 'main' ? line.accent.marker : undefined}
          />
        ) : (
          <circle key={key} cx={dot.x} cy={dot.y} r={2.5} fill={colourOf(line)} fillOpacity={opacity} data-curve={kind} />
        );
      })}
    </g>
  );
}

/** What a line is called where it stands without its label. */
const legendOf = ({ entry, title }: LineSpec): string => [entry.name, title].filter(Boolean).join(', ');

const STRENGTH: Record<Path['kind'], number> = { raw: 0.3, run: 0.45, main: 1 };

/** The line where it is read off, in every chart at once. */
function Cursor({ x, box }: { x: Axis; box: Box }): ReactElement | null {
  const at = useSyncExternalStore(crosshair.subscribe, crosshair.get);
  return at === null ? null : <Upright share={shareOn(x)(at)} box={box} className={classes.cursor as string} />;
}

interface HeldProps extends Pick<ChartFrameProps, 'x' | 'axis' | 'box' | 'active' | 'recordings' | 'held'> {}

/** The line at the step that the run is looked at. */
function Held({ x, axis, box, active, recordings, held }: HeldProps): ReactElement | null {
  const series = active === null ? undefined : recordings.get(active.id)?.series;
  if (held === null || active === null || series === undefined) return null;
  const row = lowerBound(series, held);
  const at = row < series.length ? (xValues(active, series, axis)[row] as number) : Number.NaN;
  return <Upright share={shareOn(x)(at)} box={box} className={classes.heldStep as string} />;
}

function Upright({ share, box, className }: { share: number; box: Box; className: string }): ReactElement | null {
  if (!(share >= 0 && share <= 1)) return null;
  const at = box.left + share * box.width;
  return <line x1={at} x2={at} y1={box.top} y2={box.top + box.height} className={className} />;
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
