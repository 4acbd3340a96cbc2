/** The labels at the line ends: the newest values, or those at the step that the pointer stands at. */
import { memo, type ReactElement, useSyncExternalStore } from 'react';
import type { MetricSpec } from '../core/charts';
import { formatNumber } from '../store/format';
import classes from './charts.module.css';
import { crosshair } from './crosshair';
import type { Holder } from './holder';
import type { LineSpec } from './lines';
import { Marker } from './Marker';
import { type EndLabel, type Picture, valueAtStep } from './picture';

export interface LabelsProps {
  readonly holder: Holder<Picture | null>;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** Whether runs have to be told apart. */
  readonly several: boolean;
  readonly left: number;
  readonly width: number;
  readonly top: number;
}

export const Labels = memo(function Labels({ holder, metrics, several, left, width, top }: LabelsProps): ReactElement {
  const picture = useSyncExternalStore(holder.subscribe, holder.get);
  const step = useSyncExternalStore(crosshair.subscribe, crosshair.get);
  return (
    <>
      {step === null ? null : (
        <span className={classes.readStep} style={{ left }}>
          at step {step}
        </span>
      )}
      <ul className={classes.labels} style={{ left, width, top }} aria-label="Last values">
        {(picture?.labels ?? []).map((label) => (
          <Label
            key={`${label.line.run.id} ${label.line.metric}`}
            label={label}
            value={step === null ? label.value : valueAtStep(label.line, step)}
            help={metrics[label.line.metric]?.help ?? ''}
            tall={picture?.tallLabels === true}
            several={several}
          />
        ))}
      </ul>
    </>
  );
});

interface LabelProps {
  readonly label: EndLabel;
  readonly value: number | null;
  readonly help: string;
  readonly tall: boolean;
  readonly several: boolean;
}

function Label({ label: { line, top }, value, help, tall, several }: LabelProps): ReactElement {
  const words = line.active || !several ? line.title : line.run.name;
  return (
    <li
      className={`${classes.label} ${tall ? classes.tall : ''}`}
      style={{ top }}
      title={`${line.run.name === '' ? '' : `${line.run.name}. `}${line.title}: ${help}`}
      data-metric={line.metric}
      data-run={line.run.id}
      data-value={value ?? ''}
    >
      <span className={classes.lineEnd}>
        <svg width="14" height="8" aria-hidden="true">
          <line x1="0" y1="4" x2="14" y2="4" stroke={colourOf(line)} strokeWidth="2" strokeDasharray={line.dash} />
        </svg>
        {several ? <Marker accent={line.accent} size={7} /> : null}
      </span>
      <span className={classes.value}>{value === null ? '·' : formatNumber(value)}</span>
      <span className={classes.words}>{words}</span>
    </li>
  );
}

export const colourOf = ({ shade, accent }: LineSpec): string =>
  shade === 1 ? accent.colour : `color-mix(in srgb, ${accent.colour} ${shade * 100}%, var(--lab-text))`;
