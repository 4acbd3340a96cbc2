/** What can be done with a run: the frequent things as buttons, the rest in a menu. */
import { ActionIcon, Menu } from '@mantine/core';
import { type ReactElement, useRef } from 'react';
import { lab } from '../../store/index';
import { canResume, type Run } from '../../store/run';
import { Icon } from '../../ui/icons';
import { saveBundle, saveMetrics } from './keep';
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
  const target = useRef<HTMLButtonElement>(null);
  /** What to do once the menu is gone, which takes the focus with it. */
  const chosen = useRef<'name' | 'note' | null>(null);
  const edit = (what: 'name' | 'note') => () => {
    chosen.current = what;
  };
  const onExit = (): void => {
    if (chosen.current !== null) onEdit(chosen.current);
    else if (document.activeElement === document.body) target.current?.focus();
    chosen.current = null;
  };
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
      <Menu position="bottom-end" withinPortal returnFocus={false} onExitTransitionEnd={onExit}>
        <Menu.Target>
          <ActionIcon {...tool} ref={target} aria-label={`More for ${name}`} title="More">
            <Icon name="more" size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={edit('name')}>Rename</Menu.Item>
          <Menu.Item onClick={edit('note')}>{run.note ? 'Edit the note' : 'Add a note'}</Menu.Item>
          <Menu.Item onClick={() => lab.library.annotate(id, { pinned: run.pinned !== true })}>{run.pinned ? 'Unpin' : 'Pin'}</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => void saveBundle([id])}>Save as a bundle</Menu.Item>
          <Menu.Item onClick={() => void saveMetrics([id], 'csv')}>Metrics as CSV</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="var(--lab-bad)" onClick={() => lab.library.remove(id)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
