/** What can be done with a run: the frequent things as buttons, the rest in a menu. */
import { ActionIcon, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { lab } from '../../store/index';
import { canResume, type Run } from '../../store/run';
import { Icon } from '../../ui/icons';
import classes from './lab.module.css';

export interface RunMenuProps {
  readonly run: Run;
  readonly active: boolean;
  readonly onEdit: (what: 'name' | 'note') => void;
}

export function RunMenu({ run, active, onEdit }: RunMenuProps): ReactElement {
  const { id, name } = run;
  const visible = run.visible || active;
  const tool = { variant: 'subtle', size: 'sm' } as const;
  return (
    <div className={classes.runTools}>
      {canResume(run) ? (
        <ActionIcon {...tool} aria-label={`Resume ${name}`} title="Resume" onClick={() => lab.resume(id)}>
          <Icon name="play" size={12} />
        </ActionIcon>
      ) : null}
      <ActionIcon
        {...tool}
        aria-label={`Star ${name}`}
        aria-pressed={run.starred === true}
        title={run.starred ? 'Take the star away' : 'Star'}
        onClick={() => lab.library.annotate(id, { starred: run.starred !== true })}
      >
        <Icon name={run.starred ? 'starred' : 'star'} size={14} />
      </ActionIcon>
      <ActionIcon
        {...tool}
        aria-label={`Show ${name} in the charts`}
        aria-pressed={visible}
        disabled={active}
        title={run.visible ? 'Hide' : 'Show in the charts'}
        onClick={() => lab.library.setVisible(id, !run.visible)}
      >
        <Icon name={visible ? 'eye' : 'eyeOff'} size={14} />
      </ActionIcon>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon {...tool} aria-label={`More for ${name}`} title="More">
            <Icon name="more" size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onEdit('name')}>Rename</Menu.Item>
          <Menu.Item onClick={() => onEdit('note')}>{run.note ? 'Edit the note' : 'Add a note'}</Menu.Item>
          <Menu.Item onClick={() => lab.library.annotate(id, { pinned: run.pinned !== true })}>{run.pinned ? 'Unpin' : 'Pin'}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="var(--lab-bad)" onClick={() => lab.library.remove(id)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
