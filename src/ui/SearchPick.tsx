/** A choice among many entries: a button that opens a list in groups, with a field to search it. Keys and touch alike. */
import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { type KeyboardEvent, type ReactElement, useEffect, useId, useState } from 'react';
import { sentence } from './NumberField';
import { searchEntries } from './search';
import classes from './ui.module.css';

export interface PickProps {
  readonly label: string;
  readonly testId: string;
  readonly value: string;
  readonly entries: readonly { readonly id: string; readonly title: string; readonly summary?: string; readonly group?: string }[];
  readonly error?: string | null;
  readonly onPick: (id: string) => void;
}

export function SearchPick({ label, testId, value, entries, error = null, onPick }: PickProps): ReactElement {
  const id = useId();
  const [query, setQuery] = useState('');
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      setQuery('');
      combobox.resetSelectedOption();
      combobox.focusTarget();
    },
  });
  const chosen = entries.find((entry) => entry.id === value);
  const groups = combobox.dropdownOpened ? searchEntries(entries, query) : [];
  const { dropdownOpened, selectFirstOption, selectActiveOption } = combobox;
  // The best find is at hand for Enter; without a query, what is chosen now.
  useEffect(() => {
    if (!dropdownOpened) return undefined;
    // The list stands a frame after it has been asked for.
    const frame = requestAnimationFrame(() => (query.trim() === '' ? selectActiveOption() : selectFirstOption()));
    return () => cancelAnimationFrame(frame);
  }, [dropdownOpened, query, selectFirstOption, selectActiveOption]);
  /** The field has the focus a moment after the list opens: what is typed until then is typed into it all the same. */
  const typeAhead = (event: KeyboardEvent): void => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (!dropdownOpened || target instanceof HTMLInputElement || key.length > 1 || altKey || ctrlKey || metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    setQuery((typed) => typed + key);
  };
  return (
    <div onKeyDownCapture={typeAhead}>
      <Combobox
        store={combobox}
        position="bottom-start"
        width={340}
        middlewares={{ shift: { padding: 8 }, flip: true, size: true }}
        onOptionSubmit={(next) => {
          combobox.closeDropdown();
          if (next !== value) onPick(next);
        }}
      >
        <Combobox.Target targetType="button">
          <InputBase
            component="button"
            type="button"
            size="xs"
            pointer
            rightSection={<Combobox.Chevron />}
            rightSectionPointerEvents="none"
            aria-label={`${label}: ${chosen?.title ?? value}`}
            aria-describedby={chosen?.summary ? id : undefined}
            data-testid={testId}
            data-value={value}
            error={error === null ? undefined : sentence(error)}
            onClick={() => combobox.toggleDropdown()}
          >
            <span className={classes.picked}>{chosen?.title ?? value}</span>
          </InputBase>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Search
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            placeholder={`Find among ${entries.length} by name, id or what it does`}
            aria-label={`Find: ${label}`}
            data-testid={`${testId}-search`}
          />
          <Combobox.Options className={classes.pickOptions} aria-label={label}>
            {groups.map(({ name, entries: inGroup }) => {
              const options = inGroup.map((entry) => (
                <Combobox.Option key={entry.id} value={entry.id} active={entry.id === value} data-id={entry.id}>
                  <span className={classes.pickTitle}>
                    {entry.title}
                    {entry.id === value ? <span className={classes.pickMark}>chosen</span> : null}
                  </span>
                  {entry.summary ? <span className={classes.pickSummary}>{entry.summary}</span> : null}
                </Combobox.Option>
              ));
              return name === '' ? (
                options
              ) : (
                <Combobox.Group key={name} label={name}>
                  {options}
                </Combobox.Group>
              );
            })}
            {groups.length === 0 ? <Combobox.Empty>Nothing here is called that, or does that.</Combobox.Empty> : null}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {chosen?.summary ? (
        <p id={id} className={classes.note}>
          {chosen.summary}
        </p>
      ) : null}
    </div>
  );
}
