/** A few named numbers as bars beside each other, from 0. */
import { memo, type ReactElement } from 'react';
import { formatNumber } from '../store/format';
import classes from './charts.module.css';

export interface NamedBar {
  readonly title: string;
  readonly value: number;
  /** What stands in place of the number. */
  readonly words?: string;
  /** Drawn in the text colour, as what the others are held against. */
  readonly exact?: boolean;
}

export const ShareBars = memo(function ShareBars({
  title,
  bars,
  colour,
}: {
  title: string;
  bars: readonly NamedBar[];
  colour: string;
}): ReactElement {
  const [low, high] = [Math.min(0, ...bars.map(({ value }) => value)), Math.max(0, ...bars.map(({ value }) => value))];
  const span = high - low || 1;
  return (
    <ul className={classes.shareBars} aria-label={title}>
      {bars.map(({ title: name, value, words, exact = false }) => (
        <li key={name}>
          <span className={classes.shareTitle}>{name}</span>
          <span className={classes.shareTrack} aria-hidden="true">
            <span
              style={{
                left: `${(100 * (Math.min(0, value) - low)) / span}%`,
                width: `${(100 * Math.abs(value)) / span}%`,
                background: exact ? 'var(--lab-text)' : colour,
              }}
            />
          </span>
          <span className={classes.value}>{words ?? formatNumber(value)}</span>
        </li>
      ))}
    </ul>
  );
});
