/** Tabs that keep what is behind them, so that a scrubbed step or a typed search is still there. */
import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useId, useState } from 'react';
import { askedSetting } from './asked';
import classes from './lab.module.css';

export interface TabsProps {
  readonly tabs: Readonly<Record<string, ReactNode>>;
  /** The first one where it is not given. */
  readonly opens?: string;
}

export function Tabs({ tabs, opens }: TabsProps): ReactElement {
  const names = Object.keys(tabs);
  const [chosen, setOpen] = useState(opens ?? names[0]);
  const open = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
  const id = useId();
  const hasSetup = 'Setup' in tabs;
  // A setting that is pointed to is in the setup, which has to be open to show it.
  useEffect(() => (hasSetup ? askedSetting.subscribe(() => setOpen('Setup')) : undefined), [hasSetup]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    const next = names[(names.indexOf(open ?? '') + by + names.length) % names.length];
    setOpen(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <>
      <div className={classes.tabs} data-count={names.length} role="tablist" aria-label="Panels" onKeyDown={onKeyDown} tabIndex={-1}>
        {names.map((name) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            className={classes.tab}
            aria-selected={name === open}
            aria-controls={`${id}-${name}-panel`}
            tabIndex={name === open ? 0 : -1}
            onClick={() => setOpen(name)}
          >
            {name}
          </button>
        ))}
      </div>
      {names.map((name) => (
        <div
          key={name}
          id={`${id}-${name}-panel`}
          className={classes.narrowBody}
          role="tabpanel"
          aria-labelledby={`${id}-${name}`}
          hidden={name !== open}
        >
          {tabs[name]}
        </div>
      ))}
    </>
  );
}
