/** One metric of a result over the steps: the mean of each arm with its spread over seeds, the reader's own beside it, and a prediction over it. */
import { type ReactElement, useMemo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import { Marker } from '../../charts/Marker';
import { formatTick, niceAxis } from '../../charts/scale';
import type { Experiment } from '../../core/experiment';
import { type ArmCurves, meanOf, type Points, pointsOf, type RunCurves } from '../../core/lesson';
import { formatNumber } from '../../store/format';
import { accentOf } from '../../store/palette';
import classes from './experiments.module.css';

export interface ResultChartProps {
  readonly experiment: Experiment;
  readonly metric: string;
  readonly title: string;
  readonly recorded: ArmCurves;
  readonly own: ArmCurves;
  /** Only these arms; all that have the metric where it is not given. */
  readonly only?: readonly string[];
  /** Up to this step; all where it is not given. */
  readonly until?: number;
  readonly prediction?: Points;
  /** Steps and values that have to be within the axes. */
  readonly frame?: { readonly to: number; readonly low: number; readonly high: number };
  readonly width: number;
  readonly height: number;
  /** Times the usual size of letters and lines. */
  readonly scale?: number;
  /** Without what is drawn in words. */
  readonly bare?: boolean;
}

/** What lies around the plot, in pixels; times the scale. */
export const AROUND = { left: 44, right: 12, top: 10, bottom: 24 } as const;

interface Curve {
  readonly key: string;
  readonly arm: number;
  readonly title: string;
  readonly own: boolean;
  readonly seeds: number;
  readonly mean: Points;
  /** [step, lowest, highest] over seeds; empty for a single one. */
  readonly band: readonly (readonly [number, number, number])[];
}

export function ResultChart(props: ResultChartProps): ReactElement {
  const { title, prediction, frame, width, height, scale = 1, bare = false } = props;
  const curves = useCurves(props);
  const { rows, x, y } = useMemo(() => tableOf(curves, prediction, frame, width / scale), [curves, prediction, frame, width, scale]);
  const tick = { fontSize: 11 * scale, fill: 'var(--lab-dim)' };
  return (
    <figure className={classes.chart} aria-label={title}>
      <div aria-hidden="true">
        <ComposedChart
          width={width}
          height={height}
          data={rows}
          accessibilityLayer={false}
          margin={{ top: AROUND.top * scale, right: AROUND.right * scale, bottom: 0, left: 0 }}
        >
          <CartesianGrid vertical={false} stroke="var(--lab-grid)" />
          <XAxis
            type="number"
            dataKey="step"
            domain={x.domain}
            ticks={x.ticks}
            interval={0}
            height={AROUND.bottom * scale}
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: 'var(--lab-line-strong)' }}
            allowDataOverflow
          />
          <YAxis
            type="number"
            domain={y.domain}
            ticks={y.ticks}
            interval={0}
            width={AROUND.left * scale}
            tick={tick}
            tickFormatter={formatTick}
            tickLine={false}
            axisLine={false}
            allowDataOverflow
          />
          {curves.map(({ key, arm, band }) =>
            band.length === 0 ? null : (
              <Area
                key={key}
                dataKey={`${key} band`}
                connectNulls
                stroke="none"
                fill={accentOf(arm).colour}
                fillOpacity={0.18}
                isAnimationActive={false}
                activeDot={false}
              />
            ),
          )}
          {curves.map(({ key, arm, own, mean }) => (
            <Line
              key={key}
              dataKey={key}
              type="linear"
              connectNulls
              dot={mean.length === 1}
              stroke={accentOf(arm).colour}
              strokeWidth={(own ? 2.4 : 1.5) * scale}
              strokeDasharray={own ? '' : '5 3'}
              isAnimationActive={false}
              activeDot={false}
            />
          ))}
          {prediction === undefined ? null : (
            <Line
              dataKey="prediction"
              type="monotone"
              connectNulls
              dot={{ r: 2.5 * scale, fill: 'var(--lab-text)', stroke: 'none' }}
              stroke="var(--lab-text)"
              strokeWidth={2 * scale}
              strokeDasharray="1 4"
              strokeLinecap="round"
              isAnimationActive={false}
              activeDot={false}
            />
          )}
        </ComposedChart>
      </div>
      {bare ? null : (
        <figcaption>
          <Legend curves={curves} predicted={prediction?.at(-1)?.[1]} />
        </figcaption>
      )}
    </figure>
  );
}

/** What is drawn, with its last value: it stands for the chart where the chart cannot be seen. */
function Legend({ curves, predicted }: { curves: readonly Curve[]; predicted: number | undefined }): ReactElement {
  return (
    <ul className={classes.legend}>
      {curves.map(({ key, arm, title, own, seeds, mean }) => (
        <li key={key}>
          <Marker accent={accentOf(arm)} size={9} hollow={!own} />
          <span>
            {title}
            <span className={classes.dim}>
              {own ? ', yours' : ', recorded'}, {seeds === 1 ? '1 seed' : `mean of ${seeds} seeds`}
            </span>
          </span>
          <strong className={classes.num}>{formatNumber(mean.at(-1)?.[1] ?? Number.NaN)}</strong>
        </li>
      ))}
      {predicted === undefined ? null : (
        <li>
          <span className={classes.dots} aria-hidden="true" />
          <span>Your prediction</span>
          <strong className={classes.num}>{formatNumber(predicted)}</strong>
        </li>
      )}
    </ul>
  );
}

function useCurves({ experiment, metric, recorded, own, only, until }: ResultChartProps): readonly Curve[] {
  return useMemo(
    () =>
      Object.entries(experiment.arms).flatMap(([id, { title }], arm): Curve[] => {
        if (only !== undefined && !only.includes(id)) return [];
        const both: readonly (readonly [readonly RunCurves[], boolean])[] = [
          [recorded[id] ?? [], false],
          [own[id] ?? [], true],
        ];
        return both.flatMap(([runs, mine]) => curveOf(`${mine ? 'own' : 'recorded'} ${id}`, arm, title, mine, runs, metric, until) ?? []);
      }),
    [experiment, metric, recorded, own, only, until],
  );
}

function curveOf(
  key: string,
  arm: number,
  title: string,
  own: boolean,
  runs: readonly RunCurves[],
  metric: string,
  until = Number.POSITIVE_INFINITY,
): Curve | null {
  const measured = runs.filter((run) => pointsOf(run, metric).length > 0);
  const mean = meanOf(measured, metric).filter(([step]) => step <= until);
  if (mean.length === 0) return null;
  const seeds = measured.map((run) => new Map(pointsOf(run, metric)));
  const band =
    seeds.length < 2
      ? []
      : mean.map(([step]) => {
          const values = seeds.map((seed) => seed.get(step) as number);
          return [step, Math.min(...values), Math.max(...values)] as const;
        });
  return { key, arm, title, own, seeds: measured.length, mean, band };
}

/** A step, and what is drawn there by the key of its curve. */
type Row = Record<string, number | [number, number]> & { readonly step: number };

/** The rows that Recharts draws, and axes around all of them. */
function tableOf(curves: readonly Curve[], prediction: Points | undefined, frame: ResultChartProps['frame'], width: number) {
  const rows = new Map<number, Row>();
  const values: number[] = frame === undefined ? [] : [frame.low, frame.high];
  const put = (step: number, key: string, value: number | [number, number]): void => {
    rows.set(step, { ...rows.get(step), [key]: value, step });
    values.push(...[value].flat());
  };
  for (const { key, mean, band } of curves) {
    for (const [step, value] of mean) put(step, key, value);
    for (const [step, low, high] of band) put(step, `${key} band`, [low, high]);
  }
  for (const [step, value] of prediction ?? []) put(step, 'prediction', value);
  const sorted = [...rows.values()].sort((a, b) => a.step - b.step);
  const end = Math.max(1, frame?.to ?? 0, sorted.at(-1)?.step ?? 0);
  const nice = niceAxis(0, end, true, Math.max(2, Math.floor(width / 80)));
  return {
    rows: sorted,
    x: { domain: [0, end] as [number, number], ticks: nice.ticks.filter((at) => at <= end) },
    y: values.length === 0 ? niceAxis(0, 1, true) : niceAxis(Math.min(...values), Math.max(...values), true),
  };
}
