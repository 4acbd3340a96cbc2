/** A part of a panel that can be folded; its content is not there while it is. */
import { type ReactElement, type ReactNode, useId, useState } from 'react';
import { Chevron } from './Chevron';
import classes from './ui.module.css';

export interface SectionProps {
  readonly title: string;
  /** What it holds in a few words, seen while it is folded. */
  readonly note?: string;
  readonly open?: boolean;
  readonly children: ReactNode;
}

export function Section({ title, note = '', open = true, children }: SectionProps): ReactElement {
  const [isOpen, setOpen] = useState(open);
  const id = useId();
  return (
    <div className={classes.section}>
      <h3 className={classes.sectionTitle}>
        <button type="button" className={classes.sectionHead} aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          <Chevron open={isOpen} />
          {title}
          <span className={classes.sectionNote}>{isOpen ? '' : note}</span>
        </button>
      </h3>
      <div id={id} className={classes.sectionBody} hidden={!isOpen}>
        {isOpen ? children : null}
      </div>
    </div>
  );
}
