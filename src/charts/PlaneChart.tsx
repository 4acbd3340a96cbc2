/** Points in a plane, each by itself or joined in their order. */
import { VisuallyHidden } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { formatNumber } from '../store/format';
import { type PlanePoint, planePicture } from './bars';
import classes from './charts.module.css';
import { formatTick } from './scale';

export interface NamedPoint extends PlanePoint {
  /** What tells it from the others: several may stand at the same place. */
  readonly id: string;
  readonly title: string;
}

export interface PlaneChartProps {
  readonly title: string;
  readonly points: readonly NamedPoint[];
  /** Whether the points follow each other; the line then ends in a ring at `current`. */
  readonly joined?: boolean;
  readonly current?: number;
  readonly x: string;
  readonly y: string;
  readonly colour: string;
  readonly width: number;
}

const HEIGHT = 164;
const TOP = 18;
const BOTTOM = 32;
const LEFT = 40;
const RIGHT = 14;

export const PlaneChart = memo(function PlaneChart({
  title,
  points,
  joined = false,
  current,
  x,
  y,
  colour,
  width,
}: PlaneChartProps): ReactElement {
  const box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  const { points: places, xTicks, yTicks } = planePicture(points, box);
  const now = current === undefined ? undefined : places[current];
  return (
    <figure className={classes.figure}>
      <svg width={width} height={HEIGHT} aria-hidden="true" style={{ display: 'block' }}>
        <text x={4} y={10} className={classes.unit}>
          {y}
        </text>
        {yTicks.map(({ at, value }) => (
          <g key={value}>
            <line x1={LEFT} x2={width - RIGHT} y1={at} y2={at} stroke="var(--lab-grid)" />
            <text x={LEFT - 6} y={at + 4} textAnchor="end" className={classes.tick}>
              {formatTick(value)}
            </text>
          </g>
        ))}
        {xTicks.map(({ at, value }) => (
          <g key={value}>
            {value === 0 ? <line x1={at} x2={at} y1={TOP} y2={TOP + box.height} className={classes.axis} /> : null}
            <text x={at} y={TOP + box.height + 14} textAnchor="middle" className={classes.tick}>
              {formatTick(value)}
            </text>
          </g>
        ))}
        <text x={LEFT + box.width / 2} y={HEIGHT - 4} textAnchor="middle" className={classes.unit}>
          {x}
        </text>
        {joined ? <polyline points={places.map((p) => `${p.x},${p.y}`).join(' ')} fill="none" stroke={colour} strokeWidth="1.6" /> : null}
        {places.map((place, i) => (
          <circle key={points[i]?.id} cx={place.x} cy={place.y} r={joined ? 1.6 : 3} fill={colour} fillOpacity={joined ? 1 : 0.45}>
            <title>{points[i]?.title}</title>
          </circle>
        ))}
        {now === undefined ? null : (
          <circle cx={now.x} cy={now.y} r={5} fill="var(--lab-surface)" stroke="var(--lab-text)" strokeWidth="1.8" />
        )}
      </svg>
      <VisuallyHidden>
        <ul aria-label={title}>
          {points.map((point) => (
            <li key={point.id}>
              {point.title}: {x} {formatNumber(point.x)}, {y} {formatNumber(point.y)}
            </li>
          ))}
        </ul>
      </VisuallyHidden>
    </figure>
  );
});
