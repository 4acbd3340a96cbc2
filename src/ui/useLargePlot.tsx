/** A chart as it is saved: drawn out of sight for a moment, larger than its panel, however small that is. */
import { type ReactElement, useCallback, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { MetricChart, type MetricChartProps } from '../charts/MetricChart';
import classes from './ui.module.css';

/** Of the chart with the labels at its line ends, which the legend stands for in a picture. */
const WIDTH = 720;
const HEIGHT = 280;
/** Frames until a chart that stays empty is given up. */
const FRAMES = 240;

export interface LargePlot {
  /** The drawing; null where nothing is drawn. It is there until `done`. */
  readonly plot: () => Promise<SVGSVGElement | null>;
  readonly done: () => void;
  readonly element: ReactElement | null;
}

export function useLargePlot(props: MetricChartProps): LargePlot {
  const [wanted, setWanted] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const plot = useCallback(async () => {
    setWanted(true);
    for (let frame = 0; frame < FRAMES; frame++) {
      await new Promise((resolve) => setTimeout(resolve, 16));
      if (host.current?.querySelector('[data-curve]')) break;
    }
    return host.current?.querySelector('[data-curve]')?.closest('svg') ?? null;
  }, []);
  const done = useCallback(() => setWanted(false), []);
  const element = wanted
    ? createPortal(
        <div ref={host} className={classes.offscreen} aria-hidden="true" inert>
          <MetricChart {...props} held={null} onPick={null} visible width={WIDTH} height={HEIGHT} />
        </div>,
        document.body,
      )
    : null;
  return { plot, done, element };
}
