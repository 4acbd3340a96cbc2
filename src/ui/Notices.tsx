/** Sentences at the bottom of the page, with something to do about them. */
import type { ReactElement, ReactNode } from 'react';
import { lab, useLab } from '../store/index';
import { removeNotice } from '../store/state';
import { Icon } from './icons';
import classes from './ui.module.css';

/** @param children what stays below them until it is dealt with */
export function Notices({ children }: { children?: ReactNode }): ReactElement {
  const notices = useLab((state) => state.notices);
  return (
    <div className={classes.notices} role="status">
      {notices.map(({ id, text, action }) => (
        <div key={id} className={classes.notice}>
          <span>{text}</span>
          {action === null ? null : (
            <button type="button" className={classes.noticeButton} onClick={action.run}>
              {action.label}
            </button>
          )}
          <button type="button" className={classes.noticeClose} aria-label="Dismiss" onClick={() => removeNotice(lab.store, id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
      {children}
    </div>
  );
}
