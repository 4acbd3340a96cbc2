/** A link to all that there is to say about an entry, and from there into the editor. */
import { lazy, type ReactElement, Suspense, useRef, useState } from 'react';
import type { ObjectiveEntry, RewardEntry } from '../../core/catalogue';
import { isOwn, type OwnKind } from '../../core/own';
import { lab } from '../../store/index';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';

const EntryDetails = lazy(() => import('../../ui/EntryDetails'));

export interface DetailsProps {
  readonly entry: ObjectiveEntry | RewardEntry;
  readonly words: string;
  readonly kind: OwnKind;
  /** Where it stands in the setup. */
  readonly place: string;
}

export function Details({ entry, words, kind, place }: DetailsProps): ReactElement {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const edit = (): void => {
    setOpen(false);
    // The editor gives the keyboard back to what has it now.
    button.current?.focus();
    if (isOwn(entry.id)) lab.own.open(entry.id, place);
    else lab.own.copy(kind, entry, place);
  };
  return (
    <p className={classes.links}>
      <button ref={button} type="button" className={uiClasses.link} onClick={() => setOpen(true)}>
        {words}
      </button>
      {open ? (
        <Suspense>
          <EntryDetails entry={entry} onClose={() => setOpen(false)} onEdit={edit} />
        </Suspense>
      ) : null}
    </p>
  );
}
