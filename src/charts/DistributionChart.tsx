/** The behaviour of an enumerable policy: its distribution over the reference, the reward and the closed-form optimum. */
import { memo, type ReactElement, useMemo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts';
import { formatNumber } from '../store/format';
import type { Distribution } from '../store/recording';
import classes from './charts.module.css';
import { formatTick, niceAxis, niceStep } from './scale';

export interface DistributionChartProps {
  readonly picture: Distribution;
  /** Largest probability that the axis must hold, so that it stays still while the policy moves. */
  readonly ceiling: number;
  readonly colour: string;
  readonly width: number;
  readonly height: number;
}

const TOP = 20;
const BOTTOM = 22;
const LEFT = 48;
const RIGHT = 40;

const WORDS = { policy: 'policy', reference: 'reference', reward: 'reward', optimum: 'closed-form optimum' } as const;
type Part = keyof typeof WORDS;

export const DistributionChart = memo(function DistributionChart(props: DistributionChartProps): ReactElement {
  const { picture, ceiling, colour, width, height } = props;
  const rows = useMemo(() => rowsOf(picture), [picture]);
  const count = picture.labels.length;
  const left = niceAxis(0, ceiling, true, 4);
  const right = useMemo(() => niceAxis(Math.min(0, ...picture.reward), Math.max(0, ...picture.reward), true, 2), [picture.reward]);
  const labels = placeLabels(picture, left.domain[1], right.domain, width, height);
  return (
    <div className={classes.picture} style={{ height }}>
      <div aria-hidden="true">
        <ComposedChart
          width={width}
          height={height}
          data={rows}
          margin={{ top: TOP, right: 0, bottom: 0, left: 0 }}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} className={classes.grid as string} yAxisId="p" />
          <XAxis
            dataKey="at"
            type="number"
            domain={[0, count]}
            ticks={tickPlaces(count)}
            interval={0}
            height={BOTTOM}
            tickLine={false}
            axisLine={{ className: classes.axis }}
            niceTicks="none"
            tick={({ x, y, payload }) => (
              <text x={x} y={Number(y) + 5} textAnchor="middle" className={classes.tick}>
                {picture.labels[Math.floor(payload.value)] ?? ''}
              </text>
            )}
          />
          <YAxis yAxisId="p" {...axis(left, LEFT, 'left')} />
          <YAxis yAxisId="r" {...axis(right, RIGHT, 'right')} />
          <text x={6} y={11} className={classes.unit}>
            probability
          </text>
          <text x={width - 4} y={11} textAnchor="end" className={classes.unit}>
            reward
          </text>
          <Area yAxisId="r" dataKey="reward" fill="var(--lab-reward)" fillOpacity={1} stroke="none" {...STILL} />
          <Area yAxisId="p" dataKey="policy" fill={colour} fillOpacity={0.45} stroke={colour} strokeWidth={1.6} {...STILL} />
          <Line yAxisId="p" dataKey="reference" stroke="var(--lab-reference)" strokeWidth={1.4} dot={false} {...STILL} />
          <Line yAxisId="p" dataKey="optimum" stroke="var(--lab-text)" strokeWidth={1.4} strokeDasharray="5 4" dot={false} {...STILL} />
          <Tooltip
            isAnimationActive={false}
            cursor={{ className: classes.cursor }}
            content={({ active, label }) => (active ? <Reading picture={picture} at={Number(label)} /> : null)}
          />
        </ComposedChart>
      </div>
      {labels.map(({ part, x, y, toLeft }) => (
        <span key={part} className={classes.pictureLabel} style={{ top: y, ...(toLeft ? { right: width - x } : { left: x }) }}>
          {WORDS[part]}
        </span>
      ))}
    </div>
  );
});

const STILL = { type: 'stepAfter', isAnimationActive: false, activeDot: false } as const;

const axis = ({ domain, ticks }: ReturnType<typeof niceAxis>, width: number, orientation: 'left' | 'right') =>
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

/** One row for each left edge of a bin, and one for the right edge of the last. */
function rowsOf({ policy, reference, reward, optimum }: Distribution) {
  return Array.from({ length: policy.length + 1 }, (_, i) => {
    const k = Math.min(i, policy.length - 1);
    return { at: i, policy: policy[k], reference: reference[k], reward: reward[k], optimum: optimum?.[k] };
  });
}

/** Middles of the bins that carry a label. */
function tickPlaces(count: number): number[] {
  const step = Math.max(1, count <= 12 ? 1 : niceStep(count, 10));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step + 0.5);
}

/** Each label at its part's peak, none upon another. */
function placeLabels(
  { policy, reference, reward, optimum }: Distribution,
  top: number,
  rewards: readonly [number, number],
  width: number,
  height: number,
): { part: Part; x: number; y: number; toLeft: boolean }[] {
  const plotWidth = width - LEFT - RIGHT;
  const plotHeight = height - TOP - BOTTOM;
  const parts: [Part, Float32Array | null, readonly [number, number]][] = [
    ['policy', policy, [0, top]],
    ['optimum', optimum, [0, top]],
    ['reward', reward, rewards],
    ['reference', reference, [0, top]],
  ];
  const placed: { part: Part; x: number; y: number; toLeft: boolean }[] = [];
  for (const [part, values, [low, high]] of parts) {
    if (values === null || values.length === 0) continue;
    const peak = values.indexOf(Math.max(...values));
    const share = Math.min(1, ((values[peak] as number) - low) / (high - low));
    const x = LEFT + ((peak + 0.5) / values.length) * plotWidth;
    const toLeft = peak > values.length / 2;
    let y = TOP + (1 - share) * plotHeight - 8;
    const near = (other: { x: number; y: number }): boolean => Math.abs(other.x - x) < 150 && Math.abs(other.y - y) < 15;
    for (let tries = 0; tries < 8 && placed.some(near); tries++) y += 15;
    placed.push({ part, x: x + (toLeft ? -6 : 6), y: Math.max(2, y), toLeft });
  }
  return placed;
}

function Reading({ picture, at }: { picture: Distribution; at: number }): ReactElement {
  const k = Math.min(Math.floor(at), picture.labels.length - 1);
  const parts: [string, number | undefined][] = [
    [WORDS.policy, picture.policy[k]],
    [WORDS.reference, picture.reference[k]],
    [WORDS.optimum, picture.optimum?.[k]],
    [WORDS.reward, picture.reward[k]],
  ];
  return (
    <div className={classes.reading}>
      <div className={classes.readingStep}>{picture.labels[k]}</div>
      {parts.map(([words, value]) =>
        value === undefined ? null : (
          <div key={words} className={classes.readingRow}>
            <span />
            <span>{words}</span>
            <span className={classes.value}>{formatNumber(value)}</span>
          </div>
        ),
      )}
    </div>
  );
}
