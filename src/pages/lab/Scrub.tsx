/** The slider over the steps at which a run was looked at. */
import type { ReactElement } from 'react';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';

export interface ScrubProps {
  readonly steps: readonly number[];
  /** Of the step on show. */
  readonly index: number;
  /** Null for the newest, and all that come after it. */
  readonly onHold: (step: number | null) => void;
}

export function Scrub({ steps, index, onHold }: ScrubProps): ReactElement | null {
  if (steps.length === 0) return null;
  const last = steps.length - 1;
  const step = steps[index] ?? 0;
  return (
    <div className={classes.scrub}>
      <span className={`${classes.num} ${classes.scrubStep}`}>step {step}</span>
      <input
        type="range"
        className={uiClasses.slider}
        min={0}
        max={Math.max(1, last)}
        disabled={last === 0}
        value={index}
        aria-label="Recorded step"
        aria-valuetext={`step ${step}`}
        onChange={(event) => {
          const next = Number(event.currentTarget.value);
          onHold(next >= last ? null : (steps[next] ?? null));
        }}
      />
      <button type="button" className={uiClasses.link} disabled={index === last} onClick={() => onHold(null)}>
        {index === last ? 'newest' : 'to the newest'}
      </button>
    </div>
  );
}

/** The newest of ascending steps that is not after the held one; the newest of all where none is held, or all come after. */
export function heldIndex(steps: readonly number[], held: number | null): number {
  const found = held === null ? -1 : steps.findLastIndex((step) => step <= held);
  return found < 0 ? steps.length - 1 : found;
}
