/** A choice among entries of the catalogue, with its one-line summary below. */
import { NativeSelect } from '@mantine/core';
import { type ReactElement, useId } from 'react';
import { sentence } from './NumberField';
import classes from './ui.module.css';

export interface PickProps {
  readonly label: string;
  readonly testId: string;
  readonly value: string;
  readonly entries: readonly { readonly id: string; readonly title: string; readonly summary?: string }[];
  readonly error?: string | null;
  readonly onPick: (id: string) => void;
}

export function Pick({ label, testId, value, entries, error = null, onPick }: PickProps): ReactElement {
  const id = useId();
  const summary = entries.find((entry) => entry.id === value)?.summary ?? '';
  return (
    <div>
      <NativeSelect
        size="xs"
        aria-label={label}
        aria-describedby={summary === '' ? undefined : id}
        data-testid={testId}
        value={value}
        error={error === null ? undefined : sentence(error)}
        data={entries.map((entry) => ({ value: entry.id, label: entry.title }))}
        onChange={(event) => onPick(event.currentTarget.value)}
      />
      {summary === '' ? null : (
        <p id={id} className={classes.note}>
          {summary}
        </p>
      )}
    </div>
  );
}
