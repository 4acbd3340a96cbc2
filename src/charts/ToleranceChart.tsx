/** How much counts as changed depends on what counts as a change: the fraction of all weights over the tolerance. */
import { memo, type ReactElement } from 'react';
import type { ToleranceCurve } from '../core/events';
import { formatNumber } from '../store/format';
import classes from './charts.module.css';
import { formatTick } from './scale';
import { inWords, tolerancePicture } from './tolerance';

export interface ToleranceChartProps {
  readonly curve: ToleranceCurve;
  readonly colour: string;
  readonly width: number;
}

const HEIGHT = 112;
const TOP = 20;
const BOTTOM = 20;
const LEFT = 26;
const RIGHT = 16;
/** Of a pale line, as of the pale bars below. */
const FAINT = 0.45;

export const ToleranceChart = memo(function ToleranceChart({ curve, colour, width }: ToleranceChartProps): ReactElement {
  const box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  const { f32, bf16, ticks, marks } = tolerancePicture(curve, box);
  const line = { fill: 'none', stroke: colour, strokeWidth: 1.6 } as const;
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={described(curve)} style={{ display: 'block' }}>
      <text x={0} y={10} className={classes.unit}>
        fraction changed by more than
      </text>
      <Legend x={width - 92} colour={colour} words="f32" faint />
      <Legend x={width - 46} colour={colour} words="bf16" />
      {[0, 0.5, 1].map((share) => {
        const y = TOP + box.height * (1 - share);
        return (
          <g key={share}>
            <line x1={LEFT} x2={width - RIGHT} y1={y} y2={y} stroke={share === 0 ? 'var(--lab-line)' : 'var(--lab-grid)'} />
            <text x={LEFT - 6} y={y + 4} textAnchor="end" className={classes.tick}>
              {formatTick(share)}
            </text>
          </g>
        );
      })}
      {ticks.map(({ x, words }) => (
        <text key={words} x={x} y={HEIGHT - 5} textAnchor="middle" className={classes.tick}>
          {words}
        </text>
      ))}
      <path d={f32} {...line} opacity={FAINT} />
      <path d={bf16} {...line} />
      <circle cx={marks.f32.x} cy={marks.f32.y} r={3} fill={colour} opacity={FAINT} />
      {marks.bf16 === null ? null : <circle cx={marks.bf16.x} cy={marks.bf16.y} r={3} fill={colour} />}
    </svg>
  );
});

interface LegendProps {
  readonly x: number;
  readonly colour: string;
  readonly words: string;
  readonly faint?: boolean;
}

const Legend = ({ x, colour, words, faint = false }: LegendProps): ReactElement => (
  <g>
    <line x1={x} x2={x + 14} y1={6} y2={6} stroke={colour} strokeWidth={2} opacity={faint ? FAINT : 1} />
    <text x={x + 18} y={10} className={classes.unit}>
      {words}
    </text>
  </g>
);

const described = ({ tolerances, f32, bf16 }: ToleranceCurve): string =>
  `Fraction changed by more than a tolerance, f32 then bf16: ${tolerances
    .map((tolerance, i) => `${inWords(tolerance)}: ${formatNumber(f32[i] ?? 0)}, ${formatNumber(bf16[i] ?? 0)}`)
    .join('; ')}`;
