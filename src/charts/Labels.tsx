/** The labels at the line ends: the newest values, or those where the pointer stands. Pointing at one makes its lines stand out. */
import { memo, type ReactElement, useSyncExternalStore } from 'react';
import type { MetricSpec } from '../core/charts';
import { formatNumber } from '../store/format';
import classes from './charts.module.css';
import { crosshair, highlight } from './crosshair';
import type { Holder } from './holder';
import type { LineSpec } from './lines';
import { Marker } from './Marker';
import { type EndLabel, type Look, type Picture, type Value, valueAtX } from './picture';

export interface LabelsProps {
  readonly holder: Holder<Picture | null>;
  readonly look: Look;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** Whether entries have to be told apart. */
  readonly several: boolean;
  readonly left: number;
  readonly width: number;
  readonly top: number;
}

export const Labels = memo(function Labels({ holder, look, metrics, several, left, width, top }: LabelsProps): ReactElement {
  const picture = useSyncExternalStore(holder.subscribe, holder.get);
  const at = useSyncExternalStore(crosshair.subscribe, crosshair.get);
  const lit = useSyncExternalStore(highlight.subscribe, highlight.get);
  const unlabelled = picture?.unlabelled ?? 0;
  return (
    <>
      {at === null ? null : (
        <span className={classes.readStep} style={{ left, width }} title={look.axis.title}>
          {xInWords(at, look)}
        </span>
      )}
      <ul className={classes.labels} style={{ left, width, top }} aria-label="Last values">
        {(picture?.labels ?? []).map((label) => (
          <Label
            key={`${label.line.entry.id} ${label.line.metric}`}
            label={label}
            read={at === null ? label : valueAtX(label.line, at, look)}
            help={metrics[label.line.metric]?.help ?? ''}
            tall={picture?.tallLabels === true}
            several={several}
            dim={lit !== null && lit !== label.line.entry.id}
          />
        ))}
      </ul>
      {unlabelled > 0 && several && at === null ? (
        <span className={classes.readStep} style={{ left, width }}>
          and {unlabelled} more
        </span>
      ) : null}
    </>
  );
});

/** Where the pointer stands. */
export const xInWords = (at: number, { axis }: Pick<Look, 'axis'>): string =>
  axis.id === 'step' ? `at step ${at}` : `at ${formatNumber(at)} ${axis.title}`;

interface LabelProps {
  readonly label: EndLabel;
  readonly read: Value | null;
  readonly help: string;
  readonly tall: boolean;
  readonly several: boolean;
  readonly dim: boolean;
}

function Label({ label: { line, top }, read, help, tall, several, dim }: LabelProps): ReactElement {
  const { entry, title, members } = line;
  const words = line.active || !several ? title : entry.name;
  const count = entry.runs.length > 1 ? ` (${members.length} runs)` : '';
  return (
    <li
      className={`${classes.label} ${tall ? classes.tall : ''}`}
      style={{ top, ...(dim ? { opacity: 0.35 } : {}) }}
      title={`${entry.name === '' ? '' : `${entry.name}${count}. `}${title}: ${help}`}
      data-metric={line.metric}
      data-run={entry.id}
      data-value={read?.value ?? ''}
      onPointerEnter={several ? () => highlight.set(entry.id) : undefined}
      onPointerLeave={several ? () => highlight.set(null) : undefined}
    >
      <span className={classes.lineEnd}>
        <svg width="14" height="8" aria-hidden="true">
          <line x1="0" y1="4" x2="14" y2="4" stroke={colourOf(line)} strokeWidth="2" strokeDasharray={line.dash} />
        </svg>
        {several ? <Marker accent={line.accent} size={7} /> : null}
      </span>
      <span className={classes.readValue}>
        <span className={classes.value}>{read === null ? '·' : formatNumber(read.value)}</span>
        {read === null || read.spread === '' ? null : <span className={classes.words}>{read.spread}</span>}
      </span>
      <span className={classes.words}>{words}</span>
    </li>
  );
}

export const colourOf = ({ shade, accent }: LineSpec): string =>
  shade === 1 ? accent.colour : `color-mix(in srgb, ${accent.colour} ${shade * 100}%, var(--lab-text))`;
