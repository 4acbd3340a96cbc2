/** The first line of a setting: its name with a tooltip, the way back to its default, and what stands on the right. */
import { ActionIcon, Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Icon } from './icons';
import classes from './ui.module.css';

export interface FieldHeadProps {
  readonly id: string;
  readonly title: string;
  /** The tooltip: what the setting does, with its range and default. */
  readonly help: string;
  readonly edited: boolean;
  /** The value that a reset gives, in words. */
  readonly baseline: string;
  readonly onReset: () => void;
  readonly children?: ReactNode;
}

export function FieldHead({ id, title, help, edited, baseline, onReset, children }: FieldHeadProps): ReactElement {
  return (
    <div className={classes.fieldHead}>
      <Tooltip label={help} multiline w={260} position="right" openDelay={250} events={{ hover: true, focus: false, touch: true }}>
        <label htmlFor={id} className={`${classes.fieldLabel} ${edited ? classes.edited : ''}`}>
          {title}
        </label>
      </Tooltip>
      {edited ? (
        <ActionIcon
          variant="subtle"
          size={22}
          onClick={onReset}
          aria-label={`Reset ${title} to ${baseline}`}
          title={`Reset to ${baseline}`}
        >
          <Icon name="undo" size={13} />
        </ActionIcon>
      ) : null}
      {children}
    </div>
  );
}
