/** Says that a newer version is there. It waits for as long as the reader likes. */
import { type ReactElement, useState } from 'react';
import { useLab } from '../../store/index';
import { Icon } from '../../ui/icons';
import classes from '../../ui/ui.module.css';
import { updateSite, useOffline } from './page';

export function UpdateNotice(): ReactElement | null {
  const update = useOffline((state) => state.update);
  const trains = useLab((state) => Object.values(state.runs).some((run) => run.state === 'running' || run.state === 'preparing'));
  const [dismissed, setDismissed] = useState(false);
  const [leaving, setLeaving] = useState(false);
  if (!update || dismissed) return null;
  const reload = (): void => {
    setLeaving(true);
    void updateSite();
  };
  return (
    <div className={classes.notice} data-testid="update">
      <span>
        A new version is ready.
        {trains ? ' Reload pauses the run that trains; it goes on from there.' : ''}
      </span>
      <button type="button" className={classes.noticeButton} disabled={leaving} onClick={reload}>
        Reload
      </button>
      <button type="button" className={classes.noticeClose} aria-label="Later" onClick={() => setDismissed(true)}>
        <Icon name="close" size={14} />
      </button>
    </div>
  );
}
