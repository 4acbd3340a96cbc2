/** One or a few histograms of the same edges, with marks at values that mean something. */
import { VisuallyHidden } from '@mantine/core';
import { memo, type ReactElement, useId } from 'react';
import type { Histogram } from '../core/diagnosis';
import { formatNumber } from '../store/format';
import { histogramPicture } from './bars';
import classes from './charts.module.css';
import { formatTick } from './scale';

/** How a histogram is drawn: never by its colour alone. */
export type Look = 'filled' | 'outline' | 'hatched' | 'pale';

export interface HistogramLine {
  readonly title: string;
  readonly look: Look;
  readonly histogram: Histogram;
}

export interface Mark {
  readonly value: number;
  readonly words: string;
}

export interface HistogramChartProps {
  /** What is counted, for whoever cannot see it. */
  readonly title: string;
  readonly lines: readonly HistogramLine[];
  /** Whether the histograms are parts of a whole, and stand upon each other. */
  readonly stacked?: boolean;
  readonly marks?: readonly Mark[];
  /** Below the axis. */
  readonly unit: string;
  readonly colour: string;
  readonly width: number;
  readonly height?: number;
}

const TOP = 16;
const BOTTOM = 32;
const LEFT = 32;
const RIGHT = 12;
/** Of a character of a mark's words, in pixels; somewhat more than most take. */
const CHARACTER = 6.5;

export const HistogramChart = memo(function HistogramChart(props: HistogramChartProps): ReactElement {
  const { title, lines, stacked = false, marks = [], unit, colour, width, height = 148 } = props;
  const hatch = useId();
  if (lines.every(({ histogram: { count } }) => count === 0)) {
    return (
      <div className={classes.chart} style={{ height }}>
        <p className={classes.empty}>There is nothing to count here yet.</p>
      </div>
    );
  }
  const box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  const { bars, contours, xTicks, yTicks, place } = histogramPicture(
    lines.map(({ histogram }) => histogram),
    box,
    stacked,
  );
  const base = TOP + box.height;
  return (
    <figure className={classes.figure}>
      <svg width={width} height={height} aria-hidden="true" style={{ display: 'block' }}>
        <defs>
          <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="5" stroke={colour} strokeWidth="2" />
          </pattern>
        </defs>
        {yTicks.map(({ at, value }) => (
          <g key={value}>
            <line x1={LEFT} x2={width - RIGHT} y1={at} y2={at} stroke="var(--lab-grid)" />
            <text x={LEFT - 6} y={at + 4} textAnchor="end" className={classes.tick}>
              {formatTick(value)}
            </text>
          </g>
        ))}
        {lines.map(({ title: name, look }, i) =>
          look === 'outline' ? null : (
            <g key={name} fill={look === 'hatched' ? `url(#${hatch})` : colour} fillOpacity={look === 'pale' ? 0.3 : 0.8}>
              {bars[i]?.map(({ x, y, width: wide, height: tall }) => (
                <rect key={x} x={x + 0.5} y={y} width={Math.max(1, wide - 1)} height={tall} />
              ))}
            </g>
          ),
        )}
        {lines.map(({ title: name, look }, i) =>
          look === 'outline' ? <path key={name} d={contours[i]} fill="none" stroke="var(--lab-text)" strokeWidth="1.4" /> : null,
        )}
        <line x1={LEFT} x2={width - RIGHT} y1={base} y2={base} className={classes.axis} />
        {marks.map(({ value, words }, i) => {
          const at = place(value);
          const end = at + CHARACTER * words.length > width;
          return (
            <g key={words}>
              <line x1={at} x2={at} y1={TOP - 4} y2={base} stroke="var(--lab-text)" strokeDasharray="3 2" />
              <text
                x={at + (end ? -3 : i === 0 && marks.length > 1 ? -3 : 3)}
                y={TOP - 5}
                textAnchor={end || (i === 0 && marks.length > 1 && at > LEFT + 40) ? 'end' : 'start'}
                className={classes.unit}
              >
                {words}
              </text>
            </g>
          );
        })}
        {xTicks.map(({ at, value }) => (
          <text key={value} x={at} y={base + 14} textAnchor={at > width - 24 ? 'end' : 'middle'} className={classes.tick}>
            {formatTick(value)}
          </text>
        ))}
        <text x={LEFT + box.width / 2} y={height - 4} textAnchor="middle" className={classes.unit}>
          {unit}
        </text>
      </svg>
      {lines.length > 1 ? (
        <ul className={classes.keys} aria-hidden="true">
          {lines.map(({ title: name, look, histogram: { count } }) => (
            <li key={name}>
              <Key look={look} colour={colour} hatch={hatch} /> {name} <span className={classes.num}>({count})</span>
            </li>
          ))}
        </ul>
      ) : null}
      <VisuallyHidden>
        <Table title={title} lines={lines} unit={unit} />
      </VisuallyHidden>
    </figure>
  );
});

const Key = ({ look, colour, hatch }: { look: Look; colour: string; hatch: string }): ReactElement => (
  <svg width="12" height="10" aria-hidden="true">
    {look === 'outline' ? (
      <path d="M1 9V2h10v7" fill="none" stroke="var(--lab-text)" strokeWidth="1.4" />
    ) : (
      <rect width="12" height="10" fill={look === 'hatched' ? `url(#${hatch})` : colour} fillOpacity={look === 'pale' ? 0.3 : 0.8} />
    )}
  </svg>
);

/** The same as numbers. */
function Table({ title, lines, unit }: { title: string; lines: readonly HistogramLine[]; unit: string }): ReactElement {
  const edges = lines[0]?.histogram.edges ?? [];
  return (
    <table>
      <caption>
        {title}: counts by {unit}
      </caption>
      <thead>
        <tr>
          <th scope="col">from</th>
          {lines.map((line) => (
            <th key={line.title} scope="col">
              {line.title}, mean {formatNumber(line.histogram.mean)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {edges.slice(0, -1).map((edge, bin) => (
          <tr key={edge}>
            <th scope="row">{formatTick(edge)}</th>
            {lines.map((line) => (
              <td key={line.title}>{line.histogram.counts[bin]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
