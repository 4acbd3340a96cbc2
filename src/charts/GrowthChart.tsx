/** How a step's time grows with one size: a curve for every device, and how it would grow with its operations alone. */
import { memo, type ReactElement, useId } from 'react';
import type { GrowthPoint } from '../core/bench';
import { formatNumber } from '../store/format';
import type { Accent } from '../store/palette';
import classes from './charts.module.css';
import { growthPicture } from './growth';
import { Marker } from './Marker';
import { formatTick } from './scale';

export interface GrowthCurveLine {
  readonly key: string;
  /** The device in words. */
  readonly title: string;
  readonly accent: Accent;
  readonly points: readonly GrowthPoint[];
}

export interface GrowthChartProps {
  /** What grows. */
  readonly title: string;
  readonly lines: readonly GrowthCurveLine[];
  readonly width: number;
}

const HEIGHT = 190;
const TOP = 22;
const BOTTOM = 22;
const LEFT = 40;
/** For the values at the line ends. */
const RIGHT = 52;
const DOT = 7;

export const GrowthChart = memo(function GrowthChart({ title, lines, width }: GrowthChartProps): ReactElement {
  const clip = useId();
  const box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  const { traces, flops, xTicks, yTicks } = growthPicture(lines, box);
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={inWords(title, lines)} style={{ display: 'block' }}>
      <clipPath id={clip}>
        <rect x={LEFT} y={TOP} width={box.width} height={box.height} />
      </clipPath>
      <text x={4} y={10} className={classes.unit}>
        ms per step
      </text>
      {yTicks.map(({ at, value }) => (
        <g key={value}>
          <line x1={LEFT} x2={LEFT + box.width} y1={at} y2={at} stroke="var(--lab-grid)" />
          <text x={LEFT - 6} y={at + 4} textAnchor="end" className={classes.tick}>
            {formatTick(value)}
          </text>
        </g>
      ))}
      <line x1={LEFT} x2={LEFT + box.width} y1={TOP + box.height} y2={TOP + box.height} className={classes.axis} />
      {xTicks.map(({ at, value }) => (
        <text key={value} x={at} y={HEIGHT - 6} textAnchor="middle" className={classes.tick}>
          {formatTick(value)}
        </text>
      ))}
      <path d={flops} fill="none" stroke="var(--lab-text)" strokeDasharray="5 4" clipPath={`url(#${clip})`} />
      {traces.map(({ key, path, dots, last, labelTop }, i) => {
        const accent = (lines[i] as GrowthCurveLine).accent;
        return (
          <g key={key}>
            <path d={path} fill="none" stroke={accent.colour} strokeWidth={1.6} />
            {dots.map(({ x, y }) => (
              <g key={x} transform={`translate(${x - DOT / 2} ${y - DOT / 2})`}>
                <Marker accent={accent} size={DOT} />
              </g>
            ))}
            <text x={LEFT + box.width + 8} y={labelTop + 4} className={classes.tick}>
              {formatNumber(last)}
            </text>
          </g>
        );
      })}
    </svg>
  );
});

const inWords = (title: string, lines: readonly GrowthCurveLine[]): string =>
  `Milliseconds per step over ${title.toLowerCase()}. ${lines
    .map((line) => `${line.title}: ${line.points.map(({ value, stepMs }) => `${value}: ${formatNumber(stepMs)}`).join(', ')}`)
    .join('; ')}.`;
