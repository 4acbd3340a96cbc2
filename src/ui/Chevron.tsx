/** The arrow in front of what can be folded: it turns when that opens. */
import type { ReactElement } from 'react';
import { Icon } from './icons';
import classes from './ui.module.css';

export const Chevron = ({ open }: { readonly open: boolean }): ReactElement => (
  <span className={classes.chevron} data-open={open || undefined}>
    <Icon name="chevron" size={11} />
  </span>
);
