/** A number: a slider, and a field that takes any way of writing it. */
import { type ReactElement, useState } from 'react';
import type { NumberParam, ParamValue } from '../core/params';
import { formatSetting } from '../store/format';
import { FieldHead } from './FieldHead';
import { PLACES, placeOf, valueAt } from './slider';
import classes from './ui.module.css';

export interface NumberFieldProps {
  readonly id: string;
  readonly spec: NumberParam;
  readonly value: ParamValue;
  readonly baseline: ParamValue;
  readonly error: string | null;
  readonly onChange: (value: ParamValue) => void;
}

export function NumberField({ id, spec, value, baseline, error, onChange }: NumberFieldProps): ReactElement {
  // A value that comes from elsewhere, such as a reset, replaces what was being typed over another.
  const [typing, setTyping] = useState<{ readonly text: string; readonly over: ParamValue } | null>(null);
  const typed = typing?.over === value ? typing.text : null;
  const shown = typed ?? inWords(value);
  const commit = (): void => {
    if (typed === null) return;
    const next = read(typed);
    setTyping(null);
    if (next !== value) onChange(next);
  };
  const range = `${formatSetting(spec.min)} to ${formatSetting(spec.max)}${spec.unit === undefined ? '' : ` ${spec.unit}`}`;
  const help = `${spec.help} Range ${range}; default ${inWords(baseline)}.`;
  const errorId = `${id}-error`;
  return (
    <div className={classes.field}>
      <FieldHead
        id={id}
        title={spec.title}
        help={help}
        edited={value !== baseline}
        baseline={inWords(baseline)}
        onReset={() => onChange(baseline)}
      >
        <input
          id={id}
          className={classes.number}
          type="text"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          value={shown}
          data-edited={value !== baseline || undefined}
          data-settled={typed === null || undefined}
          aria-invalid={error !== null}
          aria-describedby={error === null ? undefined : errorId}
          title={help}
          onChange={(event) => setTyping({ text: event.currentTarget.value, over: value })}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit();
            if (event.key === 'Escape') setTyping(null);
          }}
        />
      </FieldHead>
      <div className={classes.sliderRow}>
        <input
          className={classes.slider}
          type="range"
          min={0}
          max={PLACES}
          step={1}
          value={typeof value === 'number' ? placeOf(spec, value) : 0}
          aria-label={spec.title}
          aria-valuetext={`${inWords(value)}${spec.unit === undefined ? '' : ` ${spec.unit}`}`}
          onChange={(event) => onChange(valueAt(spec, Number(event.currentTarget.value)))}
        />
        {spec.unit === undefined ? null : <span className={classes.unit}>{spec.unit}</span>}
      </div>
      {error === null ? null : (
        <span id={errorId} className={classes.error} role="alert">
          {sentence(error)}
        </span>
      )}
    </div>
  );
}

const inWords = (value: ParamValue): string => (typeof value === 'number' ? formatSetting(value) : String(value));

/** A typed number; whatever is none stays as it was typed, so that the reason can stand beside it. */
function read(typed: string): ParamValue {
  const text = typed
    .trim()
    .replace(',', '.')
    .replace('−', '-')
    .replace(/[\s\u202f_]/g, '');
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? typed.trim() : value;
}

/** The first letter large and a full stop at the end. */
export const sentence = (words: string): string => {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
};
