/** What of a link could not be used, sentence by sentence, until it is dismissed. */
import type { ReactElement } from 'react';
import { linkView, useLinkView } from '../store/link-view';
import { Icon } from './icons';
import classes from './share.module.css';

export default function LinkNote(): ReactElement | null {
  const problems = useLinkView((view) => view.problems);
  if (problems.length === 0) return null;
  return (
    <div className={classes.note} role="status" data-testid="link-note">
      <Icon name="warn" />
      <div className={classes.noteText}>
        <strong>The link was opened, but for this:</strong>
        <ul>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </div>
      <button type="button" className={classes.close} aria-label="Dismiss" onClick={() => linkView.setState({ problems: [] })}>
        <Icon name="close" size={14} />
      </button>
    </div>
  );
}
