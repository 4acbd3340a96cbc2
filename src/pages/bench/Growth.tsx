/** How a training step grows: a chart for every size, with a curve for every GPU that was measured. */
import { useElementSize } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { GrowthChart, type GrowthCurveLine } from '../../charts/GrowthChart';
import { Marker } from '../../charts/Marker';
import type { GrowthCurve } from '../../core/bench';
import { AXIS_WORDS } from '../../store/bench-words';
import classes from './bench.module.css';
import type { Source } from './sources';

const AXES = Object.keys(AXIS_WORDS) as GrowthCurve['axis'][];

/** Narrower than this, charts stand below each other. */
const NARROW = 620;
const GAP = 24;

export function Growth({ sources }: { sources: readonly Source[] }): ReactElement | null {
  const { ref, width } = useElementSize();
  const grown = sources.filter(({ result }) => (result.growth?.length ?? 0) > 0);
  if (grown.length === 0) return null;
  const chartWidth = Math.floor(width < NARROW ? width : (width - GAP) / 2);
  return (
    <section className={classes.card} aria-label="How a step grows" data-testid="growth">
      <h3 className={classes.cardTitle}>How a step grows</h3>
      <p className={classes.dim}>
        The training step with 2 layers of width 64 and 16 rows of 32 tokens, and one of these sizes changed. Where a curve runs above the
        dashed line, time goes to something else than arithmetic.
      </p>
      <ul className={classes.legendList}>
        {grown.map(({ key, title, accent }) => (
          <li key={key}>
            <Marker accent={accent} size={9} /> {title}
          </li>
        ))}
        <li>
          <svg width="22" height="8" aria-hidden="true">
            <line x1="0" y1="4" x2="22" y2="4" stroke="var(--lab-text)" strokeDasharray="5 4" />
          </svg>{' '}
          in proportion to the FLOPs
        </li>
      </ul>
      <div ref={ref} className={classes.charts}>
        {width === 0
          ? null
          : AXES.map((axis) => {
              const lines = linesOf(grown, axis);
              return lines.length === 0 ? null : (
                <div key={axis}>
                  <h4 className={classes.chartTitle}>{AXIS_WORDS[axis]}</h4>
                  <GrowthChart title={AXIS_WORDS[axis]} lines={lines} width={chartWidth} />
                </div>
              );
            })}
      </div>
    </section>
  );
}

function linesOf(sources: readonly Source[], axis: GrowthCurve['axis']): GrowthCurveLine[] {
  return sources.flatMap(({ key, title, accent, result }) => {
    const points = result.growth?.find((curve) => curve.axis === axis)?.points ?? [];
    return points.length === 0 ? [] : [{ key, title, accent, points }];
  });
}
