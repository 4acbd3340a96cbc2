/** Says in the header that there is no network, and whether that matters. */
import { VisuallyHidden } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { Icon } from '../../ui/icons';
import classes from './offline.module.css';
import { useOffline } from './page';

export const OfflineMark = memo(function OfflineMark(): ReactElement | null {
  const offline = useOffline((state) => state.offline);
  const kept = useOffline((state) => state.kept === 'yes');
  if (!offline) return null;
  const words = kept
    ? 'No network. Everything in the lab works without one.'
    : 'No network. The lab is not kept here yet: a reload would lose it.';
  return (
    <span className={classes.mark} role="status" title={words} data-testid="offline">
      <Icon name="offline" size={14} />
      <span className={classes.word}>offline</span>
      <VisuallyHidden>{words}</VisuallyHidden>
    </span>
  );
});
