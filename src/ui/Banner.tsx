/** A strip that says what is wrong with the lab as a whole, and what to do about it. */
import { type ReactElement, type ReactNode, useState } from 'react';
import { Icon } from './icons';
import classes from './ui.module.css';

export interface BannerProps {
  readonly tone: 'note' | 'bad';
  readonly testId?: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function Banner({ tone, testId, children, action }: BannerProps): ReactElement | null {
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  return (
    <div className={classes.banner} data-tone={tone} data-testid={testId} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name="warn" />
      <p className={classes.bannerText}>{children}</p>
      {action}
      {tone === 'note' ? (
        <button type="button" className={classes.noticeClose} aria-label="Dismiss" onClick={() => setDismissed(true)}>
          <Icon name="close" size={14} />
        </button>
      ) : null}
    </div>
  );
}
