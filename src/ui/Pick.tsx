/** A choice among entries of the catalogue, with its one-line summary below. */
import { NativeSelect } from '@mantine/core';
import { type ReactElement, useId } from 'react';
import { sentence } from './NumberField';
import { type PickProps, SearchPick } from './SearchPick';
import classes from './ui.module.css';

/** More entries than this are searched rather than scrolled through. */
const MANY = 20;

export function Pick(props: PickProps): ReactElement {
  return props.entries.length > MANY ? <SearchPick {...props} /> : <ShortPick {...props} />;
}

function ShortPick({ label, testId, value, entries, error = null, onPick }: PickProps): ReactElement {
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
        data={grouped(entries)}
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

type Item = { value: string; label: string };

/** Entries of one group lie together under its name; those of none stand by themselves. */
function grouped(entries: PickProps['entries']): (Item | { group: string; items: Item[] })[] {
  const item = ({ id, title }: PickProps['entries'][number]): Item => ({ value: id, label: title });
  const groups = [...new Set(entries.flatMap(({ group }) => (group === undefined ? [] : [group])))];
  return [
    ...entries.filter(({ group }) => group === undefined).map(item),
    ...groups.map((group) => ({ group, items: entries.filter((entry) => entry.group === group).map(item) })),
  ];
}
