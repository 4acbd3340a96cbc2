/** One setting of the setup by its path: it listens to its own value only. */
import { NativeSelect, Switch } from '@mantine/core';
import { memo, type ReactElement, useId } from 'react';
import type { ParamSpec, ParamValue } from '../core/params';
import { settingInWords } from '../store/diff';
import { setValue } from '../store/draft';
import { lab, useLab } from '../store/index';
import { getAt } from '../store/path';
import { FieldHead } from './FieldHead';
import { NumberField, sentence } from './NumberField';
import classes from './ui.module.css';

export interface FieldProps {
  readonly path: string;
  readonly spec: ParamSpec;
  /** What else must happen when the value changes; without it the value is simply set. */
  readonly onChange?: (value: ParamValue) => void;
}

export const Field = memo(function Field({ path, spec, onChange }: FieldProps): ReactElement | null {
  const id = useId();
  const value = useLab((state) => getAt(state.setup?.draft, path)) as ParamValue | undefined;
  const baseline = useLab((state) => getAt(state.setup?.baseline, path)) as ParamValue | undefined;
  const error = useLab((state) => (state.problem?.where === path ? state.problem.what : null));
  if (value === undefined) return null;
  const usual = baseline ?? spec.default;
  const change = onChange ?? ((next: ParamValue) => lab.change((setup) => setValue(setup, path, next)));
  if (spec.kind === 'number') {
    return <NumberField id={id} spec={spec} value={value} baseline={usual} error={error} onChange={change} />;
  }
  const head = {
    id,
    title: spec.title,
    help: `${spec.help} Default ${settingInWords(usual, spec)}.`,
    edited: value !== usual,
    baseline: settingInWords(usual, spec),
    onReset: () => change(usual),
  };
  return (
    <div className={classes.field}>
      {spec.kind === 'flag' ? (
        <FieldHead {...head}>
          <Switch id={id} size="xs" checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />
        </FieldHead>
      ) : (
        <>
          <FieldHead {...head} />
          {spec.kind === 'choice' ? (
            <NativeSelect
              id={id}
              size="xs"
              value={String(value)}
              data={spec.options.map((option) => ({ value: option.value, label: option.title }))}
              onChange={(event) => change(event.currentTarget.value)}
            />
          ) : (
            <input
              id={id}
              className={classes.number}
              style={{ width: '100%', textAlign: 'left' }}
              value={String(value)}
              onChange={(event) => change(event.currentTarget.value)}
            />
          )}
        </>
      )}
      {error === null ? null : (
        <span className={classes.error} role="alert">
          {sentence(error)}
        </span>
      )}
    </div>
  );
});

/** The settings of a declaration, in its order. Keys in `skip` are drawn elsewhere. */
export function Fields({ path, specs, skip = [] }: { path: string; specs: Readonly<Record<string, ParamSpec>>; skip?: readonly string[] }) {
  return Object.entries(specs)
    .filter(([key]) => !skip.includes(key))
    .map(([key, spec]) => <Field key={key} path={`${path}.${key}`} spec={spec} />);
}
