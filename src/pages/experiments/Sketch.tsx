/** A curve that the reader draws over a chart, by pointer or by keyboard. */
import { type KeyboardEvent, type PointerEvent, type ReactElement, useRef, useState } from 'react';
import type { Experiment } from '../../core/experiment';
import { type ArmCurves, meanOf, type Points, type SketchPrediction, valueAt } from '../../core/lesson';
import { formatNumber } from '../../store/format';
import classes from './experiments.module.css';
import { AROUND, ResultChart } from './ResultChart';

export interface SketchProps {
  readonly experiment: Experiment;
  readonly prediction: SketchPrediction;
  readonly title: string;
  /** What is drawn before the sketch begins. */
  readonly recorded: ArmCurves;
  readonly sketch: Points | undefined;
  readonly onSketch: (sketch: Points) => void;
  readonly width: number;
  readonly height: number;
  readonly scale?: number;
}

/** Points of a sketch. */
const POINTS = 9;
/** Of the axis, for one press of a key. */
const KEY_STEP = 0.05;

const NONE: ArmCurves = {};

export function Sketch({ experiment, prediction, title, recorded, sketch, onSketch, width, height, scale = 1 }: SketchProps): ReactElement {
  const { from, to, low, high, arm, metric } = prediction;
  const [at, setAt] = useState(POINTS - 1);
  const last = useRef<{ index: number; value: number } | null>(null);
  const steps = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  /** Where the result is told up to, the sketch begins on it. */
  const begin = from === 0 ? null : valueAt(meanOf(recorded[arm] ?? [], metric), from);
  const values = sketch?.map(([, value]) => value) ?? null;

  const put = (changes: readonly { readonly index: number; readonly value: number }[]): void => {
    const next = values === null ? steps.map(() => changes.at(-1)?.value ?? low) : [...values];
    for (const { index, value } of changes) next[index] = Math.min(high, Math.max(low, value));
    if (begin !== null) next[0] = begin;
    onSketch(steps.map((step, i) => [step, Number((next[i] as number).toPrecision(4))]));
  };

  const pointed = (event: PointerEvent<HTMLDivElement>): { index: number; value: number } => {
    const box = event.currentTarget.getBoundingClientRect();
    // The page may be drawn larger than it is laid out.
    const grown = box.width / width;
    const { left, right, top, bottom } = AROUND;
    const x = ((event.clientX - box.left) / grown - left * scale) / (width - (left + right) * scale);
    const y = ((event.clientY - box.top) / grown - top * scale) / (height - (top + bottom) * scale);
    const index = Math.round(((x * to - from) / (to - from)) * (POINTS - 1));
    return { index: Math.min(POINTS - 1, Math.max(0, index)), value: high - y * (high - low) };
  };
  const onPointer = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
    else if (last.current === null) return;
    const now = pointed(event);
    const before = last.current ?? now;
    last.current = now;
    // A quick stroke passes over points.
    const count = Math.abs(now.index - before.index);
    const passed = Array.from({ length: count }, (_, i) => {
      const share = i / count;
      return { index: before.index + Math.sign(now.index - before.index) * i, value: before.value + (now.value - before.value) * share };
    });
    setAt(now.index);
    put([...passed, now]);
  };
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by === undefined && up === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (by !== undefined) setAt(Math.min(POINTS - 1, Math.max(0, at + by)));
    else put([{ index: at, value: (values?.[at] ?? (low + high) / 2) + (up as number) * KEY_STEP * (high - low) }]);
  };

  const value = values?.[at];
  return (
    <div className={classes.sketch}>
      <div
        className={classes.sketchField}
        style={{ width, height }}
        role="slider"
        tabIndex={0}
        aria-label={`${title}: your curve. Left and right choose a step, up and down move the curve there.`}
        aria-valuemin={low}
        aria-valuemax={high}
        aria-valuenow={value ?? (low + high) / 2}
        aria-valuetext={`step ${Math.round(steps[at] as number)}: ${value === undefined ? 'not drawn' : formatNumber(value)}`}
        data-testid="sketch"
        onPointerDown={onPointer}
        onPointerMove={onPointer}
        onPointerUp={() => {
          last.current = null;
        }}
        onKeyDown={onKey}
      >
        <ResultChart
          experiment={experiment}
          metric={metric}
          title={title}
          recorded={from === 0 ? NONE : recorded}
          own={NONE}
          only={[arm]}
          until={from}
          {...(sketch === undefined ? {} : { prediction: sketch })}
          frame={prediction}
          width={width}
          height={height}
          scale={scale}
          bare
        />
        {sketch === undefined ? <p className={classes.sketchHint}>Draw here, by pointer or with the arrow keys</p> : null}
      </div>
    </div>
  );
}
