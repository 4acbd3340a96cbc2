/**
 * Where a chart is pointed at. Moving reads off; dragging zooms in, with shift it moves along; a double click shows all again; a
 * click goes to the step. The arrow keys do the same for those who use no pointer, and say what they read.
 */
import { type KeyboardEvent, type PointerEvent, type ReactElement, type ReactNode, useRef, useState, useSyncExternalStore } from 'react';
import { formatNumber } from '../store/format';
import type { Recordings } from '../store/recording';
import classes from './charts.module.css';
import { crosshair, zoom } from './crosshair';
import { indexAt } from './curve';
import type { Box } from './distribution';
import type { Holder } from './holder';
import { xInWords } from './Labels';
import type { ChartRun } from './lines';
import { type Look, type Picture, valueAtX } from './picture';
import { type Frame, keyAction, pan, type Stretch, xAt, zoomInto } from './pointing';
import { EDGES } from './scale';
import { xValues } from './xaxis';

export interface PlotAreaProps {
  readonly title: string;
  readonly frame: Frame;
  readonly holder: Holder<Picture | null>;
  readonly look: Look;
  readonly box: Box;
  readonly active: ChartRun | null;
  readonly recordings: Recordings;
  readonly onPick: ((step: number) => void) | null;
  readonly children: ReactNode;
}

/** A press that moves less than this is a click. */
const CLICK_PX = 5;

interface Press {
  readonly share: number;
  readonly clientX: number;
  readonly moving: boolean;
  /** Where the pointer was last. */
  last: number;
  dragged: boolean;
}

export function PlotArea(props: PlotAreaProps): ReactElement {
  const { title, frame, holder, look, box, active, recordings, onPick } = props;
  const press = useRef<Press | null>(null);
  const [selected, setSelected] = useState<Stretch | null>(null);
  const [focused, setFocused] = useState(false);
  const shareAt = (event: PointerEvent): number =>
    (event.clientX - event.currentTarget.getBoundingClientRect().left - box.left) / box.width;

  const go = (x: number): void => {
    if (onPick === null || active === null) return;
    const step = stepAt(active, recordings, frame, x);
    if (step !== null) onPick(step);
  };
  const onDown = (event: PointerEvent<HTMLDivElement>): void => {
    const share = shareAt(event);
    if (event.button !== 0 || share < 0 || share > 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    press.current = { share, clientX: event.clientX, moving: event.shiftKey, last: share, dragged: false };
  };
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    const share = shareAt(event);
    crosshair.set(share < 0 || share > 1 ? null : xAt(frame, share));
    const pressed = press.current;
    if (pressed === null) return;
    pressed.dragged ||= Math.abs(event.clientX - pressed.clientX) >= CLICK_PX;
    if (!pressed.dragged) return;
    if (pressed.moving) pan(frame, pressed.last - share);
    else setSelected({ from: Math.max(0, Math.min(pressed.share, share)), to: Math.min(1, Math.max(pressed.share, share)) });
    pressed.last = share;
  };
  const onUp = (event: PointerEvent<HTMLDivElement>): void => {
    const pressed = press.current;
    press.current = null;
    setSelected(null);
    if (pressed === null || event.type === 'pointercancel') return;
    if (!pressed.dragged) go(xAt(frame, pressed.share));
    else if (!pressed.moving) zoomInto(frame, pressed.share, shareAt(event));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = crosshair.get();
    const action = keyAction(event.key, event.shiftKey, frame, holder.get()?.full ?? frame.shown.domain, () => at !== null && go(at));
    if (action === null) return;
    event.preventDefault();
    action();
  };
  const domain = frame.shown.domain;
  const at = useSyncExternalStore(crosshair.subscribe, () => (focused ? crosshair.get() : null));
  return (
    <div
      className={classes.plot}
      style={{ width: box.left + box.width + EDGES.right }}
      role="slider"
      tabIndex={0}
      aria-label={`${title}: read off by ${frame.axis.title}`}
      aria-valuemin={domain[0]}
      aria-valuemax={domain[1]}
      aria-valuenow={at ?? domain[1]}
      aria-valuetext={at === null ? 'newest values' : inWords(holder.get(), at, look)}
      aria-description="Arrow keys read off, shift and arrow keys move along, plus and minus zoom, 0 shows all."
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={onUp}
      onPointerLeave={() => press.current === null && crosshair.set(null)}
      onDoubleClick={() => zoom.set(null)}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        crosshair.set(null);
      }}
    >
      <div aria-hidden="true">{props.children}</div>
      {selected === null ? null : (
        <div
          className={classes.selected}
          style={{
            left: box.left + selected.from * box.width,
            width: (selected.to - selected.from) * box.width,
            top: box.top,
            height: box.height,
          }}
        />
      )}
    </div>
  );
}

/** The step at which a run stood at an x; null where it has no steps. */
function stepAt(run: ChartRun, recordings: Recordings, { axis }: Frame, x: number): number | null {
  const series = recordings.get(run.id)?.series;
  if (series === undefined || series.length === 0) return null;
  if (axis.id === 'step') return x;
  const along = xValues(run, series, axis);
  const row = indexAt({ x: along, y: along, length: series.length, ordered: axis.ordered }, x);
  return series.steps[Math.max(0, row)] ?? null;
}

/** What the lines show at an x, to be read out. */
function inWords(picture: Picture | null, at: number, look: Look): string {
  const values = (picture?.labels ?? []).map(({ line }) => {
    const read = valueAtX(line, at, look);
    const name = line.active || line.entry.name === '' ? line.title : `${line.entry.name}, ${line.title}`;
    return `${name} ${read === null ? 'nothing yet' : `${formatNumber(read.value)} ${read.spread}`.trim()}`;
  });
  return `${xInWords(at, look)}: ${values.join('; ')}`;
}
