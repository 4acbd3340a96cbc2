/**
 * The behaviour of an enumerable policy: its distribution over the reference, the reward and the closed-form optimum.
 * Recharts draws the frame; the shapes inside listen to their picture by themselves.
 */
import { memo, type ReactElement, useState, useSyncExternalStore } from 'react';
import { CartesianGrid, ComposedChart, Curve, useXAxisScale, useYAxisScale, XAxis, YAxis } from 'recharts';
import { formatNumber } from '../store/format';
import type { Distribution } from '../store/recording';
import classes from './charts.module.css';
import { type Box, type Part, placeLabels } from './distribution';
import type { Holder } from './holder';
import { formatTick, niceAxis, niceStep } from './scale';

/** What is drawn: a frame, and what the axes must hold so that they stay still while the policy moves. */
export interface DistributionView {
  readonly picture: Distribution;
  /** Largest probability. */
  readonly ceiling: number;
  /** Smallest and largest reward. */
  readonly rewards: readonly [number, number];
}

export interface DistributionChartProps {
  readonly holder: Holder<DistributionView | null>;
  readonly colour: string;
  readonly width: number;
  readonly height: number;
}

const TOP = 20;
const BOTTOM = 22;
const LEFT = 48;
const RIGHT = 40;
const MARGIN = { top: TOP, right: 0, bottom: 0, left: 0 };

const WORDS: Record<Part, string> = { policy: 'policy', reference: 'reference', reward: 'reward', optimum: 'closed-form optimum' };

export const DistributionChart = memo(function DistributionChart({ holder, colour, width, height }: DistributionChartProps) {
  const view = useSyncExternalStore(holder.subscribe, holder.get);
  const [at, setAt] = useState<number | null>(null);
  if (view === null) return null;
  const { picture, ceiling, rewards } = view;
  const count = picture.labels.length;
  const box: Box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  const left = niceAxis(0, ceiling, true, 4).domain[1];
  const right = niceAxis(rewards[0], rewards[1], true, 2).domain;
  return (
    <div className={classes.picture} style={{ height }} data-x-title="completion">
      <div
        aria-hidden="true"
        onPointerMove={(event) => {
          const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / box.width;
          setAt(share < 0 || share >= 1 ? null : Math.floor(share * count));
        }}
        onPointerLeave={() => setAt(null)}
      >
        <Frame
          holder={holder}
          labels={picture.labels}
          top={left}
          low={right[0]}
          high={right[1]}
          colour={colour}
          width={width}
          height={height}
        />
      </div>
      {placeLabels(picture, left, right, box).map(({ part, x, y, toLeft }) => (
        <span key={part} className={classes.pictureLabel} style={{ top: y, ...(toLeft ? { right: width - x } : { left: x }) }}>
          {WORDS[part]}
        </span>
      ))}
      {at === null ? null : <Reading picture={picture} at={at} x={LEFT + ((at + 0.5) / count) * box.width} width={width} />}
    </div>
  );
});

interface FrameProps {
  readonly holder: Holder<DistributionView | null>;
  readonly labels: readonly string[];
  readonly top: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
  readonly width: number;
  readonly height: number;
}

const NO_DATA: never[] = [];

const Frame = memo(function Frame({ holder, labels, top, low, high, colour, width, height }: FrameProps): ReactElement {
  return (
    <ComposedChart width={width} height={height} data={NO_DATA} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--lab-grid)" yAxisId="p" />
      <XAxis
        dataKey="at"
        type="number"
        domain={[0, labels.length]}
        ticks={tickPlaces(labels.length)}
        interval={0}
        height={BOTTOM}
        tickLine={false}
        axisLine={{ className: classes.axis as string }}
        niceTicks="none"
        allowDataOverflow
        tick={({ x, y, payload }) => (
          <text x={x} y={Number(y) + 5} textAnchor="middle" className={classes.tick}>
            {labels[Math.floor(payload.value)] ?? ''}
          </text>
        )}
      />
      <YAxis yAxisId="p" {...yAxis(niceAxis(0, top, true, 4), LEFT, 'left')} />
      <YAxis yAxisId="r" {...yAxis(niceAxis(low, high, true, 2), RIGHT, 'right')} />
      <text x={6} y={11} className={classes.unit}>
        probability
      </text>
      <text x={width - 4} y={11} textAnchor="end" className={classes.unit}>
        reward
      </text>
      <Shapes holder={holder} colour={colour} />
    </ComposedChart>
  );
});

function Shapes({ holder, colour }: { holder: Holder<DistributionView | null>; colour: string }): ReactElement | null {
  const view = useSyncExternalStore(holder.subscribe, holder.get);
  const x = useXAxisScale();
  const probability = useYAxisScale('p');
  const reward = useYAxisScale('r');
  if (view === null || x === undefined || probability === undefined || reward === undefined) return null;
  const { picture } = view;
  // One point for each left edge, and one for the right edge of the last.
  const points = (values: Float32Array, y: typeof reward) =>
    Array.from({ length: values.length + 1 }, (_, i) => ({ x: x(i) ?? 0, y: y(values[Math.min(i, values.length - 1)]) ?? 0 }));
  const common = { type: 'stepAfter', fill: 'none' } as const;
  return (
    <g>
      <Curve
        {...common}
        points={points(picture.reward, reward)}
        baseLine={reward(0) ?? 0}
        fill="var(--lab-reward)"
        data-legend={WORDS.reward}
      />
      <Curve
        {...common}
        points={points(picture.policy, probability)}
        baseLine={probability(0) ?? 0}
        fill={colour}
        fillOpacity={0.5}
        stroke={colour}
        strokeWidth={1.2}
        data-legend={WORDS.policy}
      />
      <Curve
        {...common}
        points={points(picture.reference, probability)}
        stroke="var(--lab-reference)"
        strokeWidth={1.4}
        data-legend={WORDS.reference}
      />
      {picture.optimum === null ? null : (
        <Curve
          {...common}
          points={points(picture.optimum, probability)}
          stroke="var(--lab-text)"
          strokeWidth={1.4}
          strokeDasharray="5 4"
          data-legend={WORDS.optimum}
        />
      )}
    </g>
  );
}

const yAxis = ({ domain, ticks }: ReturnType<typeof niceAxis>, width: number, orientation: 'left' | 'right') =>
  ({
    orientation,
    width,
    type: 'number',
    domain,
    ticks,
    interval: 0,
    tickLine: false,
    axisLine: false,
    niceTicks: 'none',
    allowDataOverflow: true,
    tick: ({ x, y, payload }: { x: string | number; y: string | number; payload: { value: number } }) => (
      <text x={x} y={Number(y) + 4} textAnchor={orientation === 'left' ? 'end' : 'start'} className={classes.tick}>
        {formatTick(payload.value)}
      </text>
    ),
  }) as const;

/** Middles of the bins that carry a label. */
function tickPlaces(count: number): number[] {
  const step = Math.max(1, count <= 12 ? 1 : niceStep(count, 10));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step + 0.5);
}

/** All parts read off at one bin. */
function Reading({ picture, at, x, width }: { picture: Distribution; at: number; x: number; width: number }): ReactElement {
  const parts: [string, number | undefined][] = [
    [WORDS.policy, picture.policy[at]],
    [WORDS.reference, picture.reference[at]],
    [WORDS.optimum, picture.optimum?.[at]],
    [WORDS.reward, picture.reward[at]],
  ];
  return (
    <div className={classes.reading} style={x > width / 2 ? { right: width - x + 12 } : { left: x + 12 }} aria-hidden="true">
      <div className={classes.readingStep}>{picture.labels[at]}</div>
      {parts.map(([words, value]) =>
        value === undefined ? null : (
          <div key={words} className={classes.readingRow}>
            <span>{words}</span>
            <span className={classes.value}>{formatNumber(value)}</span>
          </div>
        ),
      )}
    </div>
  );
}
